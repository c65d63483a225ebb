//! Imports go one way: `main -> cli -> {web, jobs} -> app -> {store, mail} -> domain`.

use crate::{
    expect_clean, expect_found, expect_none,
    files::{SourceFile, sources},
    text::{code_only, has_word, is_word, numbered},
};

/// Each module and the modules that it may use. A new module gets a line here, at its place in the order.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "web",
            "jobs",
            "app",
            "store",
            "mail",
            "domain",
            "catalogue",
            "clock",
            "keyring",
            "settings",
        ],
    ),
    (
        "web",
        &["app", "store", "domain", "catalogue", "clock", "keyring", "settings"],
    ),
    (
        "jobs",
        &[
            "app",
            "store",
            "mail",
            "domain",
            "catalogue",
            "clock",
            "keyring",
            "settings",
        ],
    ),
    (
        "app",
        &["store", "mail", "domain", "catalogue", "clock", "keyring", "settings"],
    ),
    ("store", &["domain", "clock"]),
    ("mail", &["domain", "clock", "settings"]),
    ("settings", &["domain", "clock"]),
    ("keyring", &["domain", "clock"]),
    ("catalogue", &["domain"]),
    ("clock", &["domain"]),
    ("domain", &[]),
];

/// The module that a file belongs to: the first part of its path below `src`.
fn module_of(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
}

/// How deep in the tree of modules the items of a file stand: 1 for `src/clock.rs` and `src/web/mod.rs`.
fn depth_of(path: &str) -> usize {
    let parts = path.split('/').count() - 1;
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

fn against_the_arrows(files: &[SourceFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let module = module_of(&file.path);
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            findings.push(format!(
                "{}: the module `{module}` has no place in the order of layers; give it one here",
                file.path
            ));
            continue;
        };
        for used in modules_used(&file.path, &code_only(&file.text)) {
            if used != module && is_layer(&used) && !may_use.contains(&used.as_str()) {
                findings.push(format!(
                    "{}: `{module}` must not use `{used}`; move what both need down, or hand it in from above",
                    file.path
                ));
            }
        }
    }
    findings
}

fn is_layer(name: &str) -> bool {
    MAY_USE.iter().any(|(module, _)| *module == name)
}

/// The crate's own modules that `code` names, by `crate::`, by the crate's name, or by climbing with `super::`.
fn modules_used(path: &str, code: &str) -> Vec<String> {
    let climb = "super::".repeat(depth_of(path));
    let mut used = Vec::new();
    for root in ["crate::", "latchkey::", climb.as_str()] {
        for (at, _) in code.match_indices(root) {
            let goes_on = code[..at].chars().next_back().is_some_and(|c| is_word(c) || c == ':');
            if !goes_on {
                used.extend(first_names(&code[at + root.len()..]));
            }
        }
    }
    used.sort();
    used.dedup();
    used
}

/// The names that directly follow a path's root: one, or those on the first level of a braced group.
fn first_names(after: &str) -> Vec<String> {
    let name_of = |text: &str| {
        text.trim_start()
            .chars()
            .take_while(|c| is_word(*c))
            .collect::<String>()
    };
    let Some(group) = after.strip_prefix('{') else {
        return vec![name_of(after)];
    };
    let (mut depth, mut names, mut start) = (0_usize, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name_of(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name_of(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

/// Lines of files that are not `at_home` whose code names a crate that starts with one of `prefixes`.
fn strangers(files: &[SourceFile], prefixes: &[&str], at_home: fn(&str) -> bool, advice: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !at_home(&file.path)) {
        for (number, line) in numbered(&code_only(&file.text)) {
            let names = line.split(|c| !is_word(c));
            for name in names.filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix))) {
                findings.push(format!("{}:{number}: `{name}`: {advice}", file.path));
            }
        }
    }
    findings
}

fn diesel_outside_the_store(files: &[SourceFile]) -> Vec<String> {
    let at_home = |path: &str| path.starts_with("src/store/") || path == "src/store.rs";
    strangers(
        files,
        &["diesel"],
        at_home,
        "only src/store knows the databases; add a function there and call it",
    )
}

fn http_outside_the_web(files: &[SourceFile]) -> Vec<String> {
    let starts_it = ["src/cli/serve.rs", "src/cli/demo.rs"];
    let elsewhere: Vec<SourceFile> = files
        .iter()
        .filter(|file| !starts_it.contains(&file.path.as_str()))
        .map(|file| SourceFile::planted(&file.path, &file.text))
        .collect();
    let at_home = |path: &str| path.starts_with("src/web/");
    let mut findings = strangers(
        &elsewhere,
        &["actix"],
        at_home,
        "only src/web knows HTTP; cli/serve.rs and cli/demo.rs may start it",
    );
    findings.extend(strangers(
        files,
        &["askama"],
        |path| path.starts_with("src/web/") || path.starts_with("src/mail/"),
        "only src/web and src/mail have words for people; return a value and let a page show it",
    ));
    findings
}

fn smtp_outside_the_mail(files: &[SourceFile]) -> Vec<String> {
    strangers(
        files,
        &["lettre"],
        |path| path.starts_with("src/mail/"),
        "only src/mail knows how mail travels; hand it a letter",
    )
}

/// Where deadlines of connections are measured: by the runtime's own clock, because its timers wake by that one.
const TIMERS: [&str; 2] = ["src/web/edge.rs", "src/web/slow.rs"];

