//! What staff note about an account for each other.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{AccountHead, NOTES, address, fields, find};
use crate::{
    app::accounts::notes::{self, WrittenNote},
    domain::{account::Account, id::EventId, text::MAX_NOTE},
    web::{
        cursor::Cursors,
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        times::{self, When},
    },
};

/// Notes of a page.
const PAGE: usize = 50;

/// A new note.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteForm {
    #[serde(default)]
    note: String,
}

impl Form for NoteForm {
    const HAS_PAGE: bool = true;
}

/// What the address says: where older notes begin, or a note whose sending was cut off by the end of a session.
#[derive(Default, Deserialize)]
pub struct Parameters {
    #[serde(default)]
    before: String,
    #[serde(default)]
    note: String,
}

struct Entry {
    author: String,
    at: When,
    text: String,
}

#[derive(Template)]
#[template(path = "staff/account/notes.html")]
struct NotesPage {
    page: Layout,
    head: AccountHead,
    faults: Faults,
    typed: String,
    max: i32,
    notes: Vec<Entry>,
    /// Address of the page with older notes; empty when there are none.
    older: String,
    latest: String,
}

async fn page(staff: &Staff, account: &Account, asked: &Parameters, faults: Faults) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    // Notes are numbered through all accounts too, so that their numbers are masked as those of events are.
    let cursors = Cursors::of(app, &account.public_id);
    let before = cursors.read(&asked.before);
    let one_more = i64::try_from(PAGE + 1).expect("it is a small number");
    let mut found = notes::list(app, &staff.caller, account, before.map(|id| id.0), one_more).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found
        .last()
        .filter(|_| more)
        .map(|note| cursors.write(EventId(note.id)));
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let entry = |note: WrittenNote| Entry {
        author: note.author,
        at: times::when(&staff.zone(), note.at),
        text: note.text,
    };
    let page = NotesPage {
        page: staff.layout(&format!("{}: notes", account.username), "accounts"),
        head: AccountHead::of(staff, account, NOTES),
        faults,
        typed: asked.note.clone(),
        max: i32::try_from(MAX_NOTE).unwrap_or_default(),
        older: last
            .map(|id| format!("{}?before={id}", address(account, NOTES)))
            .unwrap_or_default(),
        latest: before.map(|_| address(account, NOTES)).unwrap_or_default(),
        notes: found.into_iter().map(entry).collect(),
    };
    staff.visit.page(status, &page)
}

/// `GET /staff/accounts/{id}/notes`
pub async fn show(staff: Staff, path: Path<String>, asked: Query<Parameters>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    page(&staff, &account, &asked, Faults::default()).await
}

/// `POST /staff/accounts/{id}/notes`: adds one.
pub async fn add(path: Path<String>, SentBy(staff, form): SentBy<Staff, NoteForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let mut faults = Faults::default();
    let Some(note) = fields::note(&form.note, &mut faults) else {
        let asked = Parameters {
            note: form.note,
            ..Parameters::default()
        };
        return page(&staff, &account, &asked, faults).await;
    };
    notes::add(&staff.visit.app, &staff.caller, &account, note).await?;
    let notice = Notice::new(NoticeCode::NoteAdded);
    Ok(staff.visit.go(&address(&account, NOTES), Some(&notice)))
}
