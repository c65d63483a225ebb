//! How calls are counted: what a use is, what is written when, and what time takes away.

mod waiting;

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use latchkey::{
    app::{App, tokens::unused::revoke_unused, upkeep, usage::Counted},
    domain::{
        audit::Action,
        policy::Policy,
        token::{Expiry, Token},
        usage::{MAX_VARIETY, OTHER, SecretGeneration, UsageDay, UsageRow, day_of},
    },
    store::{
        self, StoreError, audit, tokens,
        usage::{self, OutcomeFilter, UsageFilter},
    },
};
use serde_json::{Value, json};
use time::Duration;
use tokio::runtime::Builder;

use crate::support::{Api, Minted, World, mint, plans};

on_both!(
    ten_calls_stand_in_the_books,
    a_refused_call_is_counted_and_is_no_use,
    calls_of_the_api_itself_are_counted,
    a_failed_flush_fails_nothing_and_loses_nothing,
    nothing_is_lost_between_eight_callers_and_two_writers,
    what_a_token_is_counted_by_is_bounded_however_many_count,
    time_takes_old_usage_away,
    what_is_old_goes_piece_by_piece,
    the_pages_and_the_sweep_read_by_an_index,
    unused_tokens_end_once_where_the_policy_says_so,
);

const DECIDE: &str = "/api/v1/decide";

fn backup() -> Value {
    json!({ "method": "POST", "path": "/sites/priya.example/backups" })
}

fn holder(world: &World) -> (Api, Token) {
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |_| ());
    (world.api().with_token(&secret), token)
}

fn flush(world: &World) {
    world.wait(world.app.usage.flush(&world.app)).unwrap();
}

/// What is written of a token: its hours, its days, and itself.
fn books(world: &World, token: &Token) -> (Vec<UsageRow>, Vec<UsageDay>, Token) {
    let since = world.clock.now() - Duration::days(200);
    let read: Result<_, StoreError> = world.app.store.read_here(|connection| {
        Ok((
            usage::list_hours(connection, token.id, since, 100)?,
            usage::list_days(connection, &[token.id], since)?,
            tokens::find(connection, token.account, &token.public_id)?,
        ))
    });
    let (hours, days, token) = read.unwrap();
    (hours, days, token.unwrap())
}

fn ten_calls_stand_in_the_books(world: &World) {
    let (api, token) = holder(world);
    for _ in 0..10 {
        api.post(DECIDE, &backup()).expect(200);
    }
    assert!(
        books(world, &token).0.is_empty(),
        "nothing is written while calls are answered"
    );
    flush(world);
    let (hours, days, token) = books(world, &token);
    assert_eq!(hours.len(), 1);
    let row = &hours[0];
    assert_eq!((row.calls, row.key.route.as_str()), (10, "POST /sites/{site}/backups"));
    assert_eq!(
        (row.key.scope.as_str(), row.key.site.as_str()),
        ("backups:create", "priya.example")
    );
    assert_eq!(
        (row.key.address.as_str(), row.key.outcome.as_str()),
        ("127.0.0.1", "allowed")
    );
    assert_eq!((days[0].allowed, days[0].refused), (10, 0));
    let last = token.last_use.unwrap();
    assert_eq!(
        (last.at, last.from.to_string().as_str()),
        (world.clock.now(), "127.0.0.1")
    );
    assert_eq!(token.secret_use, Some(last));
    let said = api.get("/api/v1/token").expect(200).json();
    assert_eq!(
        said["last_used"],
        json!({ "at": "2026-11-23T12:00:00Z", "address": "127.0.0.1" })
    );
}

fn a_refused_call_is_counted_and_is_no_use(world: &World) {
    let account = world.customer("priya").id;
    let Minted { secret, token } = mint(&world.app, account, |new| {
        new.addresses = "203.0.113.7".parse().unwrap();
    });
    let api = world.api().with_token(&secret);
    api.post(DECIDE, &backup()).expect(403);
    api.get("/api/v1/token").expect(403);
    let inside = api.at_address("203.0.113.7");
    let no = inside.post(DECIDE, &json!({ "scopes": ["dns:write"], "site": "priya.example" }));
    assert_eq!(no.expect(200).json()["allowed"], false);
    inside.post(DECIDE, &json!({ "nonsense": 1 })).expect(422);
    flush(world);
    let (mut hours, days, token) = books(world, &token);
    hours.sort_by(|one, other| one.key.cmp(&other.key));
    let counted: Vec<_> = hours
        .iter()
        .map(|row| format!("{} {} {}", row.calls, row.key.outcome, row.key.route))
        .collect();
    assert_eq!(
        counted,
        [
            "1 missing-scopes ",
            "1 address-not-allowed GET /api/v1/token",
            "1 address-not-allowed POST /api/v1/decide"
        ]
    );
    assert_eq!((days[0].allowed, days[0].refused), (0, 3));
    assert_eq!((token.last_use, token.secret_use), (None, None));
}

