//! `/tokens/{id}/renew`: another expiry, the same secret.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    fields::{self, Bounds, Lifetimes, explain},
    head::{self, Head},
};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            content::{Terms, terms},
            renew as tokens,
        },
    },
    domain::{policy::DEFAULT_LIFETIME_DAYS, token::Token},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Customer,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        times::{self, When},
    },
};

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RenewForm {
    expires: String,
    date: String,
    revision: String,
    password: String,
}

impl Form for RenewForm {
    const HAS_PAGE: bool = true;
}

/// What the page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Choosing another expiry.
    Form,
    /// The same, after somebody changed the token since the form was made.
    Changed,
    /// A revoked token has none.
    Revoked,
    /// The policy leaves the token no time at all.
    UsedUp,
}

#[derive(Template)]
#[template(path = "tokens/renew.html")]
struct RenewPage {
    page: Layout,
    head: Head,
    expires: Option<When>,
    state: State,
    lifetimes: Lifetimes,
    revision: i32,
    asks_password: bool,
    faults: Faults,
}

/// A token that is to be renewed, and what its account allows.
struct Renewal<'a> {
    customer: &'a Customer,
    terms: Terms,
    token: Token,
}

impl<'a> Renewal<'a> {
    async fn of(customer: &'a Customer, path: &Path<String>) -> Result<Self, WebError> {
        let token = head::find(customer, path).await?;
        let terms = terms(&customer.visit.app, &customer.caller, &customer.account).await?;
        Ok(Self { customer, terms, token })
    }

    fn bounds(&self) -> Bounds<'_> {
        Bounds {
            catalogue: &self.customer.visit.app.catalogue,
            terms: &self.terms,
            account: &self.customer.account,
            zone: &self.customer.zone,
            now: self.customer.visit.app.now(),
            token: Some(&self.token),
        }
    }

    fn state(&self) -> State {
        let now = self.customer.visit.app.now();
        let latest = self.terms.policy.latest_expiry(self.token.created_at, now);
        if self.token.is_revoked() {
            State::Revoked
        } else if latest.is_some_and(|latest| latest <= now) {
            State::UsedUp
        } else {
            State::Form
        }
    }

    /// The form with these answers.
    fn page(&self, form: &RenewForm, faults: Faults) -> RenewPage {
        let (customer, bounds) = (self.customer, self.bounds());
        let zone = &customer.zone;
        RenewPage {
            page: customer.layout(&format!("Renew “{}”", self.token.name), "tokens"),
            head: Head::of(customer, &self.token, head::DETAILS),
            expires: self.token.expiry.instant().map(|at| times::when(zone, at)),
            state: self.state(),
            lifetimes: Lifetimes::of(&bounds, &form.expires, &form.date),
            revision: self.token.revision,
            asks_password: reentry::is_needed(customer),
            faults,
        }
    }
}

/// Shows the form.
pub async fn show(customer: Customer, path: Path<String>, answers: Query<RenewForm>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let renewal = Renewal::of(&customer, &path).await?;
    let mut answers = answers.into_inner();
    if answers.expires.is_empty() {
        let proposed = fields::proposal(&renewal.bounds(), DEFAULT_LIFETIME_DAYS);
        (answers.expires, answers.date) = (proposed.expires, proposed.date);
    }
    let page = renewal.page(&answers, Faults::default());
    customer.visit.page(StatusCode::OK, &page)
}

/// Renews.
pub async fn submit(
    SentBy(customer, form): SentBy<Customer, RenewForm>,
    path: Path<String>,
) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let mut renewal = Renewal::of(&customer, &path).await?;
    if renewal.token.is_revoked() {
        let page = renewal.page(&form, Faults::default());
        return customer.visit.page(StatusCode::OK, &page);
    }
    let mut faults = Faults::default();
    let expiry = fields::read_expiry(&renewal.bounds(), &form.expires, &form.date, &mut faults);
    let mut caller = customer.caller.clone();
    if expiry.is_some_and(|expiry| expiry.is_later_than(renewal.token.expiry)) {
        match reentry::confirm(&customer, &form.password).await {
            Ok(confirmed) => caller = confirmed,
            Err(Unconfirmed::Fault(words)) => faults.add(reentry::FIELD, words),
            Err(Unconfirmed::Failed(error)) => return Err(error),
        }
    }
    let (Some(expiry), true) = (expiry, faults.is_empty()) else {
        let page = renewal.page(&form, faults);
        return customer.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let revision = form.revision.parse().unwrap_or(-1);
    let (app, id) = (&customer.visit.app, renewal.token.public_id);
    match tokens::renew(app, &caller, &customer.account, id, revision, expiry).await {
        Ok(renewed) => {
            let code = if renewed {
                NoticeCode::Renewed
            } else {
                NoticeCode::Unchanged
            };
            let notice = Notice::about(code, id);
            Ok(customer.visit.go(&format!("/tokens/{id}"), Some(&notice)))
        }
        Err(AppError::Rule(rule)) => match *rule {
            Rule::Changed(now) => {
                renewal.token = *now;
                let mut page = renewal.page(&form, faults);
                page.state = State::Changed;
                customer.visit.page(StatusCode::CONFLICT, &page)
            }
            Rule::Revoked(_) => Ok(customer.visit.go(&format!("/tokens/{id}"), None)),
            rule => {
                let Some((field, words)) = explain(&renewal.bounds(), &rule, "") else {
                    return Err(AppError::from(rule).into());
                };
                faults.add(field, words);
                let page = renewal.page(&form, faults);
                customer.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
            }
        },
        Err(error) => Err(error.into()),
    }
}
