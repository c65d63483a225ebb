//! `/api/v1/staff`: the staff token that asks, and those of the same member that can do no more.

use latchkey::domain::{audit::Action, secret::StaffSecret};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    api_accounts::{administrator, code, errors, program, send, support},
    services::{at_once, events},
    support::{Answer, Api, World, mint_staff},
};

on_both!(
    a_token_is_told_what_it_is,
    a_token_makes_changes_and_revokes_others,
    what_lies_outside_is_told_whole,
    those_of_others_are_not_found,
    a_repeated_call_makes_one,
    eight_at_once_make_one,
);

const PATH: &str = "/api/v1/staff/tokens";

fn a_token_is_told_what_it_is(world: &World) {
    let own = program(world, "audit:read")
        .get("/api/v1/staff/token")
        .expect(200)
        .json();
    assert_eq!(own["effective_scopes"], json!(["audit:read"]));
    assert_eq!(own["member"]["role"], "admin");
    let own = support(world).get("/api/v1/staff/token").expect(200).json();
    assert_eq!(own["member"]["role"], "support");
    let effective = own["effective_scopes"].as_array().unwrap();
    assert!(effective.len() < own["token"]["scopes"].as_array().unwrap().len());
    assert!(!effective.contains(&json!("accounts:remove")));
}

fn a_token_makes_changes_and_revokes_others(world: &World) {
    let api = program(world, "accounts:read staff-tokens:manage");
    let body =
        json!({"name": "Billing", "scopes": ["accounts:read"], "addresses": ["203.0.113.7"], "expires": {"days": 7}});
    let made = api.post(PATH, &body).expect(201);
    assert_eq!(made.header("Cache-Control"), Some("no-store"));
    let said = made.json();
    let secret = said["secret"].as_str().unwrap();
    assert!(StaffSecret::parse(secret).is_ok());
    let one = format!("{PATH}/{}", said["token"]["id"].as_str().unwrap());
    assert!(made.header("Location").unwrap().ends_with(&one));
    let billing = world.api().with_token(secret);
    billing
        .clone()
        .at_address("203.0.113.7")
        .get("/api/v1/accounts")
        .expect(200);
    assert_eq!(code(&billing.get("/api/v1/accounts").expect(403)), "ip-not-allowed");
    let shown = api.get(&one).expect(200);
    assert!(!shown.text().contains(secret.rsplit_once('_').unwrap().1));
    assert_eq!(api.get(PATH).expect(200).json()["items"].as_array().unwrap().len(), 2);

    let etag = shown.header("ETag").unwrap().to_owned();
    let patch = json!({"name": "Accounting"});
    assert_eq!(
        code(&send(&api, ("PATCH", &one), "", &patch).expect(428)),
        "if-match-required"
    );
    let changed = send(&api, ("PATCH", &one), &etag, &patch).expect(200).json();
    assert_eq!(
        (&changed["name"], &changed["scopes"]),
        (&json!("Accounting"), &json!(["accounts:read"]))
    );
    let late = send(&api, ("PATCH", &one), &etag, &json!({"name": "x"})).expect(412);
    assert_eq!(late.header("ETag"), changed["etag"].as_str());
    for _ in 0..2 {
        send(&api, ("DELETE", &one), "", &Value::Null).expect(204);
    }
    assert_eq!(
        code(&send(&api, ("PATCH", &one), "*", &patch).expect(409)),
        "already-revoked"
    );
    let again = billing.at_address("203.0.113.7").get("/api/v1/accounts").expect(401);
    assert_eq!(code(&again), "token-revoked");
    assert_eq!(
        (
            events(world, Action::StaffTokenChanged),
            events(world, Action::StaffTokenRevoked)
        ),
        (1, 1)
    );
}

