//! The list asks the database as often for a page of many tokens as for one token.

use std::cell::Cell;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use latchkey::{
    app::{
        Caller,
        tokens::list::{self, Selection},
    },
    domain::permission::Actor,
};

use crate::support::{Database, World, mint};

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            ASKED.set(ASKED.get() + 1);
        }
    }
}

#[test]
fn a_page_asks_as_often_for_25_of_many_tokens_as_for_one() {
    // Before the first connection is opened; SQLite is read on the thread that asks.
    set_default_instrumentation(|| Some(Box::new(Counting))).unwrap();
    let world = World::from(Database::sqlite());
    let account = world.customer("priya");
    let caller = Caller {
        actor: Actor::from(&account),
        ..Caller::shell()
    };
    let add = |count: usize| {
        for _ in 0..count {
            mint(&world.app, account.id, |new| {
                new.name = format!("Token {}", new.public_id).parse().unwrap();
            });
        }
    };
    let asked = |search: &str, page: i64, rows: usize| {
        let selection = Selection {
            search: search.to_owned(),
            ..Selection::default()
        };
        let before = ASKED.get();
        let page = list::page(&world.app, &caller, &account, selection, page);
        assert_eq!(world.wait(page).unwrap().rows.len(), rows);
        ASKED.get() - before
    };
    add(1);
    asked("", 1, 1);
    let (one, one_found) = (asked("", 1, 1), asked("token", 1, 1));
    assert!(
        (7..=9).contains(&one),
        "begin, counts, tokens, usage, uses of old secrets, two for the policy, end: {one}"
    );
    assert_eq!(one_found, one + 1, "a search is counted too");
    add(59);
    assert_eq!(
        (asked("", 1, 25), asked("", 3, 10), asked("token", 2, 25)),
        (one, one, one_found)
    );
}
