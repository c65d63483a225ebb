//! How calls with old secrets come into the database, on several servers at once, and out of it.

use diesel::connection::SimpleConnection;
use latchkey::{
    app::{tokens::rotate::Overlap, upkeep},
    domain::reuse::Ended,
    store::StoreError,
};
use time::Duration;

use super::{TOKEN, at, end, flush, noted, rotated, stage, told};
use crate::support::{Minted, World, mint};

on_both!(
    two_servers_and_eight_callers_lose_nothing_and_tell_it_once,
    a_failed_flush_loses_nothing,
    time_takes_it_away,
);

fn two_servers_and_eight_callers_lose_nothing_and_tell_it_once(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    let replaced = mint(&world.app, account.id, |_| ());
    for _ in 0..2 {
        rotated(world, &account, &replaced.token, Overlap::None);
    }
    end(world, &account, &token);
    let second = world.join();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (api, app) = if thread % 2 == 0 {
                (world.api(), &world.app)
            } else {
                (second.api(), &second.app)
            };
            let api = api.at_address(&format!("203.0.113.{thread}"));
            let secrets = [&secret, &replaced.secret];
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                for _ in 0..5 {
                    for secret in secrets {
                        api.clone().with_token(secret).get(TOKEN).expect(401);
                    }
                    runtime.block_on(app.reuse.flush(app)).unwrap();
                }
            });
        }
    });
    flush(world, &second.app);
    for token in [&token, &replaced.token] {
        let noted = noted(world, token);
        assert_eq!(noted.len(), 8, "{noted:?}");
        assert!(noted.iter().all(|(_, _, calls)| *calls == 5), "{noted:?}");
        assert_eq!(told(world, token).len(), 1);
    }
}

fn a_failed_flush_loses_nothing(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    end(world, &account, &token);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    let rename = |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        let renamed: Result<(), StoreError> = world
            .app
            .store
            .write_here(|connection| Ok(connection.batch_execute(&sql)?));
        renamed.unwrap();
    };
    rename("reuse", "elsewhere");
    assert!(world.wait(world.app.reuse.flush(&world.app)).is_err());
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    rename("elsewhere", "reuse");
    assert_eq!(noted(world, &token), [(Ended::Revoked, "203.0.113.24".to_owned(), 2)]);
    assert_eq!(told(world, &token).len(), 1);
}

fn time_takes_it_away(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    end(world, &account, &token);
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    flush(world, &world.app);
    world.clock.advance(Duration::days(60));
    at(world, "203.0.113.24", &secret).get(TOKEN).expect(401);
    flush(world, &world.app);
    world.clock.advance(Duration::days(60));
    let swept = world.wait(upkeep::sweep(&world.app)).unwrap().reuse;
    assert_eq!(swept, 2, "the day of the first call: the empty kind and its own");
    assert_eq!(noted(world, &token)[0].2, 2);
    world.clock.advance(Duration::days(31));
    assert_eq!(world.wait(upkeep::sweep(&world.app)).unwrap().reuse, 3);
    assert!(noted(world, &token).is_empty());
}
