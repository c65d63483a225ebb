//! What was counted on its way into the books: put down, waiting, written once.

use std::fs;

use diesel::connection::SimpleConnection;
use latchkey::{
    domain::token::Token,
    store::{StoreError, usage},
};
use tokio::runtime::Builder;

use super::{books, flush, vary};
use crate::support::{Database, World, mint};

on_both!(
    what_is_put_down_outlives_the_process_and_is_written_once,
    the_books_wait_while_calls_come_very_fast,
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
    assert_eq!(kept(), (2, 0), "calls come slowly again");
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
fn putting_down_leaves_the_embedded_database_as_it_is() {
    let world = World::from(Database::sqlite());
    let token = mint(&world.app, world.customer("priya").id, |_| ()).token;
    let index = world.app.store.sqlite_path().unwrap().with_extension("db-shm");
    let header = || fs::read(&index).unwrap()[..48].to_owned();
    vary(&world.app, &token, 0..1);
    let before = header();
    world.wait(world.app.usage.put_down(&world.app)).unwrap();
    assert_eq!((header() == before, waiting(&world)), (true, 1));
    flush(&world);
    assert_eq!((header() == before, waiting(&world)), (false, 0));
}
