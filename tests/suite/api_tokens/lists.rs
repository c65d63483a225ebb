//! Lists: what they show, in which order, and that none is passed over or comes twice while others are made.

use latchkey::{
    domain::{
        id::TokenId,
        token::{Expiry, Token},
        usage::{SecretGeneration, SeenUse, UsageDay, UsageKey, UsageRow},
    },
    store::{self, StoreError, tokens},
};
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, code, errors, holder, ids, manager, path, send};
use crate::support::{Api, World, mint};

on_both!(
    every_order_is_walked_whole_while_tokens_are_made,
    filters_and_searches_are_the_panels,
    what_is_no_parameter_is_refused,
    a_cursor_is_of_one_order_and_one_account,
    a_history_is_walked_event_by_event,
    usage_is_told_by_what_was_called,
);

/// Thirteen tokens in which everything that they are sorted by is there, missing and twice.
fn many(world: &World, account: latchkey::domain::id::AccountId) -> Vec<Token> {
    let now = world.app.now();
    let mut made = Vec::new();
    for number in 0..13_i64 {
        let token = mint(&world.app, account, |new| {
            new.name = format!(
                "{} token {number}",
                ["Alpha", "beta", "Ärger"][usize::try_from(number % 3).unwrap()]
            )
            .parse()
            .unwrap();
            new.created_at = now - Duration::hours(number / 2);
            new.expiry = match number % 4 {
                0 => Expiry::Never,
                _ => Expiry::At(now + Duration::days(1 + number % 3)),
            };
        });
        if number % 3 > 0 {
            note_use(world, token.token.id, now - Duration::minutes(number % 5));
        }
        made.push(token.token);
    }
    made
}

fn note_use(world: &World, token: TokenId, at: time::PrimitiveDateTime) {
    let seen = SeenUse {
        token,
        generation: SecretGeneration::Current,
        at,
        from: "203.0.113.7".parse().unwrap(),
    };
    let noted: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::record_use(connection, &seen));
    noted.unwrap();
}

fn page(api: &Api, query: &str) -> Value {
    api.get(&format!("{PATH}{query}")).expect(200).json()
}

fn every_order_is_walked_whole_while_tokens_are_made(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let made = many(world, account.id);
    for sort in [
        "-created", "created", "name", "-name", "expires", "-expires", "-used", "used",
    ] {
        let whole = ids(&page(&api, &format!("?sort={sort}&limit=100")));
        let new_before: Vec<&str> = whole.iter().map(String::as_str).collect();
        assert!(
            made.iter()
                .chain([&own])
                .all(|token| new_before.contains(&token.public_id.as_str()))
        );
        let (mut walked, mut next) = (Vec::new(), String::new());
        loop {
            let said = page(&api, &format!("?sort={sort}&limit=5{next}"));
            walked.extend(ids(&said));
            // Somebody makes another one after each page.
            mint(&world.app, account.id, |new| {
                new.created_at = world.app.now() + Duration::seconds(1);
            });
            let Some(cursor) = said["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        let old: Vec<&String> = walked.iter().filter(|id| whole.contains(id)).collect();
        assert_eq!(old, whole.iter().collect::<Vec<_>>(), "{sort}");
        let mut once = walked.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), walked.len(), "{sort}: none comes twice");
    }
}

