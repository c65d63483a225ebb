//! How fast the signed-in list of tokens is, beside a fixed text of the same server in the same run.
//!
//! `cargo bench --bench list_page` starts the real server with one worker on one core and a load generator with 64
//! connections that stay open on another, on a SQLite database of 10,000 tokens, and asks for the text and the pages in
//! turns, so that whatever else the machine does meets both. It then times the parts of a page by themselves.
//!
//! The rate of the text is often that of the load generator, and other work on the machine slows the page more than the
//! text. So the table also has the processor time that the server spends on a request, and the share that follows from it.
//!
//! `-- --seconds 5 --rounds 7` changes how long it takes. Where `taskset` is missing, the system places the processes.

mod load;
#[path = "../support/part.rs"]
mod part;
mod parts;
mod report;
mod serve;
mod sign_in;

use std::{env, time::Duration};

use self::{part::Part, report::Report};

/// Tokens in the database.
pub(crate) const TOKENS: usize = 10_000;
/// Tokens of the account with one page of them.
pub(crate) const ONE_PAGE: usize = 25;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// Who asks: a cookie that the server gave, by its place.
    pub(crate) cookie: usize,
    pub(crate) compressed: bool,
}

pub(crate) const TARGETS: [Target; 4] = [
    Target {
        name: "fixed text",
        path: serve::TEXT,
        cookie: 0,
        compressed: false,
    },
    Target {
        name: "list, 25 of 10,000 tokens the account's",
        path: "/tokens",
        cookie: 0,
        compressed: false,
    },
    Target {
        name: "the same, compressed",
        path: "/tokens",
        cookie: 0,
        compressed: true,
    },
    Target {
        name: "list, all 10,000 the account's",
        path: "/tokens",
        cookie: 1,
        compressed: false,
    },
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let position = arguments.iter().position(|argument| argument == name);
        position
            .and_then(|position| arguments.get(position + 1)?.parse().ok())
            .unwrap_or(default)
    };
    match arguments.first().map(String::as_str) {
        Some("serve") => serve::run(),
        Some("load") => load::run(),
        Some("parts") => parts::run(),
        _ => measure(number("--rounds", 5), Duration::from_secs(number("--seconds", 3))),
    }
}

fn measure(rounds: u64, length: Duration) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let place = folder.path().display().to_string();
    let mut server = Part::start("0", &["serve", &place]);
    let address = server.line();
    let cookies = serve::NAMES.map(|name| sign_in::cookie(&address, name));
    let mut load = Part::start("1", &["load", &address, &cookies[0], &cookies[1]]);
    let mut report = Report::default();
    for round in 0..=rounds {
        // The first round fills caches and connections; it does not count.
        let length = if round == 0 { Duration::from_secs(1) } else { length };
        for position in 0..TARGETS.len() {
            let before = server.processor_time();
            let answer = load.ask(&format!("{position} {}", length.as_millis()));
            if round > 0 {
                report.add(position, &answer, server.processor_time() - before);
            }
        }
    }
    report.print();
    drop(load);
    drop(server);
    let mut parts = Part::start("0", &["parts", &place]);
    loop {
        let line = parts.line();
        if line.is_empty() {
            break;
        }
        report::line(&line);
    }
}
