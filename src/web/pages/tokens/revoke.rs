//! `/tokens/{id}/revoke`: what stops, before it stops; and `/tokens/{id}/retire`, which ends an outgoing secret.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;
use time::{Duration, PrimitiveDateTime};

use super::{
    days::Days,
    head::{self, Head},
    pause::Press,
};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            revoke as tokens,
            rotate::retire as retire_secret,
            show::{self, Details},
        },
    },
    domain::{
        draft::Draft,
        token::{LastUse, Life},
    },
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Customer,
        layout::Layout,
        notice::{Notice, NoticeCode},
        sentence::sentence,
        times::{self, When},
        words,
    },
};

/// What was used so lately is likely to be in use.
const IN_USE: Duration = Duration::hours(24);

#[derive(Template)]
#[template(path = "tokens/revoke.html")]
struct Confirm {
    page: Layout,
    head: Head,
    use_sentence: String,
    in_use: bool,
    calls: String,
    sentence: String,
    revoked_at: Option<When>,
}

fn confirm_page(customer: &Customer, details: &Details) -> Confirm {
    let (app, token) = (&customer.visit.app, &details.token);
    let now = app.now();
    let days = Days::of(&details.days, now);
    Confirm {
        page: customer.layout(&format!("Revoke “{}”?", token.name), "tokens"),
        head: Head::of(customer, token, head::DETAILS),
        use_sentence: use_sentence(token.last_use, now),
        in_use: is_in_use(token.last_use, now),
        calls: if days.is_empty() { String::new() } else { days.total },
        sentence: sentence(&app.catalogue, &Draft::from(token), &customer.zone),
        revoked_at: match token.life {
            Life::Revoked { at } => Some(times::when(&customer.zone, at)),
            Life::Live | Life::Paused { .. } => None,
        },
    }
}

/// "It was used 10 minutes ago from 203.0.113.24." or "It was never used."
pub(in crate::web::pages) fn use_sentence(last: Option<LastUse>, now: PrimitiveDateTime) -> String {
    match last {
        None => "It was never used.".to_owned(),
        Some(last) if now - last.at < Duration::minutes(1) => format!("It was used just now from {}.", last.from),
        Some(last) => format!("It was used {} ago from {}.", words::span(now - last.at), last.from),
    }
}

/// Whether it was used so lately that it is likely to be in use.
pub(in crate::web::pages) fn is_in_use(last: Option<LastUse>, now: PrimitiveDateTime) -> bool {
    last.is_some_and(|last| now - last.at < IN_USE)
}

/// Asks. A token that is over already is no fault of whoever asks: the page says since when.
pub async fn show(customer: Customer, path: Path<String>) -> Result<HttpResponse, WebError> {
    let id = head::id(&path)?;
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{id}"))? {
        return Ok(refused);
    }
    let details = show::details(&customer.visit.app, &customer.caller, &customer.account, id).await?;
    customer.visit.page(StatusCode::OK, &confirm_page(&customer, &details))
}

/// Revokes it.
pub async fn submit(
    path: Path<String>,
    SentBy(customer, _): SentBy<Customer, Press>,
) -> Result<HttpResponse, WebError> {
    let id = head::id(&path)?;
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{id}"))? {
        return Ok(refused);
    }
    let app = &customer.visit.app;
    match tokens::revoke(app, &customer.caller, customer.account.id, id).await {
        Ok(()) => {
            let notice = Notice::about(NoticeCode::Revoked, id);
            Ok(customer.visit.go(&format!("/tokens/{id}"), Some(&notice)))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {
            let details = show::details(app, &customer.caller, &customer.account, id).await?;
            customer.visit.page(StatusCode::OK, &confirm_page(&customer, &details))
        }
        Err(error) => Err(error.into()),
    }
}

/// Names the outgoing secret, so that an old page does not end another one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retire {
    last4: String,
}

impl Form for Retire {}

/// Ends the outgoing secret of a rotation. When it has ended already, the token's page says so by itself.
pub async fn retire(
    path: Path<String>,
    SentBy(customer, form): SentBy<Customer, Retire>,
) -> Result<HttpResponse, WebError> {
    let id = head::id(&path)?;
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{id}"))? {
        return Ok(refused);
    }
    let done = retire_secret(
        &customer.visit.app,
        &customer.caller,
        customer.account.id,
        id,
        form.last4,
    )
    .await;
    let notice = match done {
        Ok(()) => Some(Notice::about(NoticeCode::Retired, id)),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::NoOverlap | Rule::Revoked(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(customer.visit.go(&format!("/tokens/{id}"), notice.as_ref()))
}
