//! `/tokens/{id}/history`: what was done to a token, by whom, and what was before and after.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::head::{self, Head};
use crate::{
    app::tokens::show,
    web::{
        cursor::Cursors,
        error::WebError,
        guard::Customer,
        layout::Layout,
        words::{self, EventWords, Reader},
    },
};

/// Events of a page.
const PER_PAGE: usize = 25;

/// What the address may say.
#[derive(Deserialize)]
pub struct Parameters {
    /// The event before which this page begins, as [`Cursors`] writes it.
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "tokens/history.html")]
struct History {
    page: Layout,
    head: Head,
    events: Vec<EventWords>,
    older: String,
    is_first: bool,
}

/// Shows the page.
pub async fn show(
    customer: Customer,
    path: Path<String>,
    parameters: Query<Parameters>,
) -> Result<HttpResponse, WebError> {
    let (app, id) = (&customer.visit.app, head::id(&path)?);
    let cursors = Cursors::of(app, &customer.account.public_id);
    let before = cursors.read(&parameters.before);
    let limit = i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX);
    let history = show::history(app, &customer.caller, customer.account.id, id, before, limit).await?;
    let (token, mut events) = history;
    let more = events.len() > PER_PAGE;
    events.truncate(PER_PAGE);
    let older = events
        .last()
        .filter(|_| more)
        .map(|last| format!("/tokens/{id}/history?before={}", cursors.write(last.id)));
    let in_words = events
        .iter()
        .map(|event| words::event_words(&app.catalogue, &customer.zone, Reader::Holder, event));
    let page = History {
        page: customer.layout(&format!("History of {}", token.name), "tokens"),
        head: Head::of(&customer, &token, head::HISTORY),
        events: in_words.collect(),
        older: older.unwrap_or_default(),
        is_first: before.is_none(),
    };
    customer.visit.page(StatusCode::OK, &page)
}