fn calls_of_the_api_itself_are_counted(world: &World) {
    let (api, token) = holder(world);
    api.get("/api/v1/token").expect(200);
    api.delete("/api/v1/token").expect(204);
    api.get("/api/v1/token").expect(401);
    flush(world);
    let (hours, ..) = books(world, &token);
    let mut counted: Vec<_> = hours
        .iter()
        .map(|row| format!("{} {}", row.key.outcome, row.key.route))
        .collect();
    counted.sort();
    assert_eq!(
        counted,
        [
            "allowed DELETE /api/v1/token",
            "allowed GET /api/v1/token",
            "revoked GET /api/v1/token"
        ]
    );
}

fn a_failed_flush_fails_nothing_and_loses_nothing(world: &World) {
    let (api, token) = holder(world);
    let rename = |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        let renamed: Result<(), StoreError> = world
            .app
            .store
            .write_here(|connection| Ok(connection.batch_execute(&sql)?));
        renamed.unwrap();
    };
    api.post(DECIDE, &backup()).expect(200);
    rename("usage_hours", "usage_gone");
    for _ in 0..3 {
        assert!(world.wait(world.app.usage.flush(&world.app)).is_err());
        api.post(DECIDE, &backup()).expect(200);
    }
    rename("usage_gone", "usage_hours");
    assert!(
        books(world, &token).1.is_empty(),
        "a transaction is written whole or not at all"
    );
    flush(world);
    let (hours, days, token) = books(world, &token);
    assert_eq!((hours[0].calls, days[0].allowed), (4, 4));
    assert!(token.last_use.is_some());
}

fn nothing_is_lost_between_eight_callers_and_two_writers(world: &World) {
    let (api, token) = holder(world);
    let left = AtomicUsize::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    api.post(DECIDE, &backup()).expect(200);
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                while left.load(Ordering::Relaxed) > 0 {
                    runtime.block_on(world.app.usage.flush(&world.app)).unwrap();
                }
            });
        }
    });
    flush(world);
    let (hours, days, _) = books(world, &token);
    assert_eq!((hours.len(), hours[0].calls, days[0].allowed), (1, 200, 200));
}

/// Counts calls that differ in their site alone.
fn vary(app: &App, token: &Token, sites: std::ops::Range<usize>) {
    for number in sites {
        app.usage.count(&varied(app, token, &format!("s{number}.example")));
    }
}

/// A refused call about a site.
fn varied<'a>(app: &App, token: &Token, site: &'a str) -> Counted<'a> {
    Counted {
        token: token.id,
        generation: SecretGeneration::Current,
        at: app.now(),
        route: "POST /sites/{site}/backups",
        scope: "backups:create",
        site,
        from: "203.0.113.7".parse().unwrap(),
        outcome: "no-such-site",
    }
}

fn what_a_token_is_counted_by_is_bounded_however_many_count(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let bystander = mint(&world.app, token.account, |_| ()).token;
    let second = world.join();
    // Eight writers of two nodes, each with other sites.
    std::thread::scope(|scope| {
        for number in 0..8 {
            let app = if number % 2 == 0 { &world.app } else { &second.app };
            let token = &token;
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                for part in 0..2 {
                    let start = number * 300 + part * 150;
                    vary(app, token, start..start + 150);
                    runtime.block_on(app.usage.flush(app)).unwrap();
                }
            });
        }
    });
    for app in [&world.app, &second.app] {
        world.wait(app.usage.flush(app)).unwrap();
    }
    // Started again it remembers nothing, and nothing more comes in.
    let third = world.join();
    vary(&third.app, &token, 9_000..9_100);
    vary(&third.app, &token, 0..1);
    vary(&third.app, &bystander, 0..1);
    world.wait(third.app.usage.flush(&third.app)).unwrap();
    let since = world.clock.now() - Duration::days(1);
    let read = |token: &Token| -> Vec<UsageRow> {
        let rows: Result<_, StoreError> = world
            .app
            .store
            .read_here(|connection| usage::list_hours(connection, token.id, since, 5_000));
        rows.unwrap()
    };
    let rows = read(&token);
    assert_eq!(rows.iter().map(|row| row.calls).sum::<i64>(), 2_501, "no call is lost");
    let (others, named): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.key.site == OTHER);
    assert_eq!((named.len(), others.len()), (MAX_VARIETY, 1));
    assert_eq!(others[0].key.address, OTHER);
    assert_eq!(read(&bystander).len(), 1, "each token has its own");
}