fn filters_and_searches_are_the_panels(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let paused = mint(&world.app, account.id, |new| new.name = "Backup 100%".parse().unwrap()).token;
    let revoked = mint(&world.app, account.id, |new| {
        new.description = "of the shop".parse().unwrap();
    })
    .token;
    api.post(&format!("{}/pause", path(&paused)), &json!({})).expect(200);
    api.delete(&path(&revoked)).expect(204);
    mint(&world.app, world.customer("mallory").id, |_| ());
    let names = |tokens: &[&Token]| {
        tokens
            .iter()
            .map(|token| token.public_id.to_string())
            .collect::<Vec<_>>()
    };
    for (query, found) in [
        ("", vec![&paused, &own]),
        ("?status=all&sort=created", vec![&own, &paused]),
        ("?status=active", vec![&own]),
        ("?status=paused", vec![&paused]),
        ("?status=revoked", vec![&revoked]),
        ("?status=expired", vec![]),
        ("?q=100%25", vec![&paused]),
        ("?q=BACKUP+100", vec![&paused]),
        ("?q=shop", vec![]),
        ("?q=shop&status=revoked", vec![&revoked]),
        ("?q=&limit=1", vec![&paused]),
    ] {
        assert_eq!(ids(&page(&api, query)), names(&found), "{query}");
    }
    let by_id = format!("?q={}", own.public_id);
    assert_eq!(ids(&page(&api, &by_id)), names(&[&own]));
}

fn what_is_no_parameter_is_refused(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let secret = mint(&world.app, account.id, |_| ()).secret;
    let long = "x".repeat(101);
    for (query, member, wrong) in [
        ("?page=2".to_owned(), "?page", "unknown-member"),
        ("?limit=0".to_owned(), "?limit", "out-of-range"),
        ("?limit=101".to_owned(), "?limit", "out-of-range"),
        ("?limit=1&limit=2".to_owned(), "?limit", "duplicate-member"),
        ("?limit=".to_owned(), "?limit", "out-of-range"),
        ("?status=Active".to_owned(), "?status", "unknown-word"),
        ("?sort=size".to_owned(), "?sort", "unknown-word"),
        ("?cursor=zz".to_owned(), "?cursor", "invalid-cursor"),
        ("?cursor=00".to_owned(), "?cursor", "invalid-cursor"),
        ("?q=%00".to_owned(), "?q", "invisible-characters"),
        (format!("?q={long}"), "?q", "too-long"),
    ] {
        let answer = api.get(&format!("{PATH}{query}")).expect(400);
        assert_eq!(code(&answer), "invalid-query");
        assert_eq!(errors(&answer), [(member.to_owned(), wrong.to_owned())], "{query}");
    }
    let all = api.get(&format!("{PATH}?a=1&limit=x&sort=b")).expect(400);
    assert_eq!(errors(&all).len(), 3);
    for query in [
        format!("?q={secret}"),
        format!("?access_token={secret}"),
        format!("?{}", secret.replace('_', "%5F")),
        format!("?q=x{}", &secret[..40]),
    ] {
        let answer = api.get(&format!("{PATH}{query}")).expect(400);
        assert_eq!(code(&answer), "invalid-request");
        assert!(!answer.text().contains(&secret[12..40]));
    }
    for other in [
        path(&own),
        "/api/v1/account".to_owned(),
        format!("{}/history", path(&own)),
    ] {
        api.get(&format!("{other}?x=1")).expect(400);
        api.get(&format!("{other}?")).expect(200);
    }
    api.get("/api/v1/catalogue?x=1").expect(400);
    for other in [PATH.to_owned(), format!("{}/pause", path(&own))] {
        assert_eq!(
            code(&api.post(&format!("{other}?x=1"), &json!({})).expect(400)),
            "invalid-query"
        );
    }
}

fn a_cursor_is_of_one_order_and_one_account(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    mint(&world.app, account.id, |_| ());
    let said = page(&api, "?limit=1&sort=name");
    let cursor = said["next"].as_str().unwrap().to_owned();
    assert!(!cursor.contains(&said["items"][0]["id"].as_str().unwrap().to_lowercase()));
    api.get(&format!("{PATH}?sort=created&cursor={cursor}")).expect(400);
    api.get(&format!("{PATH}?sort=name&cursor={cursor}")).expect(200);
    let (stranger, _) = manager(world, &world.customer("mallory"));
    // Of another account it is either none, or a place in that one's own list.
    let there = stranger.get(&format!("{PATH}?sort=name&cursor={cursor}"));
    assert!(matches!(there.status(), 200 | 400));
    assert!(!there.text().contains("priya"));
}

