//! Two windows changed one token: what it is now and what was typed, side by side, and nothing lost.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::Editor;
use crate::{
    app::tokens::show,
    domain::{draft::Draft, token::Token},
    web::{
        error::WebError,
        layout::Layout,
        pages::tokens::{
            fields::TokenForm,
            head::{self, Head},
        },
        words::{self, EventWords, Reader},
    },
};

/// One thing about which the two differ.
struct Row {
    label: &'static str,
    now: Vec<String>,
    yours: Vec<String>,
}

#[derive(Template)]
#[template(path = "tokens/conflict.html")]
struct Conflict {
    page: Layout,
    head: Head,
    rows: Vec<Row>,
    /// The last thing that was done to the token.
    last: Option<EventWords>,
    /// What was typed, with the revision that the token has now.
    answers: Vec<(&'static str, String)>,
}

/// The page for a form that is older than the token is `now`.
pub(super) async fn page(
    editor: &Editor,
    form: &TokenForm,
    draft: &Draft,
    now: &Token,
) -> Result<HttpResponse, WebError> {
    let Editor { customer, .. } = editor;
    let visit = &customer.visit;
    let history = show::history(
        &visit.app,
        &customer.caller,
        customer.account.id,
        now.public_id,
        None,
        1,
    )
    .await?;
    let last = history.1.first();
    let last = last.map(|event| words::event_words(&visit.app.catalogue, &customer.zone, Reader::Holder, event));
    let mut answers = form.clone();
    answers.revision = now.revision.to_string();
    let (now_draft, yours) = (Draft::from(now), draft);
    let scopes = |draft: &Draft| words::permissions(&visit.app.catalogue, &draft.scopes);
    let rows = [
        row("Name", |draft| vec![draft.name.to_string()], &now_draft, yours),
        row(
            "Description",
            |draft| vec![draft.description.to_string()],
            &now_draft,
            yours,
        ),
        row("What it can do", scopes, &now_draft, yours),
        row("Where it works", |draft| words::sites(&draft.sites), &now_draft, yours),
        row(
            "Which computers can use it",
            |draft| words::addresses(&draft.addresses),
            &now_draft,
            yours,
        ),
    ];
    let page = Conflict {
        page: customer.layout("This token was changed in another window", "tokens"),
        head: Head::of(customer, now, head::DETAILS),
        rows: rows.into_iter().filter(|row| row.now != row.yours).collect(),
        last,
        answers: answers.hidden(),
    };
    visit.page(StatusCode::CONFLICT, &page)
}

fn row(label: &'static str, of: impl Fn(&Draft) -> Vec<String>, now: &Draft, yours: &Draft) -> Row {
    Row {
        label,
        now: of(now),
        yours: of(yours),
    }
}
