//! `/tokens/renew`: every token that expires this month, with the expiry that it has and the one that it would get.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{answer, read_ids};
use crate::{
    app::tokens::bulk::{self, NotRenewed, Renewal},
    clock::TimeZone,
    domain::{policy::ExpiryRefusal, secret::PublicId},
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        guard::Customer,
        layout::Layout,
        notice::NoticeCode,
        pages::tokens::{head, viewer::Viewer},
        reentry::{self, Unconfirmed},
        times::{self, When},
        words,
    },
};

/// What the page sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewForm {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    password: String,
}

impl Form for RenewForm {
    const HAS_PAGE: bool = true;
}

/// A token that expires this month.
struct Row {
    id: String,
    name: String,
    old: Option<When>,
    new: Option<When>,
    /// Why it cannot be renewed.
    why_not: String,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "tokens/bulk_renew.html")]
struct RenewPage {
    page: Layout,
    faults: Faults,
    rows: Vec<Row>,
    until: When,
    more: bool,
    /// Whether any of them can be renewed.
    any: bool,
    asks_password: bool,
}

/// `GET /tokens/renew`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let sent = form_urlencoded::parse(request.query_string().as_bytes()).into_owned();
    let ids: Vec<String> = sent.filter(|(name, _)| name == "ids").map(|(_, value)| value).collect();
    let ticked = read_ids(ids.iter().map(String::as_str)).into_iter().collect();
    confirm(&customer, &ticked, StatusCode::OK, Faults::default()).await
}

/// `POST /tokens/renew`.
pub async fn submit(customer: Customer, form: ProtectedForm<RenewForm>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let ProtectedForm(form) = form;
    let ids = read_ids(form.ids.iter().map(String::as_str));
    let ticked: BTreeSet<PublicId> = ids.iter().copied().collect();
    let mut faults = Faults::default();
    if ids.is_empty() {
        faults.add("tokens", "Tick the tokens that are to be renewed");
        return confirm(&customer, &ticked, StatusCode::UNPROCESSABLE_ENTITY, faults).await;
    }
    let caller = match reentry::confirm(&customer, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Failed(error)) => return Err(error),
        Err(Unconfirmed::Fault(message)) => {
            faults.add(reentry::FIELD, message);
            return confirm(&customer, &ticked, StatusCode::UNPROCESSABLE_ENTITY, faults).await;
        }
    };
    let outcome = bulk::renew(&customer.visit.app, &caller, &customer.account, ids).await?;
    answer(
        &Viewer::from(&customer),
        &outcome,
        ("renewed", NoticeCode::RenewedMany),
        "",
    )
}

/// The page; with nothing in `ticked` all that can be renewed are ticked.
async fn confirm(
    customer: &Customer,
    ticked: &BTreeSet<PublicId>,
    status: StatusCode,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let renewals = bulk::renewals(&customer.visit.app, &customer.caller, &customer.account).await?;
    let all = ticked.is_empty() && faults.is_empty();
    let rows = renewals
        .tokens
        .iter()
        .map(|renewal| row(&customer.zone, renewal, all, ticked));
    let rows: Vec<Row> = rows.collect();
    let page = RenewPage {
        page: customer.layout("Renew all that expire this month", "tokens"),
        any: rows.iter().any(|row| row.new.is_some()) && !customer.account.is_suspended(),
        rows,
        until: times::when(&customer.zone, renewals.until),
        more: renewals.more,
        asks_password: reentry::is_needed(customer),
        faults,
    };
    customer.visit.page(status, &page)
}

fn row(zone: &TimeZone, (token, renewal): &Renewal, all: bool, ticked: &BTreeSet<PublicId>) -> Row {
    let (new, why_not) = match renewal {
        Ok(expiry) => (words::expiry(zone, *expiry), String::new()),
        Err(NotRenewed::Refused(refusal)) => (None, why_not(zone, *refusal)),
        Err(NotRenewed::NotLater) => (None, "It has all of its time before it.".to_owned()),
    };
    Row {
        id: token.public_id.to_string(),
        name: token.name.to_string(),
        old: words::expiry(zone, token.expiry),
        new,
        why_not,
        ticked: all || ticked.contains(&token.public_id),
    }
}

/// Why a token is not renewed.
pub(super) fn why_not(zone: &TimeZone, refusal: ExpiryRefusal) -> String {
    match refusal {
        ExpiryRefusal::TotalLifetimeOver => {
            "It has lived as long as a token may. Create a new one in its place.".to_owned()
        }
        ExpiryRefusal::TooLate { latest } => {
            let latest = times::when(zone, latest).day;
            format!("No token may live beyond {latest} now, and it is to expire about then already.")
        }
        ExpiryRefusal::Past | ExpiryRefusal::NeverNotAllowed { .. } => "It needs an expiry of its own.".to_owned(),
    }
}
