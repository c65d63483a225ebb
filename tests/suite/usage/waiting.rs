//! What was counted on its way into the books: put down, waiting, written once.

use std::fs;

use diesel::connection::SimpleConnection;
use latchkey::{
    app::usage::Counted,
    domain::{id::TokenId, token::Token, usage::ALLOWED},
    store::{DbConnection, StoreError, usage},
};
use time::Duration;
use tokio::runtime::Builder;

use super::{books, flush, varied, vary};
use crate::support::{Database, World, mint};

on_both!(
    what_is_put_down_outlives_the_process_and_is_written_once,
    the_books_wait_while_calls_come_very_fast,
    whoever_writes_gently_stops_when_the_server_is_to_end,
    a_damaged_piece_keeps_no_other_from_the_books,
    more_than_may_wait_is_given_up_until_there_is_room,
);

/// How many pieces wait to be written into the books.
fn waiting(world: &World) -> i64 {
    world.app.store.read_here(usage::count_waiting).unwrap()
}

fn what_is_put_down_outlives_the_process_and_is_written_once(world: &World) {
    let account = world.customer("priya").id;
    let tokens: Vec<Token> = (0..60).map(|_| mint(&world.app, account, |_| ()).token).collect();
    for token in &tokens {
        vary(&world.app, token, 0..1);
    }
    world.wait(world.app.usage.put_down(&world.app)).unwrap();
    assert!(books(world, &tokens[0]).0.is_empty() && waiting(world) > 3);
    // Eight writers on two other nodes, neither of which has counted anything.
    let nodes = [world.join(), world.join()];
    std::thread::scope(|scope| {
        for number in 0..8 {
            let app = &nodes[number % 2].app;
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(app.usage.flush(app)).unwrap();
            });
        }
    });
    flush(world);
    assert_eq!(waiting(world), 0);
    for token in &tokens {
        let (hours, days, _) = books(world, token);
        assert_eq!((hours.len(), hours[0].calls, days[0].refused), (1, 1, 1));
    }
}

fn the_books_wait_while_calls_come_very_fast(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let kept = || {
        world.wait(world.app.usage.put_down(&world.app)).unwrap();
        world.wait(world.app.usage.write_gently(&world.app)).unwrap();
        (books(world, &token).0.len(), waiting(world))
    };
    vary(&world.app, &token, 0..1);
    // Of tokens that are gone until the books are written.
    for number in 0..20_000 {
        let mut gone = token.clone();
        gone.id.0 += 1 + number;
        vary(&world.app, &gone, 0..1);
    }
    assert!(matches!(kept(), (0, 1..)), "they are on the disk");
    vary(&world.app, &token, 1..2);
    assert!(matches!(kept(), (0, 2..)), "a moment later nothing is known yet");
    world.clock.advance(Duration::seconds(5));
    vary(&world.app, &token, 2..3);
    assert_eq!(kept(), (3, 0), "calls come slowly again");
}

fn whoever_writes_gently_stops_when_the_server_is_to_end(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    vary(&world.app, &token, 0..1);
    world.wait(world.app.usage.put_down(&world.app)).unwrap();
    world.app.usage.end_soon();
    world.wait(world.app.usage.write_gently(&world.app)).unwrap();
    assert_eq!(waiting(world), 1);
    world.wait(world.app.usage.flush_last(&world.app)).unwrap();
    assert_eq!(waiting(world), 0);
}

fn a_damaged_piece_keeps_no_other_from_the_books(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let put = |number: usize| {
        vary(&world.app, &token, number..number + 1);
        world.wait(world.app.usage.put_down(&world.app)).unwrap();
    };
    put(0);
    let damaged: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| usage::put_down(connection, &[usage::Piece::from(b"damaged".to_vec())], 9).map(drop));
    damaged.unwrap();
    put(1);
    assert!(world.wait(world.app.usage.flush(&world.app)).is_err());
    assert_eq!((books(world, &token).0.len(), waiting(world)), (2, 1));
}

