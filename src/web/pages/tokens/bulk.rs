//! Several tokens at once: pausing them, and the pages that confirm revoking and renewing them.

pub(in crate::web::pages) mod confirm;
pub mod renew;
pub mod revoke;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{head, list::parameters::Parameters, viewer::Viewer};
use crate::{
    app::{
        Rule,
        tokens::bulk::{self, MOST, Outcome},
    },
    domain::{secret::PublicId, token::PausedBy},
    web::{
        error::WebError,
        form::{Form, ProtectedForm},
        guard::Customer,
        layout::Layout,
        notice::{Notice, NoticeCode},
        times,
        words::counted,
    },
};

/// Tokens that a page names before it hides the others.
const NAMED: usize = 10;

/// Id of the box to tick before several tokens are stopped.
pub(in crate::web::pages) const UNDERSTOOD: &str = "understood-1";
/// What is said when it was not.
pub(in crate::web::pages) const NOT_UNDERSTOOD: &str = "Tick the box to say that these tokens may stop working";

/// What the list sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseForm {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    back: String,
}

impl Form for PauseForm {}

/// What was done to some and not to others.
#[derive(Template)]
#[template(path = "tokens/bulk_done.html")]
struct DonePage {
    page: Layout,
    /// "2 tokens were paused."
    done: String,
    names: Vec<String>,
    /// Name, and why not.
    skipped: Vec<(String, String)>,
    back: String,
    back_text: String,
}

/// `POST /tokens/pause`.
pub async fn pause(customer: Customer, form: ProtectedForm<PauseForm>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let (ProtectedForm(form), viewer) = (form, Viewer::from(&customer));
    let ids = read_ids(form.ids.iter().map(String::as_str));
    let outcome = bulk::pause(&customer.visit.app, &customer.caller, customer.account.id, ids).await?;
    let words = ("paused", NoticeCode::PausedMany);
    match outcome.done.as_slice() {
        [one] if outcome.skipped.is_empty() => {
            let notice = Notice::about(NoticeCode::Paused, one.public_id);
            Ok(customer.visit.go(&back_to(&viewer, &form.back), Some(&notice)))
        }
        _ => answer(&viewer, &outcome, words, &form.back),
    }
}

/// The ids that a form or an address names, without repetitions and without what cannot be one.
pub(in crate::web::pages) fn read_ids<'a>(sent: impl Iterator<Item = &'a str>) -> Vec<PublicId> {
    let mut ids: Vec<PublicId> = Vec::new();
    for id in sent
        .flat_map(|sent| sent.split(','))
        .filter_map(|id| id.trim().parse().ok())
    {
        if !ids.contains(&id) && ids.len() < MOST {
            ids.push(id);
        }
    }
    ids
}

/// The list as it was left: `back` holds its parameters.
fn back_to(viewer: &Viewer<'_>, back: &str) -> String {
    Parameters::read(back).address(&viewer.list())
}

/// Back to the list, which says that nothing was ticked.
pub(in crate::web::pages) fn nothing_ticked(viewer: &Viewer<'_>, back: &str) -> HttpResponse {
    let notice = Notice::new(NoticeCode::NothingTicked);
    viewer.visit.go(&back_to(viewer, back), Some(&notice))
}

/// What follows: a notice on the list when all went well, a page when something was skipped.
pub(in crate::web::pages) fn answer(
    viewer: &Viewer<'_>,
    outcome: &Outcome,
    (verb, notice): (&str, NoticeCode),
    back: &str,
) -> Result<HttpResponse, WebError> {
    if outcome.done.is_empty() && outcome.skipped.is_empty() {
        return Ok(nothing_ticked(viewer, back));
    }
    if outcome.skipped.is_empty() {
        let notice = Notice::about(notice, outcome.done.len());
        return Ok(viewer.visit.go(&back_to(viewer, back), Some(&notice)));
    }
    let were = if outcome.done.len() == 1 { "was" } else { "were" };
    let done = counted(i64::try_from(outcome.done.len()).unwrap_or(i64::MAX), "token");
    let page = DonePage {
        page: viewer.layout(&format!("Not every token was {verb}")),
        done: format!("{done} {were} {verb}."),
        names: outcome.done.iter().map(|token| token.name.to_string()).collect(),
        skipped: outcome
            .skipped
            .iter()
            .map(|(token, rule)| (token.name.to_string(), why(viewer, rule)))
            .collect(),
        back: back_to(viewer, back),
        back_text: viewer.list_name(),
    };
    viewer.visit.page(StatusCode::OK, &page)
}

/// Why one token was skipped.
fn why(viewer: &Viewer<'_>, rule: &Rule) -> String {
    match rule {
        Rule::Revoked(at) => format!("It was revoked on {}.", times::when(&viewer.zone, *at).text),
        Rule::Paused(Some(PausedBy::Staff)) if !viewer.is_staff() => "Support has paused it already.".to_owned(),
        Rule::Paused(_) => "It was paused already.".to_owned(),
        Rule::Expiry(refusal) => renew::why_not(&viewer.zone, *refusal),
        _ => "It was changed in another window.".to_owned(),
    }
}
