//! Where the time of a page goes: its parts by themselves, in one thread, without a socket.

use std::{
    env,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use latchkey::{
    app::{App, people},
    domain::{
        id::{LoginId, TokenId},
        usage::day_of,
    },
    store::{
        self, StoreError,
        tokens::{Filter, Query},
    },
    web::times,
};

use crate::{report, serve};

/// Each part is done again and again for so long.
const LONG: Duration = Duration::from_millis(400);

pub(crate) fn run() {
    let folder = env::args().nth(2).expect("the folder is named");
    let app = serve::open(Path::new(&folder), |settings| settings);
    for (many, heading) in [
        (false, "microseconds, 25 tokens"),
        (true, "microseconds, 10,000 tokens"),
    ] {
        report::line(&format!("{heading:<42}"));
        time_all(&app, many);
    }
}

fn time_all(app: &App, many: bool) {
    let account = app
        .store
        .read_here(|connection| serve::find(connection, many))
        .expect("the account is there");
    let (now, id, login) = (app.now(), account.id, account.login);
    let query = Query {
        filter: Filter::All,
        limit: 25,
        ..Query::default()
    };
    let tokens = app
        .store
        .read_here(|connection| store::tokens::list(connection, id, &query, now))
        .expect("the tokens are there");
    let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
    let since = day_of(now) - time::Duration::days(13);
    let read = |name: &str, work: &dyn Fn(&mut store::DbConnection) -> Result<(), StoreError>| {
        part(name, || app.store.read_here(work).expect("it can be read"));
    };
    read("an empty read transaction", &|_| Ok(()));
    read("the session's row, not found", &|connection| {
        store::sessions::find(connection, b"nobody's").map(|found| {
            black_box(found);
        })
    });
    read("the account with its sites", &|connection| {
        store::accounts::find_by_login(connection, login).map(|found| {
            black_box(found);
        })
    });
    read("the counts of the filters", &|connection| {
        store::tokens::count(connection, id, "", now).map(|found| {
            black_box(found);
        })
    });
    read("25 tokens", &|connection| {
        store::tokens::list(connection, id, &query, now).map(|found| {
            black_box(found);
        })
    });
    read("their usage of 14 days", &|connection| {
        store::usage::list_days(connection, &ids, since).map(|found| {
            black_box(found);
        })
    });
    let zone = app.zone(&account);
    part("50 times in the account's zone", || {
        for token in tokens.iter().chain(&tokens) {
            black_box(times::when(&zone, token.created_at));
        }
    });
    time_the_guard(app, login);
}

/// Who is signed in, as every page asks.
fn time_the_guard(app: &App, login: LoginId) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime can be made");
    part("who is signed in, as the guard asks", || {
        runtime
            .block_on(people::find(app, login))
            .map(|found| {
                black_box(found);
            })
            .expect("it can be read");
    });
}

fn part(name: &str, mut work: impl FnMut()) {
    let (began, mut times) = (Instant::now(), 0_u32);
    while began.elapsed() < LONG {
        work();
        times += 1;
    }
    let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(times);
    report::line(&format!("  {name:<40} {each:>9.1}"));
}
