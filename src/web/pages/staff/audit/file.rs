//! Events as files: rows of a table, and lines of JSON.

use serde::Serialize;

use crate::{
    app::App,
    clock::TimeZone,
    domain::audit::{Change, Party},
    store::audit::search::Found,
    web::{
        times,
        words::{self, ChangeWords, Reader},
    },
};

/// The columns of the table.
pub const COLUMNS: [&str; 15] = [
    "Number",
    "When",
    "Action",
    "What",
    "Who",
    "Kind of who",
    "Id of who",
    "Account",
    "Id of account",
    "Id of target",
    "From",
    "Browser",
    "Changes",
    "Reason",
    "Request",
];

/// An event as a row of the table: as people read it, its instants in UTC.
pub fn row(app: &App, found: &Found) -> [String; COLUMNS.len()] {
    let event = &found.event.event;
    let words = words::event_words(&app.catalogue, &TimeZone::default(), Reader::Staff, &found.event);
    let changes: Vec<String> = words.changes.iter().map(ChangeWords::line).collect();
    let account = found.account.as_ref();
    [
        found.event.id.0.to_string(),
        times::iso(event.at),
        event.action.code().to_owned(),
        words.what(),
        words.who,
        event.actor.kind.clone(),
        event.actor.id.clone(),
        account.map(|account| account.username.clone()).unwrap_or_default(),
        account.map(|account| account.id.clone()).unwrap_or_default(),
        event.target.id.clone(),
        words.address,
        words.browser,
        changes.join("; "),
        words.reason.unwrap_or_default(),
        event.request_id.clone(),
    ]
}

/// An event as JSON: as it is stored.
#[derive(Serialize)]
pub struct Line<'a> {
    number: i64,
    at: String,
    action: &'static str,
    actor: LineParty<'a>,
    target: LineParty<'a>,
    account: Option<LineParty<'a>>,
    changes: &'a [Change],
    reason: Option<&'a str>,
    address: Option<&'a str>,
    browser: Option<&'a str>,
    request: &'a str,
}

#[derive(Serialize)]
struct LineParty<'a> {
    kind: &'a str,
    id: &'a str,
    name: &'a str,
}

impl<'a> From<&'a Party> for LineParty<'a> {
    fn from(party: &'a Party) -> Self {
        Self {
            kind: &party.kind,
            id: &party.id,
            name: &party.name,
        }
    }
}

/// An event for a line of JSON.
pub fn line(found: &Found) -> Line<'_> {
    let event = &found.event.event;
    Line {
        number: found.event.id.0,
        at: times::iso(event.at),
        action: event.action.code(),
        actor: (&event.actor).into(),
        target: (&event.target).into(),
        account: found.account.as_ref().map(|account| LineParty {
            kind: "account",
            id: &account.id,
            name: &account.username,
        }),
        changes: &event.changes,
        reason: event.reason.as_deref(),
        address: event.address.as_deref(),
        browser: event.browser.as_deref(),
        request: &event.request_id,
    }
}

/// Events as lines of JSON, each with its line break.
pub fn lines(found: &[Found]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for found in found {
        serde_json::to_writer(&mut bytes, &line(found)).expect("texts and numbers are JSON");
        bytes.push(b'\n');
    }
    bytes
}
