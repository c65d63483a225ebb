//! How fast requests are decided, beside a fixed text in the same run, with 1,000,000 tokens in the database.
//!
//! `cargo bench --bench decisions` makes such a database, starts the real server with one worker on one core and a load
//! generator on another, and asks in turns for a fixed text of the framework alone, for the same behind our edge, and as
//! nginx does for decisions about tokens that are drawn at random. On SQLite, and on PostgreSQL too when
//! `LATCHKEY_TEST_POSTGRES` names a server on which databases can be made.
//!
//! The rate of the text can be that of the load generator, so the table also has the processor time that the server
//! spends on a request, and the share that follows from it. Usage is counted and written throughout, and a call that was
//! not counted would be told as a warning. One line is for decisions while 64 sign-ins hash their passwords all the time.
//!
//! Beside it on SQLite, what people would pick instead: see [`peers`].
//!
//! `-- --seconds 5 --rounds 7 --connections 256` changes the load; `--only sqlite` or `--only postgres` the database;
//! `--keep FOLDER` keeps the SQLite database there and uses it again. Where `taskset` is missing, the system places the
//! processes.

mod load;
#[path = "../support/part.rs"]
mod part;
mod parts;
mod peers;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/print.rs"]
mod print;
mod report;
mod seed;
mod serve;
mod start;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use latchkey::app::upkeep;

use self::{part::Part, report::Report};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    BareText,
    Text,
    Decision,
    Mistyped,
    Unknown,
    Crowded,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) wanted: Wanted,
    pub(crate) status: u16,
}

const fn target(name: &'static str, wanted: Wanted, status: u16) -> Target {
    Target { name, wanted, status }
}

pub(crate) static TARGETS: [Target; 6] = [
    target("fixed text, framework alone", Wanted::BareText, 200),
    target("fixed text behind the edge", Wanted::Text, 200),
    target("decision, valid token", Wanted::Decision, 200),
    target("decision, wrong checksum", Wanted::Mistyped, 401),
    target("decision, unknown token", Wanted::Unknown, 401),
    target("decision, during 64 sign-ins", Wanted::Crowded, 200),
];

/// How long and how hard to ask.
pub(crate) struct Load {
    rounds: u64,
    length: Duration,
    connections: u64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("seed") => make(Path::new(&arguments[1]), &arguments[2]),
        Some("serve") => serve::run(),
        Some("load") => load::run(),
        Some("parts") => parts::run(),
        Some("peer-load") => peers::ask(),
        _ => measure(&arguments),
    }
}

fn measure(arguments: &[String]) {
    let text = |name: &str| {
        let position = arguments.iter().position(|argument| argument == name)?;
        arguments.get(position + 1).cloned()
    };
    let number = |name: &str, default: u64| text(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let load = Load {
        rounds: number("--rounds", 5),
        length: Duration::from_secs(number("--seconds", 3)),
        connections: number("--connections", 64),
    };
    let only = text("--only");
    let is_wanted = |database: &str| only.as_deref().is_none_or(|only| only == database);
    let temporary = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = text("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    if is_wanted("sqlite") {
        let file = format!("sqlite://{}", folder.join("latchkey.db").display());
        if !folder.join("latchkey.db").exists() {
            fill("SQLite", &folder, &file);
        }
        let decisions = measure_one(&folder, &file, &load);
        peers::measure(&load, decisions);
    }
    if let Ok(server) = env::var("LATCHKEY_TEST_POSTGRES")
        && is_wanted("postgres")
    {
        postgres::with_database(&server, |url| {
            fill("PostgreSQL", &folder, url);
            measure_one(&folder, url, &load);
        });
    }
}

fn make(folder: &Path, url: &str) {
    let app = serve::open(folder, url, |settings| settings);
    seed::fill(&app);
    // Otherwise the server's first run of this would be measured too.
    let filled = actix_web::rt::System::new().block_on(upkeep::fill_account_terms(&app));
    filled.expect("what accounts are found by can be written");
}

/// In a process of its own, whose memory is nobody's.
fn fill(database: &str, folder: &Path, url: &str) {
    let began = Instant::now();
    let program = env::current_exe().expect("a program knows where it is");
    let made = Command::new(program).arg("seed").arg(folder).arg(url).status();
    assert!(made.is_ok_and(|status| status.success()), "the database can be made");
    let seconds = began.elapsed().as_secs_f64();
    print::line(&format!("{database}: {} tokens, made in {seconds:.0} s", seed::TOKENS));
}

/// Measures all targets and returns the rate of decisions about valid tokens.
fn measure_one(folder: &Path, url: &str, load: &Load) -> f64 {
    start::measure(folder, url);
    let place = folder.display().to_string();
    let mut server = Part::start("0", &["serve", &place, url]);
    let addresses = server.line();
    let (bare, whole) = addresses.split_once(' ').expect("two addresses");
    let mut asking = Part::start("1", &["load", bare, whole]);
    let mut report = Report::default();
    for round in 0..=load.rounds {
        // The first round fills caches and connections; it does not count.
        let length = if round == 0 {
            Duration::from_secs(1)
        } else {
            load.length
        };
        for position in 0..TARGETS.len() {
            let before = server.processor_time();
            let answer = asking.ask(&format!("{position} {} {}", load.connections, length.as_millis()));
            if round > 0 {
                report.add(position, &answer, server.processor_time() - before);
            }
        }
    }
    report.print(load.connections);
    print::line(&format!(
        "anonymous memory of the server: {} MB",
        anonymous_memory(server.id()) / 1024
    ));
    drop(asking);
    drop(server);
    let mut parts = Part::start("0", &["parts", &place, url]);
    loop {
        let line = parts.line();
        if line.is_empty() {
            break;
        }
        print::line(&line);
    }
    report.rate(Wanted::Decision)
}

/// KiB of a process's memory that no file stands behind; 0 where the system does not say so in `/proc`.
fn anonymous_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
