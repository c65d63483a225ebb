//! A migration exists for both databases, or not at all.

use std::collections::BTreeSet;

use crate::{expect_none, files::below};

/// Migration files by their path below the folder of their database, `2026-11-23-120000_accounts/up.sql`.
fn only_for_one(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> Vec<String> {
    let missing = |from: &str, here: &BTreeSet<String>, there: &BTreeSet<String>| {
        let lines: Vec<String> = there
            .difference(here)
            .map(|name| format!("migrations/{from}/{name} is missing: each migration exists for both databases"))
            .collect();
        lines
    };
    let mut findings = missing("sqlite", sqlite, postgres);
    findings.extend(missing("postgres", postgres, sqlite));
    findings
}

fn names(database: &str) -> BTreeSet<String> {
    let folder = format!("migrations/{database}");
    let prefix = format!("{folder}/");
    below(&folder, &["sql"])
        .iter()
        .map(|file| file.path.trim_start_matches(&prefix).to_owned())
        .collect()
}

#[test]
fn every_migration_exists_for_both_databases() {
    expect_none(&only_for_one(&names("sqlite"), &names("postgres")));
}

#[test]
fn a_migration_for_one_database_is_found() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let (both, more) = (set(&["1_a/up.sql"]), set(&["1_a/up.sql", "2_b/up.sql"]));
    assert_eq!(only_for_one(&both, &more).len(), 1);
    assert_eq!(only_for_one(&more, &both).len(), 1);
    assert!(only_for_one(&both, &both).is_empty());
}
