//! `/api/v1/policy` and `/api/v1/plans`: the rules, for a program of an administrator's.

use latchkey::domain::audit::Action;
use serde_json::{Value, json};

use crate::{
    api_accounts::{administrator, code, errors, program, send},
    services::{at_once, events},
    support::{Answer, Api, World},
};

on_both!(
    the_policy_is_set_as_it_was_read,
    rules_that_cannot_be_are_named,
    a_plan_is_made_changed_and_removed,
    a_repeated_call_makes_one_plan,
    eight_at_once_set_it_once,
);

const POLICY: &str = "/api/v1/policy";
const PLANS: &str = "/api/v1/plans";

fn etag(answer: &Answer) -> String {
    answer.header("ETag").expect("it has an ETag").to_owned()
}

fn the_policy_is_set_as_it_was_read(world: &World) {
    let api = administrator(world);
    let shown = api.get(POLICY).expect(200);
    let body = json!({"max_lifetime_days": 30, "never_allowed": false});
    assert_eq!(
        code(&send(&api, ("PUT", POLICY), "", &body).expect(428)),
        "if-match-required"
    );
    let set = send(&api, ("PUT", POLICY), &etag(&shown), &body).expect(200);
    let said = set.json();
    assert_eq!(
        (
            &said["max_lifetime_days"],
            &said["never_allowed"],
            &said["max_live_tokens"]
        ),
        (&json!(30), &json!(false), &Value::Null)
    );
    assert_eq!(etag(&api.get(POLICY)), etag(&set));
    let late = send(&api, ("PUT", POLICY), &etag(&shown), &json!({})).expect(412);
    assert_eq!((code(&late).as_str(), etag(&late)), ("changed", etag(&set)));
    send(&api, ("PUT", POLICY), "*", &body).expect(200);
    assert_eq!(
        events(world, Action::PolicyChanged),
        1,
        "nothing was different the second time"
    );
    // Whoever may set it need not be able to read it by itself.
    let setter = program(world, "policy:change");
    setter.get(POLICY).expect(403);
    send(&setter, ("PUT", POLICY), "*", &json!({})).expect(200);
}

fn rules_that_cannot_be_are_named(world: &World) {
    let api = administrator(world);
    let wrong = |body: Value| errors(&send(&api, ("PUT", POLICY), "*", &body).expect(422));
    let pair = |member: &str, code: &str| (member.to_owned(), code.to_owned());
    assert_eq!(
        wrong(json!({"max_lifetime_days": 0, "never_allowed": "no", "max_live_tokens": 10_001, "x": 1})),
        [
            pair("/max_lifetime_days", "out-of-range"),
            pair("/never_allowed", "wrong-type"),
            pair("/max_live_tokens", "out-of-range"),
            pair("/x", "unknown-member"),
        ]
    );
    assert_eq!(
        wrong(json!({"max_lifetime_days": 90, "max_total_lifetime_days": 30})),
        [pair("/max_lifetime_days", "contradiction")]
    );
    assert_eq!(
        wrong(json!({"max_lifetime_days": 90, "never_allowed": true})),
        [pair("/never_allowed", "contradiction")]
    );
    let plan = |body: Value| errors(&api.post(PLANS, &body).expect(422));
    assert_eq!(
        plan(json!({"name": "", "scopes": []})),
        [pair("/name", "empty"), pair("/scopes", "empty")]
    );
    assert_eq!(
        plan(json!({"name": "a", "scopes": ["moon:land"]})),
        [pair("/scopes", "unknown-scope")]
    );
    assert_eq!(
        plan(json!({"name": "a", "scopes": ["*"], "rules": {"max_lifetime_days": -1}})),
        [pair("/rules/max_lifetime_days", "out-of-range")]
    );
    assert_eq!(
        (events(world, Action::PolicyChanged), events(world, Action::PlanCreated)),
        (0, 0)
    );
}

fn a_plan_is_made_changed_and_removed(world: &World) {
    let api = administrator(world);
    let before = api.get(PLANS).expect(200).json()["items"].as_array().unwrap().len();
    let body = json!({"name": "Tiny", "scopes": ["backups:create"], "rules": {"max_live_tokens": 2}});
    let made = api.post(PLANS, &body).expect(201);
    let plan = made.json();
    let one = format!("{PLANS}/{}", plan["id"].as_str().unwrap());
    assert!(made.header("Location").unwrap().ends_with(&one));
    assert_eq!(
        (&plan["rules"]["max_live_tokens"], &plan["accounts"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(
        code(&api.post(PLANS, &json!({"name": "TINY", "scopes": ["*"]})).expect(409)),
        "conflict"
    );
    let wider = json!({"name": "Tiny", "scopes": ["*"]});
    let changed = send(&api, ("PUT", &one), &etag(&made), &wider).expect(200);
    assert_eq!(changed.json()["scopes"], json!(["*"]));
    assert_eq!(
        changed.json()["rules"]["max_live_tokens"],
        Value::Null,
        "all of it at once"
    );
    assert_eq!(
        code(&send(&api, ("PUT", &one), &etag(&made), &wider).expect(412)),
        "changed"
    );
    assert_eq!(api.get(PLANS).json()["items"].as_array().unwrap().len(), before + 1);
    send(&api, ("DELETE", &one), &etag(&made), &Value::Null).expect(412);
    send(&api, ("DELETE", &one), &etag(&changed), &Value::Null).expect(204);
    for method in ["GET", "DELETE"] {
        send(&api, (method, &one), "", &Value::Null).expect(404);
    }
    let account = world.customer("priya");
    let plans = api.get(PLANS).json();
    let used = plans["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|plan| plan["name"] == json!(account.plan_name));
    let used = format!("{PLANS}/{}", used.unwrap()["id"].as_str().unwrap());
    assert_eq!(
        code(&send(&api, ("DELETE", &used), "", &Value::Null).expect(409)),
        "conflict"
    );
}

#[track_caller]
fn post(api: &Api, key: &str, body: &Value) -> Answer {
    let request = api.request("POST", PLANS).body("application/json", body.to_string());
    api.send(&request.header("Idempotency-Key", key))
}

fn a_repeated_call_makes_one_plan(world: &World) {
    let api = administrator(world);
    let body = json!({"name": "Tiny", "scopes": ["*"]});
    let first = post(&api, "a", &body).expect(201).json();
    let again = post(&api, "a", &body).expect(200);
    assert_eq!(
        (again.json()["id"].clone(), again.header("Idempotency-Replayed")),
        (first["id"].clone(), Some("true"))
    );
    let other = json!({"name": "Large", "scopes": ["*"]});
    assert_eq!(code(&post(&api, "a", &other).expect(422)), "idempotency-key-reused");
    assert_eq!(events(world, Action::PlanCreated), 1);
}

fn eight_at_once_set_it_once(world: &World) {
    let api = administrator(world);
    let etag = etag(&api.get(POLICY));
    let done = at_once(|number| {
        let body = json!({"max_live_tokens": 10 + number});
        send(&api, ("PUT", POLICY), &etag, &body).status()
    });
    assert_eq!(done.iter().filter(|status| **status == 200).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|status| **status == 412).count(), 7, "{done:?}");
    assert_eq!(events(world, Action::PolicyChanged), 1);
}
