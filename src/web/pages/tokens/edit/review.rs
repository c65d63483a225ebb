//! The difference that a change comes to, before it is saved.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::Editor;
use crate::{
    app::tokens::edit::Proposal,
    catalogue::Catalogue,
    domain::{draft::Draft, widening::Difference},
    web::{
        error::WebError,
        form::Faults,
        layout::Layout,
        pages::tokens::{
            fields::TokenForm,
            head::{self, Head},
        },
        reentry,
        sentence::sentence,
        words,
    },
};

/// What is otherwise about one thing.
pub(super) struct Part {
    pub(super) label: &'static str,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

#[derive(Template)]
#[template(path = "tokens/edit_review.html")]
struct Review {
    page: Layout,
    head: Head,
    parts: Vec<Part>,
    sentence: String,
    widens: bool,
    narrows: bool,
    /// The visitor's own address, where the token will not work from it any more.
    outside: Option<String>,
    asks_password: bool,
    answers: Vec<(&'static str, String)>,
    faults: Faults,
}

/// The review of a change.
pub(super) fn page(
    editor: &Editor,
    form: &TokenForm,
    proposal: &Proposal,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let Editor { customer, token, .. } = editor;
    let visit = &customer.visit;
    let (before, after) = (Draft::from(&proposal.token), &proposal.draft);
    let difference = &proposal.difference;
    let parts = parts(&visit.app.catalogue, &before, after, difference);
    let shut_out = before.addresses.contains(visit.address) && !after.addresses.contains(visit.address);
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Review {
        page: customer.layout("Review changes", "tokens"),
        head: Head::of(customer, token, head::DETAILS),
        sentence: sentence(&visit.app.catalogue, after, &customer.zone),
        narrows: parts
            .iter()
            .any(|part| part.label != NAME && part.label != DESCRIPTION && !part.removed.is_empty()),
        parts,
        widens: difference.widens(),
        outside: shut_out.then(|| visit.address.to_string()),
        asks_password: difference.widens() && reentry::is_needed(customer),
        answers: form.hidden(),
        faults,
    };
    visit.page(status, &page)
}

const NAME: &str = "Name";
const DESCRIPTION: &str = "Description";

/// Everything that is otherwise, in the order of the form.
fn parts(catalogue: &Catalogue, before: &Draft, after: &Draft, difference: &Difference) -> Vec<Part> {
    let text = |label, before: String, after: String| {
        let one = |text: String, other: &String| (text != *other && !text.is_empty()).then_some(text);
        Part {
            label,
            added: one(after.clone(), &before).into_iter().collect(),
            removed: one(before, &after).into_iter().collect(),
        }
    };
    let (sites_added, sites_removed) = lists(&words::sites(&before.sites), &words::sites(&after.sites));
    let (addresses_added, addresses_removed) = lists(
        &words::addresses(&before.addresses),
        &words::addresses(&after.addresses),
    );
    // Of full access nothing but itself can be taken away, so what stays is told as well.
    let scopes_added = if difference.scopes_removed.is_full() {
        catalogue.closure(&after.scopes)
    } else {
        difference.scopes_added.clone()
    };
    let parts = [
        text(NAME, before.name.to_string(), after.name.to_string()),
        text(
            DESCRIPTION,
            before.description.to_string(),
            after.description.to_string(),
        ),
        Part {
            label: "What it can do",
            added: words::permissions(catalogue, &scopes_added),
            removed: words::permissions(catalogue, &difference.scopes_removed),
        },
        Part {
            label: "Where it works",
            added: sites_added,
            removed: sites_removed,
        },
        Part {
            label: "Which computers can use it",
            added: addresses_added,
            removed: addresses_removed,
        },
    ];
    let differs = |part: &Part| !part.added.is_empty() || !part.removed.is_empty();
    parts.into_iter().filter(differs).collect()
}

/// What came into a list and what went out of it.
fn lists(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>) {
    let without =
        |from: &[String], other: &[String]| from.iter().filter(|entry| !other.contains(entry)).cloned().collect();
    (without(after, before), without(before, after))
}
