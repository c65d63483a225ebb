//! `/tokens/{id}/history`: what was done to a token, by whom, and what was before and after.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    head::{self, Head},
    viewer::Viewer,
};
use crate::{
    app::tokens::show,
    domain::secret::PublicId,
    web::{
        cursor::Cursors,
        error::WebError,
        guard::Customer,
        layout::Layout,
        words::{self, EventWords},
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
    answer(&Viewer::from(&customer), head::id(&path)?, &parameters).await
}

/// The page for its holder or for staff.
pub(in crate::web::pages) async fn answer(
    viewer: &Viewer<'_>,
    id: PublicId,
    parameters: &Parameters,
) -> Result<HttpResponse, WebError> {
    let (app, account) = (&viewer.visit.app, viewer.account);
    let cursors = Cursors::of(app, &account.public_id);
    let before = cursors.read(&parameters.before);
    let limit = i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX);
    let history = show::history(app, &viewer.caller, account.id, id, before, limit).await?;
    let (token, mut events) = history;
    let more = events.len() > PER_PAGE;
    events.truncate(PER_PAGE);
    let older = events
        .last()
        .filter(|_| more)
        .map(|last| format!("{}/{id}/history?before={}", viewer.list(), cursors.write(last.id)));
    let in_words = events
        .iter()
        .map(|event| words::event_words(&app.catalogue, &viewer.zone, viewer.reader, event));
    let page = History {
        page: viewer.layout(&format!("History of {}", token.name)),
        head: Head::seen_by(viewer, &token, head::HISTORY),
        events: in_words.collect(),
        older: older.unwrap_or_default(),
        is_first: before.is_none(),
    };
    viewer.visit.page(StatusCode::OK, &page)
}