fn what_lies_outside_is_told_whole(world: &World) {
    let api = program(world, "accounts:read staff-tokens:manage");
    let wide = json!({"name": "Wide", "scopes": ["accounts:read", "audit:read"], "expires": {"days": 89}});
    let refused = api.post(PATH, &wide).expect(403);
    assert_eq!(code(&refused), "beyond-this-token");
    let members: Vec<String> = errors(&refused).into_iter().map(|(member, _)| member).collect();
    assert_eq!(members, ["/scopes", "/expires"]);
    assert_eq!(refused.json()["missing_scopes"], json!(["audit:read"]));
    let (_, wider) = mint_staff(world, "meera", "Wider", "audit:read");
    let other = format!("{PATH}/{}", wider.public_id);
    for (method, body) in [("PATCH", json!({"name": "Mine"})), ("DELETE", Value::Null)] {
        let refused = send(&api, (method, &other), "*", &body).expect(403);
        assert_eq!(code(&refused), "beyond-this-token", "{method}");
    }
    let wrong = json!({"name": "a", "scopes": ["moon:land"], "addresses": [], "expires": "never", "x": 1});
    let faults = errors(&api.post(PATH, &wrong).expect(422));
    let pair = |member: &str, code: &str| (member.to_owned(), code.to_owned());
    assert_eq!(
        faults,
        [
            pair("/scopes/0", "unknown-scope"),
            pair("/addresses", "empty"),
            pair("/expires", "wrong-type"),
            pair("/x", "unknown-member"),
        ]
    );
    world.clock.advance(Duration::days(29));
    let taken = json!({"name": "WIDER", "scopes": ["accounts:read"]});
    assert_eq!(code(&api.post(PATH, &taken).expect(409)), "name-taken");
    assert_eq!(events(world, Action::StaffTokenCreated), 2);
}

fn those_of_others_are_not_found(world: &World) {
    let api = administrator(world);
    support(world);
    let (_, theirs) = mint_staff(world, "asha", "Tickets", "accounts:read");
    let one = format!("{PATH}/{}", theirs.public_id);
    for (method, body) in [
        ("GET", Value::Null),
        ("PATCH", json!({"name": "Mine"})),
        ("DELETE", Value::Null),
    ] {
        assert_eq!(
            code(&send(&api, (method, &one), "*", &body).expect(404)),
            "not-found",
            "{method}"
        );
    }
}

#[track_caller]
fn post(api: &Api, key: &str, body: &Value) -> Answer {
    let request = api.request("POST", PATH).body("application/json", body.to_string());
    api.send(&request.header("Idempotency-Key", key))
}

fn a_repeated_call_makes_one(world: &World) {
    let api = administrator(world);
    let body = json!({"name": "Billing", "scopes": ["accounts:read"]});
    let first = post(&api, "a", &body).expect(201).json();
    let again = post(&api, "a", &body).expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    let said = again.json();
    assert_eq!(
        (&said["token"]["id"], &said["secret"]),
        (&first["token"]["id"], &Value::Null)
    );
    let other = json!({"name": "Other", "scopes": ["accounts:read"]});
    assert_eq!(code(&post(&api, "a", &other).expect(422)), "idempotency-key-reused");
}

fn eight_at_once_make_one(world: &World) {
    let api = administrator(world);
    let body = json!({"name": "Billing", "scopes": ["accounts:read"]});
    let answers = at_once(|_| post(&api, "a", &body));
    let secrets = answers.iter().filter(|answer| answer.json()["secret"].is_string());
    let statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
    assert_eq!(
        (
            secrets.count(),
            statuses.iter().filter(|status| **status == 200).count()
        ),
        (1, 7),
        "{statuses:?}"
    );
    let names = at_once(|number| {
        let body = json!({"name": "Other", "scopes": ["accounts:read"]});
        post(&api, &format!("key {number}").replace(' ', "-"), &body).status()
    });
    assert_eq!(names.iter().filter(|status| **status == 201).count(), 1, "{names:?}");
    assert_eq!(names.iter().filter(|status| **status == 409).count(), 7, "{names:?}");
}
