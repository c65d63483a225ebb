//! The tokens of an account in the hands of staff's programs: seen, stopped, and never widened.

use latchkey::domain::{
    audit::Action,
    token::{Life, PausedBy, Token},
};
use serde_json::{Value, json};
use time::Duration;

use super::{administrator, code, errors, path, program};
use crate::{
    services::events,
    support::{World, mint},
};

on_both!(
    tokens_are_seen_without_a_secret,
    each_is_stopped_for_a_reason,
    what_is_somebody_elses_is_not_found,
    all_are_revoked_at_once,
);

/// A token as the database has it.
fn stored(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| latchkey::store::tokens::find(connection, token.account, &token.public_id));
    found.unwrap().expect("the token is there")
}

fn tokens_are_seen_without_a_secret(world: &World) {
    let api = program(world, "tokens:read");
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap());
    mint(&world.app, account.id, |new| new.name = "Deploy".parse().unwrap());
    let list = path(&account, "/tokens");
    let page = api.get(&format!("{list}?limit=1&sort=name")).expect(200);
    let (first, part) = (page.json(), minted.secret.rsplit_once('_').unwrap().1);
    assert_eq!(first["items"][0]["name"], "Backup");
    assert!(!page.text().contains(part));
    let next = first["next"].as_str().unwrap();
    let second = api
        .get(&format!("{list}?limit=1&sort=name&cursor={next}"))
        .expect(200)
        .json();
    assert_eq!(
        (&second["items"][0]["name"], &second["next"]),
        (&json!("Deploy"), &Value::Null)
    );
    let one = api.get(&format!("{list}/{}", minted.token.public_id)).expect(200);
    assert_eq!(one.json()["scopes"], json!(["backups:create"]));
    assert_eq!(one.header("ETag"), Some("\"0\""));
}

fn each_is_stopped_for_a_reason(world: &World) {
    let api = program(world, "tokens:stop");
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let of = |rest: &str| path(&account, &format!("/tokens/{}{rest}", token.public_id));
    let because = json!({"reason": "It was found"});
    let missing = api.post(&of("/pause"), &json!({})).expect(422);
    assert_eq!(errors(&missing), [("/reason".to_owned(), "missing".to_owned())]);
    for _ in 0..2 {
        api.post(&of("/pause"), &because).expect(204);
    }
    assert!(matches!(
        stored(world, &token).life,
        Life::Paused {
            by: PausedBy::Staff,
            ..
        }
    ));
    for _ in 0..2 {
        api.post(&of("/resume"), &because).expect(204);
    }
    let later = json!({"reason": "No", "expires": {"days": 365}});
    assert_eq!(code(&api.post(&of("/shorten"), &later).expect(409)), "already-so");
    let sooner = json!({"reason": "The contract ends", "expires": {"date": "2026-12-01"}});
    api.post(&of("/shorten"), &sooner).expect(204);
    let expiry = stored(world, &token).expiry.instant().unwrap();
    assert!(expiry < token.expiry.instant().unwrap() && expiry > world.clock.now() + Duration::days(7));
    let wrong = json!({"reason": "x", "expires": {"days": 1, "date": "2026-12-01"}});
    assert_eq!(errors(&api.post(&of("/shorten"), &wrong).expect(422))[0].1, "ambiguous");
    for _ in 0..2 {
        api.post(&of("/revoke"), &because).expect(204);
    }
    assert_eq!(code(&api.post(&of("/pause"), &because).expect(409)), "already-revoked");
    for action in [
        Action::TokenPaused,
        Action::TokenResumed,
        Action::TokenShortened,
        Action::TokenRevoked,
    ] {
        assert_eq!(events(world, action), 1, "{action:?}");
    }
}

fn what_is_somebody_elses_is_not_found(world: &World) {
    let api = administrator(world);
    let (priya, lena) = (world.customer("priya"), world.customer("lena"));
    let token = mint(&world.app, lena.id, |_| ()).token;
    let because = json!({"reason": "It was found"});
    let of = |rest: &str| path(&priya, &format!("/tokens/{}{rest}", token.public_id));
    assert_eq!(code(&api.get(&of("")).expect(404)), "not-found");
    for rest in ["/pause", "/resume", "/revoke"] {
        assert_eq!(code(&api.post(&of(rest), &because).expect(404)), "not-found", "{rest}");
    }
    assert_eq!(stored(world, &token).life, Life::Live);
}

fn all_are_revoked_at_once(world: &World) {
    let api = program(world, "tokens:stop");
    let account = world.customer("priya");
    for _ in 0..3 {
        mint(&world.app, account.id, |_| ());
    }
    let all = path(&account, "/tokens/revoke-all");
    let because = json!({"reason": "The computer was stolen"});
    let done = api.post(&all, &because).expect(200).json();
    assert_eq!(done["revoked"].as_array().unwrap().len(), 3);
    assert_eq!(api.post(&all, &because).expect(200).json()["revoked"], json!([]));
    assert_eq!(events(world, Action::TokenRevoked), 3);
}
