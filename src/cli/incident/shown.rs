//! Runs and what they are about, as the command line prints them.

use serde::Serialize;

use crate::{
    app::runs::{Owned, Preview},
    cli::output,
    domain::run::{Criteria, Run, RunState},
    web::times::iso,
};

/// A token in the list of a preview.
#[derive(Serialize)]
struct ShownToken {
    id: String,
    name: String,
    account: String,
    secret_issued: String,
    last_used: Option<String>,
    last_used_from: Option<String>,
}

impl ShownToken {
    fn of(owned: &Owned) -> Self {
        let token = &owned.token;
        Self {
            id: token.public_id.to_string(),
            name: token.name.to_string(),
            account: owned.username.clone(),
            secret_issued: iso(token.secret_issued_at),
            last_used: token.last_use.map(|last| iso(last.at)),
            last_used_from: token.last_use.map(|last| last.from.to_string()),
        }
    }
}

/// What would be changed.
#[derive(Serialize)]
pub(super) struct ShownPreview {
    tokens: i64,
    accounts: i64,
    oldest: Vec<ShownToken>,
}

impl ShownPreview {
    pub(super) fn of(preview: &Preview) -> Self {
        Self {
            tokens: preview.count,
            accounts: preview.accounts,
            oldest: preview.first.iter().map(ShownToken::of).collect(),
        }
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            return output::json(self);
        }
        for token in &self.oldest {
            output::line(format_args!(
                "{}  {:<16}  issued {}  last used {:<20}  {:<15}  {}",
                token.id,
                token.account,
                token.secret_issued,
                token.last_used.as_deref().unwrap_or("never"),
                token.last_used_from.as_deref().unwrap_or_default(),
                token.name
            ));
        }
        output::message(format_args!(
            "{} tokens of {} accounts; the oldest {} are listed.",
            self.tokens,
            self.accounts,
            self.oldest.len()
        ));
    }
}

/// A run.
#[derive(Serialize)]
pub(super) struct ShownRun<'a> {
    run: &'a str,
    kind: &'static str,
    state: &'static str,
    criteria: &'a Criteria,
    reason: &'a str,
    started: String,
    started_by: &'a str,
    ended: Option<String>,
    expected: i64,
    seen: i64,
    changed: i64,
}

impl<'a> ShownRun<'a> {
    pub(super) fn of(run: &'a Run) -> Self {
        let (state, ended) = match run.state {
            RunState::Open => ("running", None),
            RunState::Stopped(at) => ("stopped", Some(at)),
            RunState::Finished(at) => ("finished", Some(at)),
        };
        Self {
            run: &run.public_id,
            kind: run.kind.code(),
            state,
            criteria: &run.criteria,
            reason: &run.reason,
            started: iso(run.created_at),
            started_by: &run.by.name,
            ended: ended.map(iso),
            expected: run.expected,
            seen: run.seen,
            changed: run.changed,
        }
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            return output::json(self);
        }
        for (label, text) in [
            ("Run", self.run),
            ("Kind", self.kind),
            ("State", self.state),
            ("Reason", self.reason),
            ("Started", &self.started),
            ("Started by", self.started_by),
            ("Ended", self.ended.as_deref().unwrap_or("not yet")),
        ] {
            output::line(format_args!("{label:<14}{text}"));
        }
        for change in self.criteria.changes() {
            let label = change.field.replace('_', " ");
            output::line(format_args!("{label:<14}{}", change.after.unwrap_or_default()));
        }
        output::line(format_args!(
            "{:<14}{} of {} tokens looked at, {} changed",
            "Progress", self.seen, self.expected, self.changed
        ));
    }

    pub(super) fn print_line(&self) {
        output::line(format_args!(
            "{}  {:<7}  {:<8}  {}  {} of {}, {} changed  {}",
            self.run, self.kind, self.state, self.started, self.seen, self.expected, self.changed, self.reason
        ));
    }
}
