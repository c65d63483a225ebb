//! What a new token will mean, before it is made: the second step of `/tokens/new`.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    fields::TokenForm,
    new::{Maker, is_creation_key},
    summary::Summary,
};
use crate::{
    app::tokens::create::new_creation_key,
    domain::{draft::Draft, token::Expiry},
    web::{error::WebError, form::Faults, layout::Layout, reentry, sentence, words::capitalised},
};

/// From so many permissions of high risk on, the review warns of them together.
const MANY_DANGERS: usize = 3;

#[derive(Template)]
#[template(path = "tokens/review.html")]
struct ReviewPage {
    page: Layout,
    sentence: String,
    s: Summary,
    never: bool,
    dangers: Vec<String>,
    /// The visitor's own address, where the token will not work from it.
    outside: Option<String>,
    answers: Vec<(&'static str, String)>,
    ask_password: bool,
    faults: Faults,
}

/// The review of what `form` asks for, which is `draft`.
pub(super) fn page(maker: &Maker, form: &TokenForm, draft: &Draft, faults: Faults) -> Result<HttpResponse, WebError> {
    let visit = &maker.customer.visit;
    let (catalogue, zone) = (&visit.app.catalogue, &maker.customer.zone);
    let mut dangers = Vec::new();
    if !draft.scopes.is_full() {
        dangers = sentence::dangers(catalogue, &draft.scopes);
    }
    if dangers.len() < MANY_DANGERS {
        dangers.clear();
    }
    let mut answers = form.clone();
    if !is_creation_key(&answers.creation_key) {
        answers.creation_key = new_creation_key(&visit.app);
    }
    let page = ReviewPage {
        page: maker.customer.layout("Review token", "tokens"),
        sentence: sentence::sentence(catalogue, draft, zone),
        s: Summary::of(catalogue, draft, zone),
        never: draft.expiry == Expiry::Never,
        dangers: dangers.iter().map(|entry| capitalised(&entry.can)).collect(),
        outside: (!draft.addresses.contains(visit.address)).then(|| visit.address.to_string()),
        answers: answers.hidden(),
        ask_password: reentry::is_needed(&maker.customer),
        faults,
    };
    let status = if page.faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    visit.page(status, &page)
}
