//! `/tokens/{id}/pause` and `/resume`: one press, with a way back in the notice.

use actix_web::{HttpResponse, web::Path};
use serde::Deserialize;

use super::head;
use crate::{
    app::{AppError, Rule, tokens::pause as tokens},
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Customer,
        notice::{Notice, NoticeCode},
    },
};

/// A button and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {}

impl Form for Press {}

/// Switches the token off.
pub async fn pause(path: Path<String>, SentBy(customer, _): SentBy<Customer, Press>) -> Result<HttpResponse, WebError> {
    let id = head::id(&path)?;
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{id}"))? {
        return Ok(refused);
    }
    let done = tokens::pause(&customer.visit.app, &customer.caller, customer.account.id, id).await;
    answer(&customer, &path, done, NoticeCode::Paused)
}

/// Switches the token on again.
pub async fn resume(
    path: Path<String>,
    SentBy(customer, _): SentBy<Customer, Press>,
) -> Result<HttpResponse, WebError> {
    let id = head::id(&path)?;
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{id}"))? {
        return Ok(refused);
    }
    let done = tokens::resume(&customer.visit.app, &customer.caller, customer.account.id, id).await;
    answer(&customer, &path, done, NoticeCode::Resumed)
}

/// Back to the token's page. Where somebody else was faster, or staff have paused it, that page says how it stands.
fn answer(
    customer: &Customer,
    id: &str,
    done: Result<(), AppError>,
    code: NoticeCode,
) -> Result<HttpResponse, WebError> {
    let notice = match done {
        Ok(()) => Some(Notice::about(code, id)),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Paused(_) | Rule::Revoked(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(customer.visit.go(&format!("/tokens/{id}"), notice.as_ref()))
}
