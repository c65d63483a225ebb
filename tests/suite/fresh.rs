//! No answer is older than its question: once a change is confirmed, whoever makes it and however many ask meanwhile, no
//! answer that is asked for after that comes from before it.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use latchkey::{
    app::{
        App,
        verify::{Asked, Unverified, answer},
    },
    domain::{
        account::Account,
        draft::Draft,
        policy::Plan,
        token::{PausedBy, Token},
    },
    store::{self, DbConnection, StoreError, tokens},
};
use tokio::{runtime::Builder, task::LocalSet};

use crate::support::{Minted, World, mint};

on_both!(
    a_change_on_another_node_holds_from_the_next_answer_on,
    a_change_by_another_process_holds_from_the_next_answer_on,
);

/// Threads that ask, and how many questions each has under way at the same time.
const THREADS: usize = 8;
const AT_ONCE: usize = 16;
/// What a change takes from the time of the whole test, so that every answer meets some.
const ROUNDS: u64 = 40;

/// What the answers have to be.
#[derive(Default)]
struct Truth {
    /// Odd while somebody makes a change. Changes forbid and allow in turns, so that of four phases the first is the one
    /// in which it is allowed.
    phase: AtomicU64,
    over: AtomicBool,
    checked: AtomicU64,
}

impl Truth {
    fn phase(&self) -> u64 {
        self.phase.load(Ordering::SeqCst)
    }

    /// Makes a change, and does not go on until answers have been compared with it.
    fn after(&self, change: impl FnOnce()) {
        self.phase.fetch_add(1, Ordering::SeqCst);
        change();
        self.phase.fetch_add(1, Ordering::SeqCst);
        let before = self.checked.load(Ordering::SeqCst);
        let began = Instant::now();
        while self.checked.load(Ordering::SeqCst) < before + 20 {
            assert!(began.elapsed() < Duration::from_mins(1), "answers are given");
            std::thread::yield_now();
        }
    }

    /// Asks once, and compares the answer with what was true all the while.
    async fn check(&self, app: &App, secret: &str) {
        let before = self.phase();
        let asked = Asked::Request {
            method: "POST",
            host: None,
            target: "/sites/priya.example/backups",
        };
        let from = IpAddr::from([203, 0, 113, 7]);
        let allowed = match answer(app, secret, from, asked).await {
            Ok(answered) => answered.ruling.decision.is_allowed(),
            Err(Unverified::Nobody) => false,
            Err(Unverified::Unchecked(error)) => panic!("{error}"),
        };
        if before.is_multiple_of(2) && self.phase() == before {
            assert_eq!(allowed, before.is_multiple_of(4), "in phase {before}");
            self.checked.fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn keep_checking(&self, app: &App, secret: &str) {
        while !self.over.load(Ordering::SeqCst) {
            self.check(app, secret).await;
            tokio::task::yield_now().await;
        }
    }
}

/// Lets eight threads ask while `changes` are made.
fn while_asking(app: &App, secret: &str, changes: impl FnOnce(&Truth)) {
    let truth = Truth::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                    let questions = (0..AT_ONCE).map(|_| truth.keep_checking(app, secret));
                    LocalSet::new().block_on(&runtime, futures_util::future::join_all(questions));
                })
            })
            .collect();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| changes(&truth)));
        truth.over.store(true, Ordering::SeqCst);
        for thread in threads {
            thread.join().unwrap();
        }
        done.unwrap();
    });
}

fn write(app: &App, change: impl FnOnce(&mut DbConnection) -> Result<bool, StoreError>) {
    assert!(app.store.write_here(change).unwrap());
}

type Change<'a> = Box<dyn Fn(bool) + 'a>;

/// Everything by which somebody forbids what was allowed, and allows it again.
fn changes<'a>(app: &'a App, account: &'a Account, token: &'a Token) -> Vec<Change<'a>> {
    let (id, now) = (token.id, app.now());
    let set_plan = move |scopes: &str| {
        write(app, |connection| {
            let (number, plan) = store::plans::list_numbered(connection)?
                .into_iter()
                .find(|(number, _)| *number == account.plan)
                .unwrap();
            let scopes = scopes.parse().unwrap();
            store::plans::update(connection, number, &Plan { scopes, ..plan })
        });
    };
    let set_scopes = move |scopes: &str| {
        write(app, |connection| {
            let token = tokens::find(connection, account.id, &token.public_id)?.unwrap();
            let draft = Draft {
                scopes: scopes.parse().unwrap(),
                ..Draft::from(&token)
            };
            tokens::update(connection, id, token.revision, &draft)
        });
    };
    let others: Vec<_> = account
        .sites
        .iter()
        .filter(|site| site.as_str() != "priya.example")
        .cloned()
        .collect();
    vec![
        Box::new(move |forbid| {
            write(app, |connection| {
                if forbid {
                    tokens::pause(connection, id, PausedBy::Owner, now)
                } else {
                    tokens::resume(connection, id, &[PausedBy::Owner])
                }
            });
        }),
        Box::new(move |forbid| {
            let why = forbid.then_some((now, "unpaid"));
            write(app, |connection| {
                store::accounts::put_suspension(connection, account.id, why)
            });
        }),
        Box::new(move |forbid| set_scopes(if forbid { "backups:read" } else { "backups:create" })),
        Box::new(move |forbid| set_plan(if forbid { "files:read" } else { "*" })),
        Box::new(move |forbid| {
            let sites = if forbid { &others } else { &account.sites };
            write(app, |connection| {
                store::accounts::change::put_sites(connection, account.id, sites, now).map(|taken| taken.is_none())
            });
        }),
    ]
}

