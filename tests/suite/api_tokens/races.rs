//! Eight programs at once: one of them wins, and the others are told why they did not.

use std::sync::Barrier;

use latchkey::{
    domain::{audit::Action, policy::Policy, token::Token},
    store::{self, StoreError, audit},
};
use serde_json::{Value, json};

use super::{PATH, code, holder, ids, manager, path, send, stored};
use crate::support::{Answer, Api, World, mint};

on_both!(
    one_key_makes_one_token,
    one_change_of_a_revision_wins,
    one_name_is_given_once,
    no_more_are_made_than_there_may_be,
    one_secret_is_made_of_a_revision,
    a_token_that_is_narrowed_meanwhile_makes_nothing_wide,
    a_token_that_is_revoked_meanwhile_does_nothing_more,
);

const THREADS: usize = 8;

/// What each of eight threads is answered; each is told its number.
fn at_once(work: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let (work, barrier) = (&work, &barrier);
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn(move || {
                    barrier.wait();
                    work(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// How many were answered so; the others with this status and code.
#[track_caller]
fn won(answers: &[Answer], status: u16, (lost, why): (u16, &str)) -> usize {
    let losers = answers.iter().filter(|answer| answer.status() != status);
    for answer in losers {
        assert_eq!(
            (answer.status(), code(answer).as_str()),
            (lost, why),
            "{}",
            answer.text()
        );
    }
    answers.iter().filter(|answer| answer.status() == status).count()
}

fn created(world: &World, account: &latchkey::domain::account::Account) -> usize {
    let query = audit::Query {
        actions: vec![Action::TokenCreated],
        limit: 100,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    events.unwrap().len()
}

fn post(api: &Api, key: &str, name: &str) -> Answer {
    let request = api.request("POST", PATH).header("Idempotency-Key", key);
    let body = json!({"name": name, "scopes": ["dns:read"]});
    api.send(&request.body("application/json", body.to_string()))
}

fn one_key_makes_one_token(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let answers = at_once(|_| post(&api, "the-same", "a"));
    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status() == 201).collect();
    assert_eq!((made.len(), created(world, &account)), (1, 1));
    let id = made[0].json()["token"]["id"].clone();
    for answer in &answers {
        let said = answer.json();
        assert_eq!(said["token"]["id"], id);
        assert_eq!(said["secret"].is_string(), answer.status() == 201);
        assert!(matches!(answer.status(), 200 | 201));
    }
}

fn one_change_of_a_revision_wins(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = path(&token);
    let answers = at_once(|number| send(&api, ("PATCH", &path), "\"0\"", &json!({"name": format!("n{number}")})));
    assert_eq!(won(&answers, 200, (412, "changed")), 1);
    let now = stored(world, &token);
    assert_eq!(now.revision, 1);
    let winner = answers.iter().find(|answer| answer.status() == 200).unwrap();
    assert_eq!(winner.json()["name"], now.name.as_str());
}

fn one_name_is_given_once(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let answers = at_once(|number| post(&api, &format!("k{number}"), if number % 2 == 0 { "a" } else { "A" }));
    assert_eq!(won(&answers, 201, (409, "name-taken")), 1);
    assert_eq!(created(world, &account), 1);
}

fn no_more_are_made_than_there_may_be(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let policy = Policy {
        max_live_tokens: Some(4),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &policy));
    put.unwrap();
    let answers = at_once(|number| post(&api, &format!("k{number}"), &format!("n{number}")));
    assert_eq!(
        won(&answers, 201, (409, "too-many-tokens")),
        3,
        "the manager's own is one"
    );
    assert_eq!(ids(&api.get(PATH).expect(200).json()).len(), 4);
}

fn one_secret_is_made_of_a_revision(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = format!("{}/rotate", path(&token));
    let answers = at_once(|_| send(&api, ("POST", &path), "\"0\"", &json!({"overlap": "none"})));
    assert_eq!(won(&answers, 200, (412, "changed")), 1);
    let winner = answers.iter().find(|answer| answer.status() == 200).unwrap().json();
    let secret = winner["secret"].as_str().unwrap();
    world.api().with_token(secret).get("/api/v1/token").expect(200);
}

/// Seven make tokens as wide as their own while the eighth narrows that one: whatever was made is either from before, or
/// is not there.
fn a_token_that_is_narrowed_meanwhile_makes_nothing_wide(world: &World) {
    let account = world.customer("priya");
    let (owner, _) = manager(world, &account);
    for round in 0..5 {
        let (api, own) = holder(world, &account, |new| {
            new.scopes = "tokens:manage dns:write".parse().unwrap();
        });
        let (own_path, narrow) = (path(&own), json!({"scopes": ["tokens:manage", "dns:read"]}));
        let answers = at_once(|number| {
            if number == 0 {
                return send(&owner, ("PATCH", &own_path), "*", &narrow);
            }
            let name = format!("r{round} n{number}");
            api.post(PATH, &json!({"name": name, "scopes": ["dns:write"]}))
        });
        let (narrowed, others) = answers.split_first().unwrap();
        assert_eq!(narrowed.status(), 200);
        let made = won(others, 201, (403, "beyond-this-token"));
        // The order of the audit is the order in which the changes were made.
        let query = audit::Query {
            actions: vec![Action::TokenCreated, Action::TokenChanged],
            limit: 100,
            ..audit::Query::default()
        };
        let events: Result<_, StoreError> = world
            .app
            .store
            .read_here(|connection| audit::list(connection, account.id, &query));
        let events = events.unwrap();
        let since = events
            .iter()
            .take_while(|event| event.event.action != Action::TokenChanged)
            .count();
        assert_eq!(
            since, 0,
            "{made} were made, {since} of them after the token was narrowed"
        );
        let late = api.post(
            PATH,
            &json!({"name": format!("r{round} late"), "scopes": ["dns:write"]}),
        );
        assert_eq!(code(&late.expect(403)), "beyond-this-token");
    }
    assert!(matches!(owner.get(PATH).expect(200).json()["items"], Value::Array(_)));
}

/// Seven change tokens while the eighth ends the token that they ask with. In the audit nothing that it did stands behind
/// its end.
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_token_that_is_revoked_meanwhile_does_nothing_more(world: &World) {
    let account = world.customer("priya");
    let (owner, _) = manager(world, &account);
    for round in 0..5 {
        let (api, own) = manager(world, &account);
        let targets: Vec<Token> = (0..THREADS)
            .map(|_| mint(&world.app, account.id, |_| ()).token)
            .collect();
        let answers = at_once(|number| {
            let target = path(&targets[number]);
            match number {
                0 => owner.delete(&path(&own)),
                1 | 2 => api.post(
                    PATH,
                    &json!({"name": format!("r{round} n{number}"), "scopes": ["dns:read"]}),
                ),
                3 | 4 => api.post(&format!("{target}/pause"), &json!({})),
                5 => send(&api, ("PATCH", &target), "*", &json!({"scopes": ["dns:read"]})),
                6 => send(
                    &api,
                    ("POST", &format!("{target}/rotate")),
                    "*",
                    &json!({"overlap": "day"}),
                ),
                _ => send(
                    &api,
                    ("POST", &format!("{target}/renew")),
                    "*",
                    &json!({"expires": "never"}),
                ),
            }
        });
        assert_eq!(answers[0].status(), 204);
        for answer in &answers[1..] {
            let told = (
                answer.status(),
                if answer.status() < 300 {
                    String::new()
                } else {
                    code(answer)
                },
            );
            let ended = [(401, "token-revoked"), (403, "insufficient-scope"), (404, "not-found")];
            let fits = told.0 < 300 || ended.contains(&(told.0, told.1.as_str()));
            assert!(fits, "{}: {}", answer.status(), answer.text());
        }
        let query = audit::Query {
            limit: 100,
            ..audit::Query::default()
        };
        let events: Result<_, StoreError> = world
            .app
            .store
            .read_here(|connection| audit::list(connection, account.id, &query));
        let events = events.unwrap();
        let id = own.public_id.to_string();
        let end = events.iter().position(|event| event.event.target.id == id).unwrap();
        assert!(
            events[..end].iter().all(|event| event.event.actor.id != id),
            "{:?}",
            &events[..end]
        );
    }
}