fn time_or_chance_outside_the_clock(files: &[SourceFile]) -> Vec<String> {
    let reads = [
        "SystemTime::now",
        "Instant::now",
        "now_utc",
        "now_local",
        "Timestamp::now",
        "Zoned::now",
        "rand::rng",
        "rand::random",
        "thread_rng",
        "OsRng",
        "SysRng",
        "getrandom",
        "from_os_rng",
        "make_rng",
    ];
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != "src/clock/mod.rs") {
        for (number, line) in numbered(&code_only(&file.text)) {
            let timer = |read: &str| read == "Instant::now" && TIMERS.contains(&file.path.as_str());
            for read in reads.iter().filter(|read| has_word(line, read) && !timer(read)) {
                findings.push(format!(
                    "{}:{number}: `{read}`: time and randomness come from clock::Clock, so that a test can set them",
                    file.path
                ));
            }
        }
    }
    findings
}

#[test]
fn imports_go_one_way() {
    expect_none(&against_the_arrows(&sources()));
}

#[test]
fn an_import_that_runs_back_is_found() {
    for (path, text) in [
        ("src/domain/token.rs", "use crate::app::tokens::create;"),
        ("src/domain/mod.rs", "use crate::{clock::Clock};"),
        (
            "src/store/tokens.rs",
            "use crate::{domain::{token::Token, id::Id}, settings::Settings};",
        ),
        ("src/app/tokens.rs", "fn f() { crate::web::form::read() }"),
        ("src/jobs.rs", "use super::web;"),
        ("src/domain/token.rs", "use super::super::store::Store;"),
        ("src/main.rs", "use latchkey::store;"),
        ("src/lib.rs", "pub use crate::domain::token;"),
        ("src/helpers.rs", ""),
    ] {
        expect_found(against_the_arrows, path, text);
    }
}

#[test]
fn an_import_along_the_arrows_is_not_found() {
    for (path, text) in [
        (
            "src/app/tokens.rs",
            "use crate::{domain::{app, token::Token}, store::{self, tokens}};",
        ),
        ("src/domain/token.rs", "use super::scope::ScopeSet; // not crate::app"),
        ("src/domain/token.rs", "const S: &str = \"crate::app\";"),
        ("src/clock.rs", "mod tests { use super::*; }"),
        ("src/web/pages/tokens.rs", "use crate::web::{form, layout};"),
        ("src/main.rs", "latchkey::cli::run()"),
    ] {
        expect_clean(against_the_arrows, path, text);
    }
}

#[test]
fn only_the_store_knows_diesel() {
    expect_none(&diesel_outside_the_store(&sources()));
}

#[test]
fn diesel_elsewhere_is_found() {
    expect_found(diesel_outside_the_store, "src/app/tokens.rs", "use diesel::prelude::*;");
    expect_found(
        diesel_outside_the_store,
        "src/cli/migrate.rs",
        "use diesel_migrations::embed_migrations;",
    );
    expect_clean(
        diesel_outside_the_store,
        "src/store/tokens.rs",
        "use diesel::prelude::*;",
    );
    expect_clean(
        diesel_outside_the_store,
        "src/app/tokens.rs",
        "// nothing of diesel's here",
    );
}

#[test]
fn only_the_web_knows_http_and_html() {
    expect_none(&http_outside_the_web(&sources()));
}

#[test]
fn http_and_html_elsewhere_are_found() {
    expect_found(
        http_outside_the_web,
        "src/app/tokens.rs",
        "fn f() -> actix_web::HttpResponse {}",
    );
    expect_found(
        http_outside_the_web,
        "src/domain/token.rs",
        "#[derive(askama::Template)]",
    );
    expect_found(http_outside_the_web, "src/cli/serve.rs", "use askama::Template;");
    expect_clean(http_outside_the_web, "src/cli/serve.rs", "use actix_web::rt;");
    expect_clean(
        http_outside_the_web,
        "src/web/pages/tokens.rs",
        "use {actix_web::HttpRequest, askama::Template};",
    );
}

#[test]
fn only_the_mail_knows_smtp() {
    expect_none(&smtp_outside_the_mail(&sources()));
    expect_found(smtp_outside_the_mail, "src/app/mail/send.rs", "use lettre::Message;");
    expect_clean(smtp_outside_the_mail, "src/mail/smtp.rs", "use lettre::Message;");
}

#[test]
fn only_the_clock_reads_time_and_chance() {
    expect_none(&time_or_chance_outside_the_clock(&sources()));
}

#[test]
fn time_and_chance_elsewhere_are_found() {
    expect_found(
        time_or_chance_outside_the_clock,
        "src/app/tokens.rs",
        "let t = std::time::SystemTime::now();",
    );
    expect_found(
        time_or_chance_outside_the_clock,
        "src/domain/secret.rs",
        "let r = rand::rng();",
    );
    expect_found(
        time_or_chance_outside_the_clock,
        "src/web/limits.rs",
        "let t = time::OffsetDateTime::now_utc();",
    );
    expect_found(
        time_or_chance_outside_the_clock,
        "src/web/slow.rs",
        "let t = std::time::SystemTime::now();",
    );
    expect_found(
        time_or_chance_outside_the_clock,
        "src/app/sign_in.rs",
        "let t = Instant::now();",
    );
    expect_clean(
        time_or_chance_outside_the_clock,
        "src/web/slow.rs",
        "let t = Instant::now();",
    );
    expect_clean(
        time_or_chance_outside_the_clock,
        "src/clock/mod.rs",
        "let t = std::time::SystemTime::now();",
    );
    expect_clean(
        time_or_chance_outside_the_clock,
        "src/app/tokens.rs",
        "let t = clock.now();",
    );
}
