//! `/tokens/{id}/rotate`: a new secret, shown this once, while the old one lives on for a chosen time.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::head::{self, Head};
use crate::{
    app::{
        AppError, Rule,
        tokens::rotate::{self as tokens, Overlap, Rotated},
    },
    domain::token::Token,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Customer,
        layout::Layout,
        reentry::{self, Unconfirmed},
        times::{self, When},
        words::{self, UseWords},
    },
};

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RotateForm {
    overlap: String,
    /// The revision of the token that the form shows.
    revision: String,
    /// The last four characters of the secret that is to be replaced.
    last4: String,
    password: String,
}

impl Form for RotateForm {
    const HAS_PAGE: bool = true;
}

/// How long the old secret lives, as a choice.
struct Choice {
    value: &'static str,
    label: &'static str,
    hint: String,
    checked: bool,
}

/// An older secret that still works.
struct Older {
    last4: String,
    until: When,
}

#[derive(Template)]
#[template(path = "tokens/rotate.html")]
struct RotatePage {
    page: Layout,
    head: Head,
    choices: Vec<Choice>,
    revision: i32,
    last4: String,
    last_use: Option<UseWords>,
    older: Option<Older>,
    /// Somebody changed the token since the form was made.
    changed: bool,
    asks_password: bool,
    faults: Faults,
}

/// Why there is nothing to rotate, or nothing more.
#[derive(PartialEq, Eq)]
enum Why {
    Revoked,
    Expired,
    /// The form was sent before: the secret that it was to replace is replaced.
    Before,
}

#[derive(Template)]
#[template(path = "tokens/not_rotated.html")]
struct NotRotated {
    page: Layout,
    head: Head,
    why: Why,
    issued: When,
}

#[derive(Template)]
#[template(path = "tokens/rotated.html")]
struct RotatedPage<'a> {
    page: Layout,
    head: Head,
    secret: &'a str,
    old: Option<Older>,
    try_url: String,
}

const VALUES: [(Overlap, &str, &str); 4] = [
    (Overlap::None, "now", "Now"),
    (Overlap::Hour, "hour", "In 1 hour"),
    (Overlap::Day, "day", "In 24 hours"),
    (Overlap::Week, "week", "In 7 days"),
];

impl RotatePage {
    fn of(customer: &Customer, token: &Token, form: &RotateForm, faults: Faults) -> Self {
        let now = customer.visit.app.now();
        let chosen = if form.overlap.is_empty() { "day" } else { &form.overlap };
        let choices = VALUES.map(|(overlap, value, label)| Choice {
            value,
            label,
            hint: match overlap {
                Overlap::None => "If somebody else may have it".to_owned(),
                _ => times::when(&customer.zone, now + overlap.duration()).text,
            },
            checked: value == chosen,
        });
        Self {
            page: customer.layout(&format!("Rotate “{}”", token.name), "tokens"),
            head: Head::of(customer, token, head::DETAILS),
            choices: choices.into(),
            revision: token.revision,
            last4: token.last4.clone(),
            last_use: words::last_use(&customer.zone, token.secret_use),
            older: token.overlap(now).map(|rotation| Older {
                last4: rotation.last4.clone(),
                until: times::when(&customer.zone, rotation.until),
            }),
            changed: false,
            asks_password: reentry::is_needed(customer),
            faults,
        }
    }
}

fn not_rotated(customer: &Customer, token: &Token, why: Why) -> Result<HttpResponse, WebError> {
    let page = NotRotated {
        page: customer.layout(&format!("Rotate “{}”", token.name), "tokens"),
        head: Head::of(customer, token, head::DETAILS),
        issued: times::when(&customer.zone, token.secret_issued_at),
        why,
    };
    customer.visit.page(StatusCode::OK, &page)
}

/// Shows the form, or why there is none.
pub async fn show(customer: Customer, path: Path<String>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let token = head::find(&customer, &path).await?;
    if token.is_revoked() {
        return not_rotated(&customer, &token, Why::Revoked);
    }
    if token.is_expired(customer.visit.app.now()) {
        return not_rotated(&customer, &token, Why::Expired);
    }
    let page = RotatePage::of(&customer, &token, &RotateForm::default(), Faults::default());
    customer.visit.page(StatusCode::OK, &page)
}

/// Rotates, and shows the new secret in the answer itself: a page to be sent to would have to keep it.
pub async fn submit(
    SentBy(customer, form): SentBy<Customer, RotateForm>,
    path: Path<String>,
) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let token = head::find(&customer, &path).await?;
    // Before the password is asked for: a form that was sent twice needs none.
    if !token.is_revoked() && token.last4 != form.last4 && !form.last4.is_empty() {
        return not_rotated(&customer, &token, Why::Before);
    }
    let mut faults = Faults::default();
    let overlap = VALUES.iter().find(|(_, value, _)| *value == form.overlap);
    if overlap.is_none() {
        faults.add("overlap", "Choose when the old secret stops working");
    }
    let caller = match reentry::confirm(&customer, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            customer.caller.clone()
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let (Some((overlap, ..)), true) = (overlap, faults.is_empty()) else {
        let page = RotatePage::of(&customer, &token, &form, faults);
        return customer.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let revision = form.revision.parse().unwrap_or(-1);
    let (app, account) = (&customer.visit.app, customer.account.id);
    match tokens::rotate(app, &caller, account, token.public_id, revision, *overlap).await {
        Ok(rotated) => answer(&customer, &rotated),
        Err(AppError::Rule(rule)) => match *rule {
            Rule::Revoked(_) => not_rotated(&customer, &token, Why::Revoked),
            Rule::Expired => not_rotated(&customer, &token, Why::Expired),
            Rule::Changed(now) if now.last4 != form.last4 => not_rotated(&customer, &now, Why::Before),
            Rule::Changed(now) => {
                let mut page = RotatePage::of(&customer, &now, &form, faults);
                page.changed = true;
                customer.visit.page(StatusCode::CONFLICT, &page)
            }
            other => Err(AppError::from(other).into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn answer(customer: &Customer, Rotated { token, secret }: &Rotated) -> Result<HttpResponse, WebError> {
    let old = token.overlap(customer.visit.app.now()).map(|rotation| Older {
        last4: rotation.last4.clone(),
        until: times::when(&customer.zone, rotation.until),
    });
    let page = RotatedPage {
        page: customer.layout("Token rotated", "tokens"),
        head: Head::of(customer, token, head::DETAILS),
        secret: secret.expose(),
        old,
        try_url: format!("{}/api/v1/token", customer.visit.app.settings.public_url.as_str()),
    };
    customer.visit.secret_page(&page)
}
