//! Reads the project's own files and fails where one breaks a rule of the house that no compiler or lint can hold.
//!
//! A rule is a function over texts that returns what is wrong and what to do about it. Each has two tests: that the
//! project keeps it, and that a planted fault is found, so that no rule can fall silent. The rules stand in
//! `tests/architecture/`, one file a subject.

#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/migrations.rs"]
mod migrations;
#[path = "architecture/rust.rs"]
mod rust;
#[path = "architecture/templates.rs"]
mod templates;
#[path = "architecture/text.rs"]
mod text;

use files::SourceFile;

/// Fails with every finding on a line of its own.
fn expect_none(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} to put right:\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

/// Fails unless `rule` finds something in `text` standing at `path`, and what it says names `path`.
fn expect_found(rule: fn(&[SourceFile]) -> Vec<String>, path: &str, text: &str) {
    let findings = rule(&[SourceFile::planted(path, text)]);
    assert!(
        findings.iter().any(|finding| finding.contains(path)),
        "the planted fault in {path} was not found: {text}"
    );
}

/// Fails if `rule` finds something in `text` standing at `path`.
fn expect_clean(rule: fn(&[SourceFile]) -> Vec<String>, path: &str, text: &str) {
    expect_none(&rule(&[SourceFile::planted(path, text)]));
}
