//! Secrets that no longer work and are presented all the same: what is noted, who is told, and what nobody can tell from
//! outside.

#[path = "reuse/shown.rs"]
mod shown;
#[path = "reuse/written.rs"]
mod written;

use std::{collections::BTreeMap, sync::Arc};

use latchkey::{
    app::{
        App, Caller, accounts,
        tokens::{
            revoke::revoke,
            rotate::{Overlap, retire, rotate},
        },
        upkeep,
        verify::{Asked, answer},
    },
    domain::{
        account::Account,
        audit::{Action, NewEvent},
        id::TokenId,
        mail::NEWS,
        reuse::{Ended, KEPT_ADDRESSES, OTHERS, Reuse},
        scope::ScopeSet,
        secret::TokenSecret,
        token::{Expiry, PausedBy, Token},
    },
    store,
};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    support::{Api, Minted, World, mint},
    token::{events, fresh},
};

on_both!(
    secrets_that_were_replaced_are_told,
    every_way_in_tells_the_end_of_a_token,
    old_secrets_are_known_for_as_long_as_they_are_kept,
    nothing_else_raises_an_alarm,
    the_caller_learns_nothing_new,
    many_calls_are_one_event,
    the_owner_is_not_written_to_each_day,
    addresses_have_a_bound,
);

const TOKEN: &str = "/api/v1/token";

fn stage(world: &World) -> (Account, Minted) {
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap());
    (account, minted)
}

fn at(world: &World, address: &str, secret: &str) -> Api {
    world.api().with_token(secret).at_address(address)
}

fn flush(world: &World, app: &Arc<App>) {
    world.wait(app.reuse.flush(app)).unwrap();
}

fn rows(world: &World, token: TokenId) -> Vec<Reuse> {
    flush(world, &world.app);
    let since = world.clock.now() - Duration::days(400);
    let listed = world
        .app
        .store
        .read_here(|connection| store::reuse::list(connection, &[token], since));
    listed.unwrap()
}

/// What was noted: kind, address, calls.
fn noted(world: &World, token: &Token) -> Vec<(Ended, String, i64)> {
    let rows = rows(world, token.id).into_iter();
    let mut noted: Vec<_> = rows.map(|row| (row.ended, row.address, row.calls)).collect();
    noted.sort();
    noted
}

fn told(world: &World, token: &Token) -> Vec<NewEvent> {
    flush(world, &world.app);
    let events = events(world, token).into_iter();
    events
        .filter(|event| event.action == Action::TokenSecretReused)
        .collect()
}

/// Gives the token another secret and returns it.
fn rotated(world: &World, account: &Account, token: &Token, overlap: Overlap) -> String {
    let now = world
        .app
        .store
        .read_here(|connection| store::tokens::find(connection, account.id, &token.public_id));
    let revision = now.unwrap().unwrap().revision;
    let caller = fresh(world, account);
    let done = rotate(&world.app, &caller, account.id, token.public_id, revision, overlap);
    world.wait(done).unwrap().secret.expose().to_owned()
}

fn end(world: &World, account: &Account, token: &Token) {
    let caller = fresh(world, account);
    world
        .wait(revoke(&world.app, &caller, account.id, token.public_id))
        .unwrap();
}

fn secrets_that_were_replaced_are_told(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    // Replaced, after its overlap; and one that was ended early.
    let second = rotated(world, &account, &token, Overlap::Hour);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(200);
    world.clock.advance(Duration::HOUR);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    rotated(world, &account, &token, Overlap::Week);
    let caller = fresh(world, &account);
    let last4 = second[second.len() - 4..].to_owned();
    let retired = retire(&world.app, &caller, account.id, token.public_id, last4);
    world.wait(retired).unwrap();
    at(world, "203.0.113.25", &second).get(TOKEN).expect(401);
    let replaced = |address: &str| (Ended::Replaced, address.to_owned(), 1);
    let both = vec![replaced("203.0.113.24"), replaced("203.0.113.25")];
    assert_eq!(noted(world, &token), both);
    // The first one is no longer in the token's own row.
    at(world, "203.0.113.26", &secret).get(TOKEN).expect(401);
    assert_eq!(noted(world, &token).len(), 3);
}

