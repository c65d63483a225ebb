//! `/tokens/{id}/usage`: what a token was used for in the last 30 days.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    days::Days,
    head::{self, Head},
};
use crate::{
    app::tokens::show,
    catalogue::Catalogue,
    domain::{decision::Reason, scope::ScopeSet, usage::ALLOWED},
    store::usage::{OutcomeFilter, UsageSum},
    web::{
        error::WebError,
        guard::Customer,
        layout::Layout,
        times::{self, When},
        words,
    },
};

/// Rows of a page.
const PER_PAGE: i64 = 50;
/// Nobody turns further: what comes later is older than a month.
const MOST_PAGES: i64 = 1_000;

/// What the address may say.
#[derive(Deserialize)]
pub struct Parameters {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    page: String,
}

/// One row.
struct Row {
    /// `GET /sites/{site}/backups`; empty where the caller named permissions itself.
    route: String,
    /// What was asked for, in words.
    asked: String,
    site: String,
    address: String,
    allowed: bool,
    /// Why it was refused; empty when it was allowed.
    why: &'static str,
    /// The edit page with what is missing proposed; empty where that is no remedy.
    fix: String,
    calls: String,
    last: When,
}

/// A link that filters.
struct Filter {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "tokens/usage.html")]
struct UsagePage {
    page: Layout,
    head: Head,
    days: Days,
    rows: Vec<Row>,
    filters: Vec<Filter>,
    filtered: bool,
    previous: String,
    next: String,
    shown: String,
}

/// Shows the page.
pub async fn show(
    customer: Customer,
    path: Path<String>,
    parameters: Query<Parameters>,
) -> Result<HttpResponse, WebError> {
    let (app, id) = (&customer.visit.app, head::id(&path)?);
    let (outcome, word) = match parameters.outcome.as_str() {
        "allowed" => (OutcomeFilter::Allowed, "allowed"),
        "refused" => (OutcomeFilter::Refused, "refused"),
        _ => (OutcomeFilter::All, ""),
    };
    let number = parameters.page.parse().unwrap_or(1).clamp(1, MOST_PAGES);
    let offset = (number - 1) * PER_PAGE;
    let window = (outcome, offset, PER_PAGE);
    let usage = show::usage(app, &customer.caller, customer.account.id, id, window).await?;
    let address = |outcome: &str, page: i64| {
        let parameters = [
            (!outcome.is_empty()).then(|| format!("outcome={outcome}")),
            (page > 1).then(|| format!("page={page}")),
        ];
        let parameters: Vec<String> = parameters.into_iter().flatten().collect();
        let question = if parameters.is_empty() { "" } else { "?" };
        format!("/tokens/{id}/usage{question}{}", parameters.join("&"))
    };
    let filter = |label, outcome: &str| Filter {
        label,
        href: address(outcome, 1),
        current: outcome == word,
    };
    let may_edit = !customer.account.is_suspended() && !usage.token.is_revoked();
    let row = |sum: &UsageSum| row(&app.catalogue, &customer, sum, may_edit.then_some(&*path));
    let rows: Vec<Row> = usage.rows.iter().map(row).collect();
    let page = UsagePage {
        page: customer.layout(&format!("Usage of {}", usage.token.name), "tokens"),
        head: Head::of(&customer, &usage.token, head::USAGE),
        days: Days::of(&usage.days, app.now()),
        filters: vec![
            filter("All", ""),
            filter("Allowed", "allowed"),
            filter("Refused", "refused"),
        ],
        filtered: !word.is_empty(),
        previous: if number > 1 {
            address(word, number - 1)
        } else {
            String::new()
        },
        next: if usage.more {
            address(word, number + 1)
        } else {
            String::new()
        },
        shown: format!("{} to {}", offset + 1, offset + i64::try_from(rows.len()).unwrap_or(0)),
        rows,
    };
    customer.visit.page(StatusCode::OK, &page)
}

/// `editable`: the id of the token when it can be given what it lacks.
fn row(catalogue: &Catalogue, customer: &Customer, sum: &UsageSum, editable: Option<&String>) -> Row {
    let reason: Option<Reason> = sum.outcome.parse().ok();
    let fix = match (reason, editable) {
        (Some(Reason::MissingScopes), Some(id)) if !sum.scope.is_empty() => {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(sum.scope.split_whitespace().map(|scope| ("add", scope)))
                .finish();
            format!("/tokens/{id}/edit?{query}")
        }
        _ => String::new(),
    };
    let asked = sum.scope.parse::<ScopeSet>();
    Row {
        route: sum.route.clone(),
        asked: asked.map_or_else(
            |_| sum.scope.clone(),
            |scopes| words::permissions(catalogue, &scopes).join(", "),
        ),
        site: sum.site.clone(),
        address: sum.address.clone(),
        allowed: sum.outcome == ALLOWED,
        why: reason.map_or("", why),
        fix,
        calls: words::grouped(u64::try_from(sum.calls).unwrap_or(0)),
        last: times::when(&customer.zone, sum.last_at),
    }
}

/// Why a call was refused, to its owner.
fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Revoked => "The token was revoked.",
        Reason::Paused => "The token was paused.",
        Reason::Expired => "The token had expired.",
        Reason::SecretReplaced => "An old secret was used after its time.",
        Reason::AccountSuspended => "Your account was suspended.",
        Reason::AddressNotAllowed => "The token cannot be used from this address.",
        Reason::NoSuchRoute => "There is nothing at the address that was called.",
        Reason::MissingScopes => "The token may not do this.",
        Reason::PlanExcludesScopes => "Your plan does not include this.",
        Reason::SiteRequired => "No site was named, and the token works on some sites only.",
        Reason::SiteNotAllowed => "The token does not work on this site.",
        Reason::NoSuchSite => "This is not one of your sites.",
    }
}
