//! How long the server takes for a page of each list of the staff area, with 100,000 accounts and 1,000,000 tokens; and for
//! what it says of a change before it is made, of a policy and of many tokens at once.
//!
//! `cargo bench --bench staff_lists` makes such a database, starts the real server on it and asks for each page, one
//! request at a time, beside a fixed text of the same server. On SQLite, and on PostgreSQL too when
//! `LATCHKEY_TEST_POSTGRES` names a server on which databases can be made.
//!
//! It ends with an error when a list of accounts reads a table whole. `-- --accounts 10000 --times 5` makes it shorter;
//! `--only accounts "one letter"`, as the last option, measures only these.

#[path = "../../tests/suite/support/plan.rs"]
mod plan;
#[path = "../support/postgres.rs"]
mod postgres;
mod seed;
mod serve;
#[path = "../list_page/sign_in.rs"]
mod sign_in;

use std::{
    env,
    io::{self, Write},
    time::{Duration, Instant},
};

use latchkey::{
    app::{App, Caller, policy},
    domain::{id::AccountId, policy::Policy},
    store::{
        DbConnection, StoreError,
        accounts::{
            list::{Query, Which, count, list_by_ids, list_expiring, list_keys},
            terms,
        },
        plans,
    },
};

/// What is asked for; `{account}` is one of the accounts, `{token}` a token's public id.
const PAGES: &[(&str, &str)] = &[
    ("fixed text", serve::TEXT),
    ("accounts", "/staff/accounts"),
    ("accounts, from the middle", "/staff/accounts?after=m.0"),
    ("accounts, back from the end", "/staff/accounts?before=z9.0"),
    ("one user name", "/staff/accounts?q=m000012"),
    ("one domain", "/staff/accounts?q=shop777.example"),
    ("one letter", "/staff/accounts?q=s"),
    ("nobody", "/staff/accounts?q=zzzz"),
    ("a token's id", "/staff/accounts?q={token}"),
    ("active", "/staff/accounts?status=active"),
    ("suspended", "/staff/accounts?status=suspended"),
    ("a plan of a thousandth", "/staff/accounts?plan=rare"),
    ("tokens expire soon", "/staff/accounts?expiring=7"),
    ("no sign-in for 90 days", "/staff/accounts?quiet=90"),
    (
        "quiet, suspended, on a plan",
        "/staff/accounts?quiet=30&status=suspended&plan=rare",
    ),
    ("plan and expiring tokens", "/staff/accounts?plan=rare&expiring=7"),
    (
        "one letter, suspended, expiring",
        "/staff/accounts?q=s&status=suspended&expiring=7",
    ),
    ("an account's tokens", "/staff/accounts/{account}/tokens"),
    ("an account's activity", "/staff/accounts/{account}/activity"),
    ("audit", "/staff/audit"),
    ("audit, events about tokens", "/staff/audit?kind=tokens"),
    ("audit, exports, of which there are none", "/staff/audit?kind=audit"),
    ("audit, by customers", "/staff/audit?by=customers"),
    ("audit, one account", "/staff/audit?q=m000012"),
    ("audit, a token's id", "/staff/audit?q={token}"),
    ("audit, a word that nothing has", "/staff/audit?q=zzzz"),
    ("audit, before a day", "/staff/audit?until=2020-01-01"),
    (
        "audit, everything at once",
        "/staff/audit?kind=tokens&by=staff&q=m000012&since=2020-01-01",
    ),
    ("refusals", "/staff/audit/refusals"),
    (
        "incident, all that hold a permission",
        "/staff/incidents/new?action=pause&issued_before=&scope=files%3Aread&used_from=",
    ),
    (
        "incident, all issued before today",
        "/staff/incidents/new?action=revoke&issued_before={today}T00%3A00&scope=&used_from=",
    ),
    (
        "incident, used from an address",
        "/staff/incidents/new?action=revoke&issued_before=&scope=&used_from=192.0.2.200",
    ),
];

/// What the preview of a policy is asked about: its name and the longest lifetime in days.
const POLICIES: &[(&str, u16)] = &[
    ("policy, 90 days", 90),
    ("policy, 365 days", 365),
    ("policy, 3,650 days", 3_650),
];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let number = |name: &str, default: usize| {
        let place = arguments.iter().position(|argument| argument == name);
        place
            .and_then(|place| arguments.get(place + 1)?.parse().ok())
            .unwrap_or(default)
    };
    let (accounts, times) = (number("--accounts", 100_000), number("--times", 15));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = format!("sqlite://{}", folder.path().join("latchkey.db").display());
    measure("SQLite", folder.path(), &file, accounts, times);
    let Ok(server) = env::var("LATCHKEY_TEST_POSTGRES") else {
        return;
    };
    postgres::with_database(&server, |url| {
        measure("PostgreSQL", folder.path(), url, accounts, times);
    });
}