fn every_way_in_tells_the_end_of_a_token(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    let third = {
        rotated(world, &account, &token, Overlap::None);
        at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
        rotated(world, &account, &token, Overlap::None)
    };
    // Expired, and revoked, asked through the way that decides.
    let body = json!({ "scopes": ["backups:create"] });
    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(world.clock.now() - Duration::SECOND);
    });
    at(world, "203.0.113.27", &expired.secret)
        .post("/api/v1/decide", &body)
        .expect(401);
    assert_eq!(
        noted(world, &expired.token),
        [(Ended::Expired, "203.0.113.27".to_owned(), 1)]
    );
    // What proxies and services are answered goes the same way.
    let scopes: ScopeSet = "backups:create".parse().unwrap();
    let asked = Asked::Scopes {
        scopes: &scopes,
        site: None,
    };
    for (secret, allowed) in [(&secret, false), (&expired.secret, false), (&third, true)] {
        let from = "203.0.113.28".parse().unwrap();
        let answered = world.wait(answer(&world.app, secret, from, asked));
        assert_eq!(
            answered.is_ok_and(|answered| answered.ruling.decision.is_allowed()),
            allowed
        );
    }
    assert_eq!((noted(world, &token).len(), noted(world, &expired.token).len()), (2, 2));
    end(world, &account, &token);
    at(world, "2001:db8::1", &third).get(TOKEN).expect(401);
    let all = noted(world, &token);
    assert_eq!(all.last(), Some(&(Ended::Revoked, "2001:db8::1".to_owned(), 1)));
    let kinds: Vec<Vec<Option<String>>> = told(world, &token)
        .iter()
        .map(|event| event.changes.iter().map(|change| change.after.clone()).collect())
        .collect();
    // One event for each kind, and one mail on the day for both.
    assert_eq!(
        kinds,
        [
            vec![Some("revoked".to_owned())],
            vec![Some("replaced".to_owned()), Some("yes".to_owned())]
        ]
    );
    let event = &told(world, &expired.token)[0];
    assert_eq!(
        (event.actor.kind.as_str(), event.address.as_deref(), event.account),
        ("token", Some("203.0.113.27"), Some(account.id))
    );
}

fn old_secrets_are_known_for_as_long_as_they_are_kept(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    let mut secrets = vec![secret];
    for _ in 0..13 {
        world.clock.advance(Duration::MINUTE);
        secrets.push(rotated(world, &account, &token, Overlap::None));
    }
    for (number, secret) in secrets.iter().enumerate().take(13) {
        at(world, &format!("192.0.2.{number}"), secret).get(TOKEN).expect(401);
    }
    // Ten of them, and the last one, which stands in the token's row.
    let known: Vec<String> = noted(world, &token)
        .into_iter()
        .map(|(_, address, _)| address)
        .collect();
    assert_eq!(known.len(), 11);
    assert!(!known.contains(&"192.0.2.0".to_owned()) && !known.contains(&"192.0.2.1".to_owned()));
    world.clock.advance(Duration::days(90) + Duration::HOUR);
    assert!(world.wait(upkeep::sweep(&world.app)).unwrap().reuse >= 10);
    at(world, "192.0.2.99", &secrets[5]).get(TOKEN).expect(401);
    assert!(noted(world, &token).is_empty());
}