fn what_is_old_goes_piece_by_piece(world: &World) {
    let account = world.customer("priya").id;
    let tokens: Vec<Token> = (0..60).map(|_| mint(&world.app, account, |_| ()).token).collect();
    for token in &tokens {
        vary(&world.app, token, 0..2);
    }
    flush(world);
    world.clock.advance(Duration::days(60));
    vary(&world.app, &tokens[0], 0..1);
    flush(world);
    world.clock.advance(Duration::days(31));
    let before = world.clock.now() - Duration::days(90);
    let first: Result<usize, StoreError> = world
        .app
        .store
        .write_here(|connection| usage::sweep(connection, day_of(before)));
    assert_eq!(first.unwrap(), 25 * 3, "two hours and a day of each token");
    assert_eq!(world.wait(upkeep::sweep(&world.app)).unwrap().usage, 35 * 3);
    let (hours, days, _) = books(world, &tokens[0]);
    assert_eq!((hours.len(), days.len()), (1, 1));
}

fn the_pages_and_the_sweep_read_by_an_index(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let now = world.clock.now();
    let filter = UsageFilter {
        outcome: OutcomeFilter::Refused,
        route: Some("GET /sites".to_owned()),
        site: Some("priya.example".to_owned()),
        address: Some("203.0.113.7".to_owned()),
    };
    let planned: Result<_, StoreError> = world.app.store.write_here(|connection| {
        Ok(plans(connection, |connection| {
            usage::sum(connection, token.id, now, &UsageFilter::default(), (0, 50)).unwrap();
            usage::sum(connection, token.id, now, &filter, (0, 50)).unwrap();
            usage::list_choices(connection, token.id, now, 100).unwrap();
            usage::list_days(connection, &[token.id], now).unwrap();
            usage::sweep(connection, now).unwrap();
        }))
    });
    let planned = planned.unwrap();
    assert_eq!(planned.len(), 8);
    for (statement, plan) in planned {
        let reads_all = plan.contains("SCAN") || plan.contains("Seq Scan");
        let by_key = plan.contains("token_id=?") || plan.contains("day<?") || plan.contains("Index Cond");
        assert!(by_key && !reads_all, "{statement}\n{plan}");
    }
}

fn time_takes_old_usage_away(world: &World) {
    let (api, token) = holder(world);
    api.post(DECIDE, &backup()).expect(200);
    flush(world);
    world.clock.advance(Duration::days(89));
    api.post(DECIDE, &backup()).expect(200);
    flush(world);
    assert_eq!(world.wait(upkeep::sweep(&world.app)).unwrap().usage, 0);
    world.clock.advance(Duration::days(2));
    assert_eq!(world.wait(upkeep::sweep(&world.app)).unwrap().usage, 2);
    let (hours, days, _) = books(world, &token);
    assert_eq!((hours.len(), days.len()), (1, 1));
}

fn unused_tokens_end_once_where_the_policy_says_so(world: &World) {
    let account = world.customer("priya").id;
    let [idle, used, young] = ["idle", "used", "young"].map(|name| {
        if name == "young" {
            world.clock.advance(Duration::days(20));
        }
        mint(&world.app, account, |new| {
            new.name = name.parse().unwrap();
            new.expiry = Expiry::Never;
        })
    });
    world.api().with_token(&used.secret).post(DECIDE, &backup()).expect(200);
    flush(world);
    world.clock.advance(Duration::days(11));
    assert_eq!(
        world.wait(revoke_unused(&world.app)).unwrap(),
        0,
        "no policy asks for it"
    );
    let policy = Policy {
        revoke_unused_days: Some(30),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &policy));
    put.unwrap();
    let second = world.join();
    let ended: usize = std::thread::scope(|scope| {
        let nodes = [&world.app, &second.app].map(|app| {
            scope.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(revoke_unused(app)).unwrap()
            })
        });
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    assert_eq!(ended, 1);
    let refused = world.api().with_token(&idle.secret).get("/api/v1/token").expect(401);
    assert!(refused.json()["type"].as_str().unwrap().ends_with("/token-revoked"));
    for alive in [&used, &young] {
        world.api().with_token(&alive.secret).get("/api/v1/token").expect(200);
    }
    let query = audit::Query {
        actions: vec![Action::TokenRevoked],
        limit: 10,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account, &query));
    let events = events.unwrap();
    assert_eq!(events.len(), 1);
    let event = &events[0].event;
    assert_eq!(
        (event.actor.kind.as_str(), event.target.name.as_str()),
        ("system", "idle")
    );
    assert_eq!(event.reason.as_deref(), Some("Not used for 30 days"));
}
