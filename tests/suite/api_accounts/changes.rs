//! Changing an account, as it was read and no other.

use latchkey::domain::audit::Action;
use serde_json::{Value, json};

use super::{administrator, code, errors, path, program, send, stored};
use crate::{
    services::{at_once, events},
    support::World,
};

on_both!(
    what_is_left_out_stays,
    a_change_names_what_it_changes,
    what_is_wrong_or_taken_is_named,
    eight_at_once_change_it_once,
);

fn what_is_left_out_stays(world: &World) {
    let api = program(world, "accounts:change");
    let account = world.customer("priya");
    let one = path(&account, "");
    let patch = |body: &Value| send(&api, ("PATCH", &one), "*", body).expect(200).json();
    let changed = patch(&json!({"sites": ["new.example", "blog.example"]}));
    assert_eq!(changed["sites"], json!(["new.example", "blog.example"]));
    assert_eq!(changed["username"], "priya");
    let changed = patch(&json!({"username": "priya2", "email": "priya2@mail.example"}));
    assert_eq!(
        (&changed["username"], &changed["email"], &changed["sites"]),
        (
            &json!("priya2"),
            &json!("priya2@mail.example"),
            &json!(["new.example", "blog.example"])
        )
    );
    let same = patch(&json!({}));
    assert_eq!(same["etag"], changed["etag"]);
    assert_eq!(stored(world, &account).unwrap().username.as_str(), "priya2");
    assert_eq!(
        (
            events(world, Action::AccountChanged),
            events(world, Action::EmailChanged)
        ),
        (2, 1)
    );
}

fn a_change_names_what_it_changes(world: &World) {
    let api = administrator(world);
    let account = world.customer("priya");
    let one = path(&account, "");
    let body = json!({"username": "priya2"});
    assert_eq!(
        code(&send(&api, ("PATCH", &one), "", &body).expect(428)),
        "if-match-required"
    );
    assert_eq!(
        code(&send(&api, ("PATCH", &one), "7", &body).expect(400)),
        "invalid-header"
    );
    let etag = api.get(&one).expect(200).json()["etag"].as_str().unwrap().to_owned();
    send(&api, ("PATCH", &one), &etag, &body).expect(200);
    let late = send(&api, ("PATCH", &one), &etag, &json!({"username": "priya3"})).expect(412);
    assert_eq!(code(&late), "changed");
    let now = api.get(&one).json();
    assert_eq!(late.header("ETag"), now["etag"].as_str());
    assert_eq!(now["username"], "priya2");
}

fn what_is_wrong_or_taken_is_named(world: &World) {
    let api = administrator(world);
    let (account, other) = (world.customer("priya"), world.customer("lena"));
    let one = path(&account, "");
    let refused = |body: Value, status| {
        let answer = send(&api, ("PATCH", &one), "*", &body).expect(status);
        errors(&answer)
            .into_iter()
            .map(|(member, _)| member)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        refused(json!({"username": null, "sites": "all", "password": "x"}), 422),
        "/username /sites /password"
    );
    assert_eq!(refused(json!({"username": "lena"}), 409), "/username");
    assert_eq!(refused(json!({"email": other.email.to_string()}), 409), "/email");
    assert_eq!(refused(json!({"plan": "none"}), 422), "/plan");
    assert_eq!(events(world, Action::AccountChanged), 0);
    api.post("/api/v1/plans", &json!({"name": "Tiny", "scopes": ["*"]}))
        .expect(201);
    let moved = send(&api, ("PATCH", &one), "*", &json!({"plan": "Tiny"}))
        .expect(200)
        .json();
    assert_eq!(moved["plan"], "Tiny");
}

fn eight_at_once_change_it_once(world: &World) {
    let api = administrator(world);
    let one = path(&world.customer("priya"), "");
    let etag = api.get(&one).json()["etag"].as_str().unwrap().to_owned();
    let done = at_once(|number| {
        let body = json!({"username": format!("name{number}")});
        send(&api, ("PATCH", &one), &etag, &body).status()
    });
    assert_eq!(done.iter().filter(|status| **status == 200).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|status| **status == 412).count(), 7, "{done:?}");
    assert_eq!(events(world, Action::AccountChanged), 1);
}