fn nothing_else_raises_an_alarm(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(200);
    let made_up = TokenSecret::mint(token.public_id, |length| "x".repeat(length));
    let unknown = TokenSecret::mint("Unknown1".parse().unwrap(), |length| "x".repeat(length));
    for text in [made_up.expose(), unknown.expose(), "lk_", &secret[..49]] {
        at(world, "203.0.113.24", text).get(TOKEN).expect(401);
    }
    // A rotation without anything older, a pause, an address that is not allowed.
    rotated(world, &account, &token, Overlap::Day);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(200);
    let now = world.clock.now();
    let paused = world
        .app
        .store
        .write_here(|connection| store::tokens::pause(connection, token.id, PausedBy::Owner, now));
    assert!(paused.unwrap());
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    let limited = mint(&world.app, account.id, |new| {
        new.addresses = "192.0.2.1".parse().unwrap();
    });
    at(world, "203.0.113.24", &limited.secret).get(TOKEN).expect(403);
    for token in [&token, &limited.token] {
        assert!(noted(world, token).is_empty() && told(world, token).is_empty());
    }
    // Nobody is left to be told of it.
    let caller = Caller::shell().because("gone".parse().unwrap());
    world
        .wait(accounts::remove::remove(&world.app, &caller, account.id))
        .unwrap();
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    assert!(noted(world, &token).is_empty());
}

fn the_caller_learns_nothing_new(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    for _ in 0..2 {
        rotated(world, &account, &token, Overlap::None);
    }
    let unknown = TokenSecret::mint("Unknown1".parse().unwrap(), |length| "x".repeat(length));
    let said = |text: &str| {
        let answer = at(world, "203.0.113.24", text).get(TOKEN).expect(401);
        let mut said = answer.json();
        said["instance"] = Value::Null;
        (said, answer.header("WWW-Authenticate").map(str::to_owned))
    };
    // A secret that was replaced twice is like one that never was.
    assert_eq!(said(&secret), said(unknown.expose()));
    assert_eq!(noted(world, &token).len(), 1);
    assert_eq!(said(&secret), said(unknown.expose()));
}

fn many_calls_are_one_event(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    end(world, &account, &token);
    for round in 0..3 {
        for _ in 0..20 {
            at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
        }
        assert_eq!(noted(world, &token)[0].2, (round + 1) * 20);
        world.clock.advance(Duration::MINUTE);
    }
    let told = told(world, &token);
    let [event] = &told[..] else {
        panic!("one event a day");
    };
    assert!(event.changes.iter().any(|change| change.field == NEWS));
    let row = &rows(world, token.id)[0];
    assert_eq!(row.last_at - row.first_at, Duration::minutes(2));
}

fn the_owner_is_not_written_to_each_day(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    end(world, &account, &token);
    let mut mailed = Vec::new();
    let mut call = |days: i64, address: &str| {
        world.clock.advance(Duration::days(days));
        at(world, address, &secret).get(TOKEN).expect(401);
        let event = told(world, &token).remove(0);
        assert!(event.at >= world.clock.now() - Duration::MINUTE, "an event each day");
        mailed.push(event.changes.iter().any(|change| change.field == NEWS));
    };
    call(0, "203.0.113.24");
    call(1, "203.0.113.24");
    call(1, "203.0.113.25");
    call(7, "203.0.113.25");
    call(8, "203.0.113.24");
    assert_eq!(mailed, [true, false, true, false, true]);
}

fn addresses_have_a_bound(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    end(world, &account, &token);
    let most = usize::try_from(KEPT_ADDRESSES).unwrap();
    for half in 0..2 {
        for number in 0..20 {
            let address = format!("2001:db8:{half}::{number}");
            at(world, &address, &secret).get(TOKEN).expect(401);
        }
        flush(world, &world.app);
    }
    at(world, "2001:db8::3", &secret).get(TOKEN).expect(401);
    let noted: BTreeMap<String, i64> = noted(world, &token)
        .into_iter()
        .map(|(_, address, calls)| (address, calls))
        .collect();
    assert_eq!((noted.len(), noted[OTHERS]), (most + 1, 20));
    assert_eq!(noted["2001:db8::3"], 2);
}
