//! `/staff/incidents`: what was done to many tokens at once, and how far it is.

pub mod answers;
pub mod new;
pub mod one;

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;

use crate::{
    app::{AppError, runs},
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        permission::{Act, may},
        run::{Criteria, Run, RunKind, RunState},
    },
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{self, When},
        words::{Badge, Reader, actor_words, capitalised, counted, grouped, permission},
    },
};

/// Runs of a page.
const PAGE: usize = 25;

/// Errors unless this staff member may change many tokens at once.
fn permitted(staff: &Staff) -> Result<(), WebError> {
    Ok(may(&staff.caller.actor, Act::StartRuns, None).map_err(AppError::from)?)
}

/// A run in words.
struct RunWords {
    id: String,
    /// `Revoke tokens`.
    title: &'static str,
    /// Which tokens: what is asked for and the answer.
    criteria: Vec<(&'static str, String)>,
    badge: Badge,
    is_open: bool,
    started: When,
    ended: Option<When>,
    who: String,
    reason: String,
    seen: i64,
    /// At least one, for a bar.
    expected: i64,
    /// `120 of 1,204 tokens`.
    progress: String,
    /// `118 tokens revoked`.
    changed: String,
    percent: u8,
}

impl RunWords {
    fn of(catalogue: &Catalogue, zone: &TimeZone, run: &Run) -> Self {
        let (kind, symbol, text, ended) = match run.state {
            RunState::Open => ("info", "clock", format!("Running, {}%", run.percent()), None),
            RunState::Stopped(at) => ("warn", "circle-pause", "Stopped".to_owned(), Some(at)),
            RunState::Finished(at) => ("ok", "circle-check", "Finished".to_owned(), Some(at)),
        };
        Self {
            id: run.public_id.clone(),
            title: title(run.kind),
            criteria: criteria(catalogue, zone, &run.criteria, run.kind),
            badge: Badge { kind, symbol, text },
            is_open: run.state == RunState::Open,
            started: times::when(zone, run.created_at),
            ended: ended.map(|at| times::when(zone, at)),
            who: actor_words(Reader::Staff, &run.by),
            reason: run.reason.clone(),
            seen: run.seen,
            expected: run.expected.max(1),
            progress: format!("{} of {}", number(run.seen), many(run.expected)),
            changed: format!("{} {}", many(run.changed), done(run.kind)),
            percent: run.percent(),
        }
    }
}

fn title(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Revoke => "Revoke tokens",
        RunKind::Pause => "Pause tokens",
        RunKind::Shorten(_) => "Shorten tokens",
    }
}

fn done(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Revoke => "revoked",
        RunKind::Pause => "paused",
        RunKind::Shorten(_) => "shortened",
    }
}

/// `1,204`.
fn number(count: i64) -> String {
    grouped(u64::try_from(count).unwrap_or(0))
}

/// `1,204 tokens`.
fn many(count: i64) -> String {
    counted(count, "token").replacen(&count.to_string(), &number(count), 1)
}

/// What is asked for, each with its answer.
fn criteria(catalogue: &Catalogue, zone: &TimeZone, wanted: &Criteria, kind: RunKind) -> Vec<(&'static str, String)> {
    let at = |at| times::when(zone, at).text;
    let limit = match kind {
        RunKind::Shorten(limit) => Some(limit),
        RunKind::Revoke | RunKind::Pause => None,
    };
    let all = [
        ("Issued before", wanted.issued_before.map(at)),
        (
            "Holding",
            wanted.scope.as_ref().map(|scope| permission(catalogue, scope)),
        ),
        ("Used from", wanted.used_from.map(|range| range.to_string())),
        ("Living longer than", wanted.expires_after.map(at)),
        ("Expires", wanted.never_expires.then(|| "Never".to_owned())),
        ("Plan", wanted.plan.clone()),
        ("Ends at the latest", limit.and_then(|limit| limit.latest).map(at)),
        (
            "Days from creation",
            limit.and_then(|limit| limit.total_days).map(|days| days.to_string()),
        ),
    ];
    let given = all.into_iter().filter_map(|(label, answer)| Some((label, answer?)));
    given.map(|(label, answer)| (label, capitalised(&answer))).collect()
}

/// What the address of the list says.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Listed {
    /// The last run of the page before.
    before: String,
}

#[derive(Template)]
#[template(path = "staff/incidents/list.html")]
struct ListPage {
    page: Layout,
    runs: Vec<RunWords>,
    /// Address of the page with older ones; empty when there are none.
    older: String,
    /// Address of the first page; empty on it.
    latest: String,
}

/// `GET /staff/incidents`.
pub async fn list(staff: Staff, asked: Query<Listed>) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let before = match asked.before.as_str() {
        "" => None,
        id => Some(runs::find(app, &staff.caller, id.to_owned()).await?.id),
    };
    let one_more = i64::try_from(PAGE + 1).expect("it is a small number");
    let mut found = runs::list(app, &staff.caller, before, one_more).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let older = found.last().filter(|_| more);
    let zone = staff.zone();
    let page = ListPage {
        page: staff.layout("Incidents", "incidents"),
        older: older.map_or_else(String::new, |run| format!("/staff/incidents?before={}", run.public_id)),
        latest: before.map_or_else(String::new, |_| "/staff/incidents".to_owned()),
        runs: found
            .iter()
            .map(|run| RunWords::of(&app.catalogue, &zone, run))
            .collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