fn measure(database: &str, folder: &std::path::Path, url: &str, accounts: usize, times: usize) {
    let began = Instant::now();
    let served = serve::start(folder, url);
    seed::fill(&served.app, accounts);
    let ids = seed::some_ids(&served.app);
    line(&format!(
        "{database}: {accounts} accounts, {} tokens, made in {:.0} s",
        accounts * seed::TOKENS_EACH,
        began.elapsed().as_secs_f64()
    ));
    check_plans(&served.app);
    let cookie = sign_in::cookie(&served.address, serve::STAFF);
    line(&format!(
        "{:<36} {:>10} {:>10} {:>8}",
        "", "median ms", "most ms", "bytes"
    ));
    let pages = PAGES.iter().filter(|(name, _)| is_wanted(name));
    for (name, path) in pages {
        let path = path.replace("{account}", &ids.0).replace("{token}", &ids.1);
        let path = path.replace("{today}", &served.app.now().date().to_string());
        report(name, times, || {
            let (status, length) = serve::ask(&served.address, &path, &cookie);
            assert!(status == 200, "{path}: {status}");
            length
        });
    }
    line(&format!(
        "{:<36} {:>10} {:>10} {:>8}",
        "", "median ms", "most ms", "tokens"
    ));
    for (name, days) in POLICIES.iter().filter(|(name, _)| is_wanted(name)) {
        report(name, times, || live_longer(&served.app, *days));
    }
}

/// How many tokens live longer than a policy allows, as its preview says.
fn live_longer(app: &App, days: u16) -> usize {
    let policy = Policy {
        max_lifetime_days: Some(days),
        never_allowed: Some(false),
        ..Policy::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let impact = runtime.block_on(policy::preview(app, &Caller::shell(), &policy));
    let impact = impact.expect("it can be read");
    usize::try_from(impact.too_long).expect("it is a number of tokens")
}

/// Does something `times` times and prints how long it took, and what it returned.
fn report(name: &str, times: usize, work: impl Fn() -> usize) {
    // The first one fills caches.
    let mut result = work();
    let mut waits = Vec::new();
    for _ in 0..times {
        let asked = Instant::now();
        result = work();
        waits.push(asked.elapsed());
    }
    waits.sort_unstable();
    let milliseconds = |wait: Duration| wait.as_secs_f64() * 1e3;
    line(&format!(
        "{name:<36} {:>10.2} {:>10.2} {result:>8}",
        milliseconds(waits[waits.len() / 2]),
        milliseconds(waits[waits.len() - 1]),
    ));
}

/// Whether a page is to be measured: all of them unless some are named with `--only`.
fn is_wanted(page: &str) -> bool {
    let mut only = env::args()
        .skip_while(|argument| argument != "--only")
        .skip(1)
        .peekable();
    only.peek().is_none() || only.any(|name| name == page)
}

/// Ends with an error when a query of the list of accounts reads a table whole.
fn check_plans(app: &App) {
    let now = app.now();
    let soon = (now, now + time::Duration::days(7));
    let look = |connection: &mut DbConnection| {
        let plan = plans::find_by_name(connection, seed::RARE)?;
        let queries = [
            Query::default(),
            Query {
                which: Which::Active,
                ..Query::default()
            },
            Query {
                which: Which::Suspended,
                ..Query::default()
            },
            Query {
                plan,
                ..Query::default()
            },
            Query {
                quiet_since: Some(now),
                ..Query::default()
            },
            Query {
                quiet_since: Some(now),
                plan,
                ..Query::default()
            },
            Query {
                expiring: Some(soon),
                ..Query::default()
            },
        ];
        let planned = plan::plans(connection, |connection| {
            for query in queries {
                let query = Query { limit: 51, ..query };
                let keys = list_keys(connection, &query).expect("it can be read");
                let ids: Vec<AccountId> = keys.iter().map(|(id, _)| *id).collect();
                list_by_ids(connection, &ids).expect("it can be read");
                count(connection, &query, 1_001).expect("it can be read");
            }
            list_expiring(connection, soon, 5_001).expect("it can be read");
            terms::search(connection, "s", 1_000).expect("it can be read");
        });
        for (statement, plan) in planned {
            let whole = |step: &str| step.contains("Seq Scan") || (step.starts_with("SCAN") && !step.contains("INDEX"));
            assert!(!plan.lines().any(whole), "{statement}\n{plan}");
        }
        Ok::<_, StoreError>(())
    };
    app.store.read_here(look).expect("it can be read");
}

/// Prints a line at once.
fn line(text: &str) {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .expect("somebody reads the output");
}