fn a_history_is_walked_event_by_event(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    for number in 0..7 {
        send(
            &api,
            ("PATCH", &path(&token)),
            "*",
            &json!({"name": format!("n{number}")}),
        )
        .expect(200);
    }
    let history = |query: &str| api.get(&format!("{}/history{query}", path(&token))).expect(200).json();
    let whole = history("");
    assert_eq!((ids(&whole).len(), &whole["next"]), (7, &Value::Null));
    let latest = &whole["items"][0];
    assert_eq!(latest["action"], "token.changed");
    assert_eq!(latest["actor"], json!({"kind": "token", "name": own.name.as_str()}));
    assert_eq!(
        latest["changes"],
        json!([{"field": "name", "before": "n5", "after": "n6"}])
    );
    let (mut walked, mut next) = (Vec::new(), String::new());
    loop {
        let said = history(&format!("?limit=2{next}"));
        walked.extend(ids(&said));
        let Some(cursor) = said["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(walked, ids(&whole));
    api.get(&format!("{}/history?cursor=00", path(&token))).expect(400);
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn usage_is_told_by_what_was_called(world: &World) {
    let account = world.customer("priya");
    let (api, _) = holder(world, &account, |new| new.scopes = "tokens:read".parse().unwrap());
    let token = mint(&world.app, account.id, |_| ()).token;
    let hour = latchkey::domain::usage::hour_of(world.app.now());
    let row = |route: &str, site: &str, outcome: &str, calls| UsageRow {
        key: UsageKey {
            token: token.id,
            hour,
            route: route.to_owned(),
            scope: "backups:create".to_owned(),
            site: site.to_owned(),
            address: "203.0.113.7".to_owned(),
            outcome: outcome.to_owned(),
        },
        calls,
        last_at: hour + Duration::minutes(calls),
    };
    let rows = [
        row("POST /sites/{site}/backups", "priya.example", "allowed", 9),
        row("POST /sites/{site}/backups", "priya.example", "missing-scopes", 2),
        row("", "", "allowed", 1),
    ];
    let day = UsageDay {
        token: token.id,
        day: latchkey::domain::usage::day_of(world.app.now()),
        allowed: 10,
        refused: 2,
    };
    let noted: Result<(), StoreError> = world.app.store.write_here(|connection| {
        for row in &rows {
            store::usage::add(connection, row)?;
        }
        store::usage::add_day(connection, &day)
    });
    noted.unwrap();
    let usage = |query: &str| api.get(&format!("{}/usage{query}", path(&token))).expect(200).json();
    let whole = usage("");
    assert_eq!(
        whole["days"],
        json!([{"day": "2026-11-23", "allowed": 10, "refused": 2}])
    );
    assert_eq!(whole["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        whole["items"][0],
        json!({
            "route": "POST /sites/{site}/backups", "scopes": ["backups:create"], "site": "priya.example",
            "address": "203.0.113.7", "outcome": "allowed", "calls": 9, "last_at": "2026-11-23T12:09:00Z",
        })
    );
    assert_eq!(usage("?outcome=allowed")["items"].as_array().unwrap().len(), 2);
    assert_eq!(usage("?outcome=refused")["items"][0]["calls"], 2);
    assert_eq!(
        usage("?site=priya.example&limit=1")["items"].as_array().unwrap().len(),
        1
    );
    let first = usage("?limit=2");
    let second = usage(&format!("?limit=2&cursor={}", first["next"].as_str().unwrap()));
    assert_eq!(
        (second["items"].as_array().unwrap().len(), &second["next"]),
        (1, &Value::Null)
    );
    assert_eq!(second["items"][0]["site"], Value::Null);
    for wrong in ["?outcome=maybe", "?route=%00", "?cursor=2d31", "?day=1"] {
        api.get(&format!("{}/usage{wrong}", path(&token))).expect(400);
    }
}
