//! `/tokens/{id}/usage`: what a token was used for in the last 30 days.

mod choices;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::{Deserialize, Serialize};

use self::choices::{Choices, Select};
use super::{
    days::Days,
    head::{self, Head},
    viewer::Viewer,
};
use crate::{
    app::tokens::show::{self, Usage},
    domain::{
        decision::Reason,
        scope::ScopeSet,
        secret::PublicId,
        usage::{ALLOWED, OTHER},
    },
    store::usage::UsageSum,
    web::{
        error::WebError,
        guard::Customer,
        layout::Layout,
        times::{self, When},
        words::{self, Reader},
    },
};

/// Rows of a page.
const PER_PAGE: i64 = 50;
/// Nobody turns further: what comes later is older than a month.
const MOST_PAGES: i64 = 1_000;

/// What the address may say.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Parameters {
    #[serde(skip_serializing_if = "String::is_empty")]
    outcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    call: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    site: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
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

#[derive(Template)]
#[template(path = "tokens/usage.html")]
struct UsagePage {
    page: Layout,
    head: Head,
    days: Days,
    rows: Vec<Row>,
    /// What can be chosen, where there is more than one thing to choose from.
    selects: Vec<Select>,
    filtered: bool,
    /// The address of the page without any choice.
    path: String,
    previous: String,
    next: String,
    shown: String,
    /// `600 calls a minute`; empty where there is no limit.
    limit: String,
}

/// Shows the page.
pub async fn show(
    customer: Customer,
    path: Path<String>,
    parameters: Query<Parameters>,
) -> Result<HttpResponse, WebError> {
    answer(&Viewer::from(&customer), head::id(&path)?, &parameters).await
}

/// The page for its holder or for staff.
pub(in crate::web::pages) async fn answer(
    viewer: &Viewer<'_>,
    id: PublicId,
    parameters: &Parameters,
) -> Result<HttpResponse, WebError> {
    let (app, account) = (&viewer.visit.app, viewer.account);
    let number = parameters.page.parse().unwrap_or(1).clamp(1, MOST_PAGES);
    let window = (parameters.filter(), (number - 1) * PER_PAGE, PER_PAGE);
    let usage = show::usage(app, &viewer.caller, account.id, id, window).await?;
    viewer
        .visit
        .page(StatusCode::OK, &page(viewer, &usage, parameters, number))
}

fn page(viewer: &Viewer<'_>, usage: &Usage, parameters: &Parameters, number: i64) -> UsagePage {
    let (app, account, id) = (&viewer.visit.app, viewer.account, usage.token.public_id);
    let path = format!("{}/{id}/usage", viewer.list());
    let choices = Choices {
        reader: viewer.reader,
        chosen: parameters,
        offered: &usage.choices,
    };
    let turn = |turned: bool, page: i64| {
        if turned {
            format!("{path}{}", parameters.question(page))
        } else {
            String::new()
        }
    };
    let may_edit = !viewer.is_staff() && !account.is_suspended() && !usage.token.is_revoked();
    let rows: Vec<Row> = usage
        .rows
        .iter()
        .map(|sum| row(viewer, sum, may_edit.then_some(id)))
        .collect();
    let before = (number - 1) * PER_PAGE;
    let limit = app.call_limits.of(account.plan);
    UsagePage {
        page: viewer.layout(&format!("Usage of {}", usage.token.name)),
        head: Head::seen_by(viewer, &usage.token, head::USAGE),
        days: Days::of(&usage.days, app.now()),
        selects: choices.selects(),
        filtered: parameters.is_filter(),
        previous: turn(number > 1, number - 1),
        next: turn(usage.more, number + 1),
        shown: format!("{} to {}", before + 1, before + i64::try_from(rows.len()).unwrap_or(0)),
        rows,
        limit: limit.map_or_else(String::new, |calls| {
            format!("{} a minute", words::counted(calls.into(), "call"))
        }),
        path,
    }
}

/// `editable`: the id of the token when it can be given what it lacks.
fn row(viewer: &Viewer<'_>, sum: &UsageSum, editable: Option<PublicId>) -> Row {
    let catalogue = &viewer.visit.app.catalogue;
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
        asked: match asked {
            _ if sum.scope == OTHER => "Different permissions".to_owned(),
            Ok(scopes) => words::permissions(catalogue, &scopes).join(", "),
            Err(_) => sum.scope.clone(),
        },
        site: choices::site_words(&sum.site),
        address: choices::address_words(&sum.address),
        allowed: sum.outcome == ALLOWED,
        why: reason.map_or("", |reason| why(viewer.reader, reason)),
        fix,
        calls: words::grouped(u64::try_from(sum.calls).unwrap_or(0)),
        last: times::when(&viewer.zone, sum.last_at),
    }
}

/// Why a call was refused.
fn why(reader: Reader, reason: Reason) -> &'static str {
    match reason {
        Reason::AccountSuspended if reader == Reader::Staff => "The account was suspended.",
        Reason::PlanExcludesScopes if reader == Reader::Staff => "The account’s plan does not include this.",
        Reason::NoSuchSite if reader == Reader::Staff => "This is not one of the account’s sites.",
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
        Reason::TooManyCalls => "The token had made all the calls that it can make in a minute.",
    }
}