fn more_than_may_wait_is_given_up_until_there_is_room(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let run = |statement: &str| {
        let run: Result<(), StoreError> = world
            .app
            .store
            .write_here(|connection| Ok(connection.batch_execute(statement)?));
        run.unwrap();
    };
    let bytes = if world.app.store.sqlite_path().is_some() {
        "BLOB"
    } else {
        "BYTEA"
    };
    run(&format!(
        "INSERT INTO usage_waiting (uses) WITH RECURSIVE counted(n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 25000) SELECT CAST('' AS {bytes}) FROM counted"
    ));
    vary(&world.app, &token, 0..1);
    world.wait(world.app.usage.put_down(&world.app)).unwrap();
    assert_eq!(waiting(world), 25_000);
    run("DELETE FROM usage_waiting");
    vary(&world.app, &token, 1..2);
    flush(world);
    let (hours, ..) = books(world, &token);
    assert_eq!((hours.len(), hours[0].key.site.as_str()), (1, "s1.example"));
}

/// Whoever reads the database is told of a change by the index of its log.
#[test]
fn keeping_the_books_leaves_the_embedded_database_as_it_is() {
    let world = World::from(Database::sqlite());
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let index = world.app.store.sqlite_path().unwrap().with_extension("db-shm");
    let header = || fs::read(&index).unwrap()[..48].to_owned();
    world.app.usage.count(&Counted {
        outcome: ALLOWED,
        ..varied(&world.app, &token, "s0.example")
    });
    let before = header();
    world.wait(world.app.usage.put_down(&world.app)).unwrap();
    assert_eq!((header() == before, waiting(&world)), (true, 1));
    let write = |connection: &mut DbConnection| {
        let piece = usage::next_waiting(connection, 0)?.unwrap();
        usage::write_down(connection, piece)
    };
    let written: Result<_, StoreError> = world.app.store.write_here(write);
    let (hours, days, unnoted) = books(&world, &token);
    assert_eq!((written.unwrap().is_some(), hours.len(), days.len()), (true, 1, 1));
    assert_eq!((header() == before, unnoted.last_use), (true, None));
    flush(&world);
    let (.., noted) = books(&world, &token);
    assert_eq!((header() == before, noted.last_use.is_some()), (false, true));
}

/// Of each token the latest use counts, in whatever order uses come to be noted.
#[test]
fn last_uses_are_noted_some_at_a_time_and_none_is_lost() {
    let world = World::from(Database::sqlite());
    let account = world.customer("priya").id;
    let tokens: Vec<Token> = (0..5).map(|_| mint(&world.app, account, |_| ()).token).collect();
    let first = world.app.now();
    for _ in 0..2 {
        world.clock.advance(Duration::minutes(1));
        for token in &tokens {
            world.app.usage.count(&Counted {
                outcome: ALLOWED,
                ..varied(&world.app, token, "s0.example")
            });
        }
        world.wait(world.app.usage.put_down(&world.app)).unwrap();
    }
    let mut behind = Some(TokenId(0));
    let mut noted = Vec::new();
    let write = |connection: &mut DbConnection| {
        while let Some(piece) = usage::next_waiting(connection, 0)? {
            usage::write_down(connection, piece)?;
        }
        Ok(())
    };
    let written: Result<(), StoreError> = world.app.store.write_here(write);
    written.unwrap();
    while let Some(after) = behind {
        let note = |connection: &mut DbConnection| usage::note_last_uses(connection, after, 2);
        let next: Result<_, StoreError> = world.app.store.write_here(note);
        behind = next.unwrap();
        let used = tokens.iter().filter(|token| {
            let last = books(&world, token).2.last_use;
            last.is_some_and(|last| last.at == first + Duration::minutes(2))
        });
        noted.push(used.count());
    }
    assert_eq!(noted, [2, 4, 5]);
}