fn a_change_on_another_node_holds_from_the_next_answer_on(world: &World) {
    let account = world.customer_without_password("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |_| ());
    let second = world.join();
    while_asking(&world.app, &secret, |truth| {
        let changes = changes(&second.app, &account, &token);
        for change in changes.iter().cycle().take(usize::try_from(ROUNDS).unwrap()) {
            truth.after(|| change(true));
            truth.after(|| change(false));
        }
        truth.after(|| {
            write(&second.app, |connection| {
                tokens::revoke(connection, token.id, token.created_at)
            });
        });
    });
}

fn a_change_by_another_process_holds_from_the_next_answer_on(world: &World) {
    let account = world.customer_without_password("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |_| ());
    let run = |arguments: &[&str]| {
        let output = world.latchkey(arguments, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let id = token.public_id.as_str();
    while_asking(&world.app, &secret, |truth| {
        for _ in 0..3 {
            truth.after(|| run(&["token", "pause", id, "--reason", "A test."]));
            truth.after(|| run(&["token", "resume", id, "--reason", "A test."]));
        }
        truth.after(|| run(&["token", "revoke", id, "--reason", "A test."]));
    });
}

#[test]
fn the_log_of_changes_is_cut_back_however_many_ask() {
    use crate::support::Database;

    let world = World::from(Database::sqlite());
    let account = world.customer_without_password("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |_| ());
    let log = world.app.store.sqlite_path().unwrap().with_extension("db-wal");
    let mut longest = 0;
    while_asking(&world.app, &secret, |truth| {
        // Changes follow one another all the while: no answer is compared with them.
        truth.phase.fetch_add(1, Ordering::SeqCst);
        for _ in 0..3_000 {
            let pause = |connection: &mut _| tokens::pause(connection, token.id, PausedBy::Staff, token.created_at);
            write(&world.app, pause);
            write(&world.app, |connection| {
                tokens::resume(connection, token.id, &[PausedBy::Staff])
            });
            longest = longest.max(log.metadata().unwrap().len());
        }
    });
    // It is cut back at every 8 MiB, if those who read then are through soon enough; in all 130 MB are written.
    assert!(longest > 1_000_000 && longest < 64_000_000, "{longest} bytes");
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_database_that_goes_away_under_load_is_never_a_yes_and_comes_back() {
    use latchkey::settings;

    use crate::support::{Database, Gate};

    let world = World::from(Database::postgres());
    let account = world.customer_without_password("priya").id;
    let Minted { secret, .. } = mint(&world.app, account, |_| ());
    let settings::Database::Postgres(url) = &world.app.settings.database else {
        panic!("the world is on PostgreSQL")
    };
    let gate = Gate::to(url.expose());
    let behind = world.join_with(&[("LATCHKEY_DATABASE", gate.url())]);
    let (closed, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let [yes, failed, late] = [(); 3].map(|()| AtomicU64::new(0));
    let ask = async || {
        while !over.load(Ordering::SeqCst) {
            let was_closed = closed.load(Ordering::SeqCst);
            let began = Instant::now();
            match latchkey::app::verify::verify(&behind.app, &secret).await {
                Ok(_) if was_closed && closed.load(Ordering::SeqCst) => panic!("allowed without a database"),
                Ok(_) => yes.fetch_add(1, Ordering::SeqCst),
                Err(Unverified::Unchecked(_)) => failed.fetch_add(1, Ordering::SeqCst),
                Err(Unverified::Nobody) => panic!("an outage is no unknown token"),
            };
            late.fetch_max(u64::try_from(began.elapsed().as_millis()).unwrap(), Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    };
    let until = |count: &AtomicU64, more: u64| {
        let (before, began) = (count.load(Ordering::SeqCst), Instant::now());
        while count.load(Ordering::SeqCst) < before + more {
            assert!(began.elapsed() < Duration::from_mins(1), "it goes on");
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                let questions = (0..AT_ONCE).map(|_| ask());
                LocalSet::new().block_on(&runtime, futures_util::future::join_all(questions));
            });
        }
        for _ in 0..3 {
            until(&yes, 200);
            gate.close();
            closed.store(true, Ordering::SeqCst);
            until(&failed, 200);
            closed.store(false, Ordering::SeqCst);
            gate.open();
        }
        until(&yes, 200);
        over.store(true, Ordering::SeqCst);
    });
    assert!(late.load(Ordering::SeqCst) < 2_500, "{late:?} ms");
}
