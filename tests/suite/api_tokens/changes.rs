//! `PATCH`, renewing and rotating: what changes, for whom it is the last word, and what stays.

use latchkey::{
    domain::{audit::Action, token::Expiry},
    store::{StoreError, audit},
};
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, code, errors, manager, path, send, stored};
use crate::support::{Api, World, mint};

on_both!(
    a_patch_changes_what_it_names,
    a_change_says_what_it_is_a_change_of,
    what_cannot_be_taken_away_is_no_null,
    a_revoked_token_is_not_changed,
    a_token_is_renewed,
    a_token_is_rotated_and_its_old_secret_retired,
    an_expired_token_is_renewed_before_it_is_rotated,
    a_name_is_taken_for_a_change_too,
);

#[track_caller]
fn patch(api: &Api, path: &str, etag: &str, body: &Value) -> crate::support::Answer {
    send(api, ("PATCH", path), etag, body)
}

fn a_patch_changes_what_it_names(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |new| {
        new.description = "For the night".parse().unwrap();
    })
    .token;
    let path = path(&token);
    let before = api.get(&path).expect(200);
    let etag = before.header("ETag").unwrap().to_owned();
    let change = json!({
        "name": "Daily", "scopes": ["files:read"], "sites": ["priya.example"], "addresses": ["127.0.0.1"],
    });
    let answer = patch(&api, &path, &etag, &change).expect(200);
    let (after, new_etag) = (answer.json(), answer.header("ETag").unwrap().to_owned());
    assert_ne!(new_etag, etag);
    let mut expected = before.json();
    for (member, value) in change.as_object().unwrap() {
        expected[member] = value.clone();
    }
    expected["effective_scopes"] = json!(["files:read"]);
    expected["etag"] = json!(new_etag);
    assert_eq!(after, expected, "everything else is as it was");
    // What is sent back as it is changes nothing, and writes no event.
    let same = json!({ "name": "Daily", "description": "For the night", "scopes": ["files:read"] });
    assert_eq!(patch(&api, &path, "*", &same).expect(200).json(), after);
    let nothing = api
        .request("PATCH", &path)
        .header("If-Match", "*")
        .body("application/merge-patch+json", "{}");
    assert_eq!(api.send(&nothing).expect(200).json(), after);
    assert_eq!(
        patch(&api, &path, "*", &json!({"description": null}))
            .expect(200)
            .json()["description"],
        ""
    );
    let query = audit::Query {
        actions: vec![Action::TokenChanged],
        limit: 10,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    assert_eq!(events.unwrap().len(), 2);
}

fn a_change_says_what_it_is_a_change_of(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = path(&token);
    let change = json!({"name": "Other"});
    for (action, body) in [
        ("", change.clone()),
        ("/renew", json!({"expires": {"days": 1}})),
        ("/rotate", json!({"overlap": "none"})),
    ] {
        let method = if action.is_empty() { "PATCH" } else { "POST" };
        let path = format!("{path}{action}");
        assert_eq!(
            code(&send(&api, (method, &path), "", &body).expect(428)),
            "if-match-required"
        );
        for stale in ["\"99\"", "W/\"0\"", "\"x\", \"99\""] {
            let answer = send(&api, (method, &path), stale, &body).expect(412);
            assert_eq!(
                (code(&answer).as_str(), answer.header("ETag")),
                ("changed", Some("\"0\"")),
                "{stale}"
            );
        }
        for odd in ["0", "\"0", "*, *", ""] {
            let request = api.request(method, &path).header("If-Match", odd);
            let answer = api.send(&request.body("application/json", body.to_string()));
            assert_eq!(
                (answer.status(), code(&answer).as_str()),
                (400, "invalid-header"),
                "{odd:?}"
            );
        }
    }
    for (method, action) in [
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/retire"),
    ] {
        let request = api
            .request(method, &format!("{path}{action}"))
            .header("If-Match", "\"99\"");
        api.send(&request).expect(412);
    }
    assert_eq!(stored(world, &token).revision, 0);
    patch(&api, &path, "\"5\", \"0\"", &change).expect(200);
    patch(&api, &path, "*", &json!({"name": "Third"})).expect(200);
}

fn what_cannot_be_taken_away_is_no_null(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let body = json!({"name": null, "scopes": null, "sites": null, "addresses": null, "expires": "never"});
    let answer = patch(&api, &path(&own), "*", &body).expect(422);
    let wrong = [
        ("/name", "wrong-type"),
        ("/scopes", "wrong-type"),
        ("/sites", "wrong-type"),
        ("/addresses", "wrong-type"),
        ("/expires", "unknown-member"),
    ];
    assert_eq!(
        errors(&answer),
        wrong.map(|(member, code)| (member.to_owned(), code.to_owned()))
    );
}

