//! `Idempotency-Key`: one creation, however often it is sent.

use latchkey::app::upkeep;
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, code, holder, ids, manager};
use crate::support::{Answer, Api, World};

on_both!(
    the_same_call_makes_one_token,
    a_key_belongs_to_one_token_and_one_body,
    a_key_is_forgotten_after_a_day,
    what_is_no_key_is_refused,
    a_refused_call_claims_no_key,
);

fn body(name: &str) -> Value {
    json!({"name": name, "scopes": ["dns:read"]})
}

#[track_caller]
fn post(api: &Api, key: &str, body: &Value) -> Answer {
    let request = api.request("POST", PATH).header("Idempotency-Key", key);
    api.send(&request.body("application/json", body.to_string()))
}

fn the_same_call_makes_one_token(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    let first = post(&api, "\"8e03978e\"", &body("a")).expect(201);
    assert_eq!(first.header("Idempotency-Replayed"), None);
    let again = post(&api, "\"8e03978e\"", &body("a")).expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    assert_eq!(again.header("Location"), first.header("Location"));
    let (first, again) = (first.json(), again.json());
    assert_eq!((&first["token"], &again["secret"]), (&again["token"], &Value::Null));
    assert_eq!(
        ids(&api.get(PATH).expect(200).json()).len(),
        2,
        "the manager's own and one"
    );
}

fn a_key_belongs_to_one_token_and_one_body(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let (other, _) = manager(world, &account);
    post(&api, "k", &body("a")).expect(201);
    assert_eq!(code(&post(&api, "k", &body("b")).expect(422)), "idempotency-key-reused");
    post(&other, "k", &body("b")).expect(201);
    post(&api, "K", &body("c")).expect(201);
    let (stranger, _) = manager(world, &world.customer("mallory"));
    post(&stranger, "k", &body("a")).expect(201);
}

fn a_key_is_forgotten_after_a_day(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    post(&api, "k", &body("a")).expect(201);
    world.clock.advance(Duration::hours(23));
    world.wait(upkeep::sweep(&world.app)).unwrap();
    post(&api, "k", &body("a")).expect(200);
    world.clock.advance(Duration::hours(2));
    let swept = world.wait(upkeep::sweep(&world.app)).unwrap();
    assert_eq!(swept.acts, 1);
    assert_eq!(code(&post(&api, "k", &body("a")).expect(409)), "name-taken");
}

fn what_is_no_key_is_refused(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    for key in ["", " ", "a b", "a\tb", &"k".repeat(256)] {
        assert_eq!(
            code(&post(&api, key, &body("a")).expect(400)),
            "invalid-header",
            "{key:?}"
        );
    }
    let twice = api
        .request("POST", PATH)
        .header("Idempotency-Key", "a")
        .and_header("Idempotency-Key", "a");
    let twice = api.send(&twice.body("application/json", body("a").to_string()));
    assert_eq!(code(&twice.expect(400)), "invalid-header");
    post(&api, &"k".repeat(255), &body("a")).expect(201);
}

fn a_refused_call_claims_no_key(world: &World) {
    let account = world.customer("priya");
    let (api, _) = holder(world, &account, |new| {
        new.scopes = "tokens:manage dns:read".parse().unwrap();
    });
    let beyond = json!({"name": "a", "scopes": ["dns:write"]});
    assert_eq!(code(&post(&api, "k", &beyond).expect(403)), "beyond-this-token");
    post(&api, "k", &json!({"name": ""})).expect(422);
    post(&api, "k", &body("a")).expect(201);
}
