//! Making accounts, once each.

use latchkey::{domain::audit::Action, store};
use serde_json::{Value, json};

use super::{PATH, administrator, code, errors, plan, program};
use crate::{
    services::{at_once, events},
    support::{Answer, Api, World},
};

on_both!(
    an_account_is_made_with_a_password_or_an_invitation,
    everything_that_is_wrong_is_told_at_once,
    what_is_taken_is_named,
    a_repeated_call_makes_one,
    eight_at_once_make_one,
);

/// A new account on a plan that there is.
fn new(world: &World, username: &str) -> Value {
    let plan = plan(world);
    json!({
        "username": username,
        "email": format!("{username}@mail.example"),
        "plan": plan,
        "sites": [format!("{username}.example"), format!("shop.{username}.example")],
    })
}

#[track_caller]
fn post(api: &Api, key: &str, body: &Value) -> Answer {
    let request = api.request("POST", PATH).body("application/json", body.to_string());
    api.send(&request.header("Idempotency-Key", key))
}

fn an_account_is_made_with_a_password_or_an_invitation(world: &World) {
    let api = program(world, "accounts:create accounts:change");
    let made = api.post(PATH, &new(world, "priya")).expect(201);
    let said = made.json();
    let account = &said["account"];
    assert_eq!(account["sites"], json!(["priya.example", "shop.priya.example"]));
    let id = account["id"].as_str().unwrap();
    assert!(made.header("Location").unwrap().ends_with(&format!("{PATH}/{id}")));
    assert_eq!(made.header("Cache-Control"), Some("no-store"));
    // No mail is sent here: whoever may change accounts hands the invitation over.
    assert!(said["invitation"].as_str().unwrap().contains("/link/"));
    let alone = program(world, "accounts:create");
    let hidden = alone.post(PATH, &new(world, "lena")).expect(201).json();
    assert_eq!(hidden["invitation"], Value::Null);
    let mut with_password = new(world, "mallory");
    with_password["password"] = json!("correct horse battery staple");
    with_password["time_zone"] = json!("Asia/Kolkata");
    let said = alone.post(PATH, &with_password).expect(201).json();
    assert_eq!(said["account"]["time_zone"], "Asia/Kolkata");
    let browser = world.browser();
    let form = browser.get("/sign-in").form("/sign-in");
    let signed_in = form
        .fill("username", "mallory")
        .fill("password", "correct horse battery staple")
        .submit("Sign in");
    assert_eq!(signed_in.status(), 303);
    assert_eq!(events(world, Action::AccountCreated), 3);
}

fn everything_that_is_wrong_is_told_at_once(world: &World) {
    let api = administrator(world);
    let wrong = json!({
        "username": "Priya", "email": "priya", "sites": ["shop.example", "-"], "time_zone": "Moon", "colour": "red",
    });
    let answer = api.post(PATH, &wrong).expect(422);
    let pair = |member: &str, code: &str| (member.to_owned(), code.to_owned());
    assert_eq!(
        errors(&answer),
        [
            pair("/username", "malformed"),
            pair("/email", "malformed"),
            pair("/plan", "missing"),
            pair("/sites/1", "malformed"),
            pair("/time_zone", "unknown-time-zone"),
            pair("/colour", "unknown-member"),
        ]
    );
    let mut unknown = new(world, "priya");
    unknown["plan"] = json!("none");
    let answer = api.post(PATH, &unknown).expect(422);
    assert_eq!(errors(&answer), [pair("/plan", "unknown-plan")]);
    let mut weak = new(world, "priya");
    weak["password"] = json!("priya");
    assert_eq!(code(&api.post(PATH, &weak).expect(422)), "weak-password");
    assert_eq!(events(world, Action::AccountCreated), 0);
}

fn what_is_taken_is_named(world: &World) {
    let api = administrator(world);
    api.post(PATH, &new(world, "priya")).expect(201);
    let taken = |member: &str, value: Value| {
        let mut other = new(world, "lena");
        other[member] = value;
        let answer = api.post(PATH, &other).expect(409);
        assert_eq!(code(&answer), "conflict");
        errors(&answer)[0].0.clone()
    };
    assert_eq!(taken("username", json!("priya")), "/username");
    assert_eq!(taken("email", json!("PRIYA@mail.example")), "/email");
    assert_eq!(taken("sites", json!(["priya.example"])), "/sites");
    assert_eq!(events(world, Action::AccountCreated), 1);
}

fn a_repeated_call_makes_one(world: &World) {
    let api = administrator(world);
    let body = new(world, "priya");
    let first = post(&api, "order-4711", &body).expect(201).json();
    let again = post(&api, "order-4711", &body).expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    assert_eq!(again.json()["account"]["id"], first["account"]["id"]);
    let other = post(&api, "order-4711", &new(world, "lena")).expect(422);
    assert_eq!(code(&other), "idempotency-key-reused");
    // The key of another program is another key.
    let elsewhere = administrator(world);
    assert_eq!(code(&post(&elsewhere, "order-4711", &body).expect(409)), "conflict");
    assert_eq!(code(&post(&api, "two words", &body).expect(400)), "invalid-header");
    assert_eq!(events(world, Action::AccountCreated), 1);
}

fn eight_at_once_make_one(world: &World) {
    let api = administrator(world);
    let body = new(world, "priya");
    let answers = at_once(|_| post(&api, "order-4711", &body));
    let statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        7,
        "{statuses:?}"
    );
    let names = at_once(|number| post(&api, &format!("order-{number}"), &new(world, "lena")));
    let made = names.iter().filter(|answer| answer.status() == 201).count();
    assert_eq!((made, events(world, Action::AccountCreated)), (1, 2));
    let accounts = world.app.store.read_here(|connection| {
        store::accounts::list::list_keys(
            connection,
            &store::accounts::list::Query {
                limit: 10,
                ..store::accounts::list::Query::default()
            },
        )
    });
    assert_eq!(accounts.unwrap().len(), 2);
}