fn a_revoked_token_is_not_changed(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = path(&token);
    api.delete(&path).expect(204);
    api.delete(&path).expect(204);
    let gone = api.get(&path).expect(200).json();
    assert_eq!(
        (&gone["status"], &gone["revoked_at"]),
        (&json!("revoked"), &json!("2026-11-23T12:00:00Z"))
    );
    for (method, action, body) in [
        ("PATCH", "", json!({"name": "a"})),
        ("POST", "/renew", json!({"expires": {"days": 1}})),
        ("POST", "/rotate", json!({"overlap": "none"})),
        ("POST", "/pause", json!({})),
        ("POST", "/resume", json!({})),
    ] {
        let answer = send(&api, (method, &format!("{path}{action}")), "*", &body);
        assert_eq!(
            (answer.status(), code(&answer).as_str()),
            (409, "already-revoked"),
            "{method} {action}"
        );
    }
    assert_eq!(
        code(&api.post(&format!("{path}/retire"), &json!({})).expect(409)),
        "no-overlap"
    );
    assert_eq!(stored(world, &token).revision, 1);
}

fn a_token_is_renewed(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = format!("{}/renew", path(&token));
    let renew = |expires: Value| send(&api, ("POST", &path), "*", &json!({"expires": expires}));
    let later = renew(json!({"date": "2027-12-31"})).expect(200);
    assert_eq!(later.json()["expires_at"], "2027-12-31T18:29:59Z");
    assert_eq!(later.header("ETag"), Some("\"1\""));
    assert_eq!(
        renew(json!({"date": "2027-12-31"})).expect(200).header("ETag"),
        Some("\"1\""),
        "it is so already"
    );
    assert_eq!(
        renew(json!({"days": 1})).expect(200).json()["expires_at"],
        "2026-11-24T18:29:59Z"
    );
    assert_eq!(
        errors(&renew(json!({"date": "2026-01-01"})).expect(422))[0].1,
        "expiry-past"
    );
    assert_eq!(
        errors(&send(&api, ("POST", &path), "*", &json!({})).expect(422))[0].1,
        "missing"
    );
    assert_eq!(renew(json!("never")).expect(200).json()["expires_at"], Value::Null);
}

fn a_token_is_rotated_and_its_old_secret_retired(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let minted = mint(&world.app, account.id, |_| ());
    let path = path(&minted.token);
    let works = |secret: &str| world.api().with_token(secret).get("/api/v1/token").status() == 200;
    assert_eq!(
        code(&api.post(&format!("{path}/retire"), &json!({})).expect(409)),
        "no-overlap"
    );
    let rotate = |overlap: Value| {
        send(
            &api,
            ("POST", &format!("{path}/rotate")),
            "*",
            &json!({"overlap": overlap}),
        )
    };
    let rotated = rotate(json!("hour")).expect(200);
    assert_eq!(rotated.header("Cache-Control"), Some("no-store"));
    let said = rotated.json();
    let new = said["secret"].as_str().unwrap().to_owned();
    assert_eq!(said["token"]["outgoing_secret"]["last4"], minted.token.last4);
    assert_eq!(said["token"]["outgoing_secret"]["valid_until"], "2026-11-23T13:00:00Z");
    assert_eq!(said["token"]["secret"]["last4"], new[new.len() - 4..]);
    assert!(works(&minted.secret) && works(&new));
    let retired = api.send(&api.request("POST", &format!("{path}/retire"))).expect(200);
    assert_eq!(retired.json()["outgoing_secret"], Value::Null);
    assert!(!works(&minted.secret) && works(&new));
    for (overlap, wrong) in [
        (json!("year"), "unknown-word"),
        (json!(1), "wrong-type"),
        (Value::Null, "missing"),
    ] {
        assert_eq!(errors(&rotate(overlap).expect(422))[0].1, wrong);
    }
    let last = rotate(json!("none")).expect(200).json();
    assert_eq!(last["token"]["outgoing_secret"], Value::Null);
    assert!(!works(&new) && works(last["secret"].as_str().unwrap()));
}

fn an_expired_token_is_renewed_before_it_is_rotated(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(world.app.now() + Duration::hours(1));
    });
    world.clock.advance(Duration::hours(2));
    let path = path(&token.token);
    assert_eq!(api.get(&path).expect(200).json()["status"], "expired");
    let rotated = send(
        &api,
        ("POST", &format!("{path}/rotate")),
        "*",
        &json!({"overlap": "none"}),
    );
    assert_eq!(code(&rotated.expect(409)), "already-expired");
    send(
        &api,
        ("POST", &format!("{path}/renew")),
        "*",
        &json!({"expires": {"days": 1}}),
    )
    .expect(200);
    send(
        &api,
        ("POST", &format!("{path}/rotate")),
        "*",
        &json!({"overlap": "none"}),
    )
    .expect(200);
}

fn a_name_is_taken_for_a_change_too(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let refused = patch(
        &api,
        &path(&token),
        "*",
        &json!({"name": own.name.as_str().to_lowercase()}),
    )
    .expect(409);
    assert_eq!(
        (code(&refused), errors(&refused)[0].0.as_str()),
        ("name-taken".to_owned(), "/name")
    );
    let same = patch(
        &api,
        &path(&token),
        "*",
        &json!({"name": token.name.as_str().to_uppercase()}),
    );
    assert_eq!(same.expect(200).json()["name"], token.name.as_str().to_uppercase());
    assert_eq!(api.get(PATH).expect(200).json()["items"].as_array().unwrap().len(), 2);
}
