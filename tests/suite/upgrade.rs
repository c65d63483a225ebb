//! A database of an earlier version of the program: at the next start it has the shape that this version expects, and
//! everything in it is still there.

use diesel::connection::SimpleConnection;
use latchkey::store::{StoreError, tokens, usage};
use serde_json::json;
use time::Duration;

use crate::support::{Minted, World, mint};

on_both!(what_was_counted_and_who_stands_how_outlives_an_upgrade);

/// What takes the latest migrations back, the last one first, and its version.
macro_rules! back {
    ($database:literal) => {
        [
            (
                include_str!(concat!(
                    "../../migrations/",
                    $database,
                    "/2026-12-01-110000_books_only_beside/down.sql"
                )),
                "20261201110000",
            ),
            (
                include_str!(concat!(
                    "../../migrations/",
                    $database,
                    "/2026-12-01-100000_books_beside/down.sql"
                )),
                "20261201100000",
            ),
            (
                include_str!(concat!(
                    "../../migrations/",
                    $database,
                    "/2026-12-01-000000_token_standings/down.sql"
                )),
                "20261201000000",
            ),
        ]
    };
}

fn what_was_counted_and_who_stands_how_outlives_an_upgrade(world: &World) {
    let account = world.customer("priya").id;
    let [live, paused] =
        ["Live", "Paused"].map(|name| mint(&world.app, account, |new| new.name = name.parse().unwrap()));
    let ask = |api: &crate::support::Api, minted: &Minted| {
        let asked = json!({ "scopes": ["backups:create"], "site": "priya.example" });
        api.clone().with_token(&minted.secret).post("/api/v1/decide", &asked)
    };
    ask(&world.api(), &live).expect(200);
    ask(&world.api(), &paused).expect(200);
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let back = match world.app.store.sqlite_path() {
        Some(_) => back!("sqlite"),
        None => back!("postgres"),
    };
    let earlier: Result<(), StoreError> = world.app.store.write_here(|connection| {
        for (statements, version) in back {
            connection.batch_execute(statements)?;
            connection.batch_execute(&format!(
                "DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"
            ))?;
        }
        // As the earlier version pauses a token: nothing tells the copy, which is not there yet.
        connection
            .batch_execute("UPDATE tokens SET paused_at = created_at, paused_by = 'owner' WHERE name = 'Paused'")?;
        Ok(())
    });
    earlier.unwrap();
    let upgraded = world.join();
    let allowed = |minted| ask(&upgraded.api(), minted).expect(200).json()["allowed"].clone();
    assert_eq!(allowed(&live), true);
    let refused = ask(&upgraded.api(), &paused).expect(401).json();
    assert!(refused["type"].as_str().unwrap().ends_with("/token-paused"));
    let since = world.clock.now() - Duration::days(1);
    let read: Result<_, StoreError> = upgraded.app.store.read_here(|connection| {
        Ok((
            usage::list_hours(connection, live.token.id, since, 10)?,
            usage::list_days(connection, &[live.token.id], since)?,
            tokens::find(connection, account, &live.token.public_id)?,
        ))
    });
    let (hours, days, found) = read.unwrap();
    assert_eq!((hours.len(), hours[0].calls, days[0].allowed), (1, 1, 1));
    assert!(found.unwrap().last_use.is_some());
}
