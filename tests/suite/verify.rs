//! Rule 5: what is refused is refused from the next request on, on every node; and without a database or a key there is
//! no "yes".

use std::sync::atomic::{AtomicBool, Ordering};

use latchkey::{
    app::verify::{Unverified, verify},
    domain::{
        draft::Draft,
        token::{Expiry, PausedBy},
    },
    keyring::Keyring,
    store::{self, StoreError, tokens},
};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Api, Minted, Server, World, mint};

on_both!(
    what_is_confirmed_on_one_server_holds_on_the_other,
    no_allowed_call_starts_after_the_revoke,
    a_new_key_is_found_while_the_server_runs,
    without_its_key_a_token_is_never_allowed,
);

const TOKEN: &str = "/api/v1/token";
const DECIDE: &str = "/api/v1/decide";

fn backup() -> Value {
    json!({ "method": "POST", "path": "/sites/priya.example/backups" })
}

fn write(world: &World, change: impl FnOnce(&mut store::DbConnection) -> Result<bool, StoreError>) {
    assert!(world.app.store.write_here(change).unwrap());
}

/// Calls both servers, which have to agree.
#[track_caller]
fn ask(world: &World, second: &Server, minted: &Minted, status: u16) -> Value {
    let here = world
        .api()
        .with_token(&minted.secret)
        .post(DECIDE, &backup())
        .expect(status);
    let there = second
        .api()
        .with_token(&minted.secret)
        .post(DECIDE, &backup())
        .expect(status);
    let (here, there) = (here.json(), there.json());
    assert_eq!(
        here["type"],
        there["type"].as_str().map_or(Value::Null, |kind| {
            // The two have different addresses.
            let code = kind.rsplit('/').next().unwrap();
            json!(format!("{}/problems/{code}", world.app.settings.public_url.as_str()))
        })
    );
    assert_eq!(
        (&here["allowed"], &here["refusals"]),
        (&there["allowed"], &there["refusals"])
    );
    here
}

fn what_is_confirmed_on_one_server_holds_on_the_other(world: &World) {
    let account = world.customer("priya");
    let second = world.join();
    let soon = Expiry::At(world.clock.now() + Duration::hours(1));
    let minted = mint(&world.app, account.id, |new| new.expiry = soon);
    let (id, now) = (minted.token.id, world.clock.now());
    let yes = |minted| assert_eq!(ask(world, &second, minted, 200)["allowed"], true);
    yes(&minted);
    write(world, |connection| tokens::pause(connection, id, PausedBy::Owner, now));
    ask(world, &second, &minted, 401);
    write(world, |connection| tokens::resume(connection, id, &[PausedBy::Owner]));
    yes(&minted);
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")))
    });
    ask(world, &second, &minted, 401);
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, None)
    });
    yes(&minted);
    let narrower = Draft {
        scopes: "backups:read".parse().unwrap(),
        ..Draft::from(&minted.token)
    };
    write(world, |connection| tokens::update(connection, id, 2, &narrower));
    assert_eq!(ask(world, &second, &minted, 200)["allowed"], false);
    world.clock.advance(Duration::hours(1));
    assert!(
        ask(world, &second, &minted, 401)["type"]
            .as_str()
            .unwrap()
            .ends_with("/token-expired")
    );
    let other = mint(&world.app, account.id, |_| ());
    yes(&other);
    second.api().with_token(&other.secret).delete(TOKEN).expect(204);
    assert!(
        ask(world, &second, &other, 401)["type"]
            .as_str()
            .unwrap()
            .ends_with("/token-revoked")
    );
}

fn no_allowed_call_starts_after_the_revoke(world: &World) {
    let account = world.customer("priya").id;
    let second = world.join();
    for _ in 0..5 {
        let Minted { secret, .. } = mint(&world.app, account, |_| ());
        let confirmed = AtomicBool::new(false);
        let hammer = |api: Api| {
            loop {
                let began_after = confirmed.load(Ordering::SeqCst);
                match api.post(DECIDE, &backup()).status() {
                    200 => assert!(!began_after, "allowed after the revoke was confirmed"),
                    401 if began_after => break,
                    401 => {}
                    other => panic!("{other}"),
                }
            }
        };
        let (here, there) = (world.api().with_token(&secret), second.api().with_token(&secret));
        std::thread::scope(|scope| {
            for api in [&here, &there].into_iter().cycle().take(8) {
                scope.spawn(|| hammer(api.clone()));
            }
            here.get(TOKEN).expect(200);
            here.delete(TOKEN).expect(204);
            confirmed.store(true, Ordering::SeqCst);
        });
    }
}

fn a_new_key_is_found_while_the_server_runs(world: &World) {
    let account = world.customer("priya").id;
    let file = world.app.settings.key_file();
    Keyring::open_or_create(&file, &world.clock).unwrap();
    let second = world.join();
    for app in [&world.app, &second.app] {
        assert!(app.reread_keys().unwrap());
        assert!(!app.reread_keys().unwrap(), "the same keys are no others");
    }
    let old = mint(&world.app, account, |_| ());
    let new_key = Keyring::rotate(&file, &world.clock).unwrap();
    assert!(second.app.reread_keys().unwrap());
    let new = mint(&second.app, account, |_| ());
    assert_eq!(second.app.keyring().current().0, &new_key);
    assert_ne!(world.app.keyring().current().0, &new_key);
    for server in [world.api(), second.api()] {
        server.clone().with_token(&old.secret).get(TOKEN).expect(200);
        server.with_token(&new.secret).get(TOKEN).expect(200);
    }
    assert_eq!(world.app.keyring().current().0, &new_key, "it found the key by itself");
}

fn without_its_key_a_token_is_never_allowed(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |_| ());
    let keys = world.app.keyring().clone();
    Keyring::open_or_create(&world.app.settings.key_file(), &world.clock).unwrap();
    world.app.reread_keys().unwrap();
    let answer = world.api().with_token(&minted.secret).get(TOKEN).expect(503);
    assert!(answer.header("Retry-After").is_some());
    assert!(
        answer.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("/problems/unavailable")
    );
    world.app.replace_keyring(keys);
    world.api().with_token(&minted.secret).get(TOKEN).expect(200);
}

mod outage {
    use latchkey::settings;

    use super::*;
    use crate::support::{Database, Gate};

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn without_its_database_nothing_is_allowed_and_it_comes_back() {
        let world = World::from(Database::postgres());
        let minted = mint(&world.app, world.customer("priya").id, |_| ());
        let settings::Database::Postgres(url) = &world.app.settings.database else {
            panic!("the world is on PostgreSQL")
        };
        let gate = Gate::to(url.expose());
        let behind = world.join_with(&[("LATCHKEY_DATABASE", gate.url())]);
        let check = || world.wait(verify(&behind.app, &minted.secret));
        assert!(check().is_ok());
        gate.close();
        for _ in 0..2 {
            assert!(matches!(check(), Err(Unverified::Unchecked(_))));
            let answer = behind
                .api()
                .with_token(&minted.secret)
                .post(DECIDE, &backup())
                .expect(503);
            assert!(answer.header("Retry-After").is_some());
        }
        gate.open();
        while behind.api().with_token(&minted.secret).get(TOKEN).status() != 200 {}
    }
}
