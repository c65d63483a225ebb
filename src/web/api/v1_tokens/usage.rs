//! `GET /api/v1/tokens/{id}/usage`: what a token was used for in the last 30 days.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use schemars::JsonSchema;
use serde::Serialize;

use super::{id, reader};
use crate::{
    app::tokens::show,
    domain::{decision::Reason, usage::ALLOWED},
    store::usage::{OutcomeFilter, UsageFilter, UsageSum},
    web::{
        api::{
            json::Json,
            members::{At, Members},
            paging::{Page, Paging},
            problem::Problem,
            query,
            reference::shape::{Cursor, Day, Instant},
        },
        times::{iso, iso_day},
    },
};

/// What `outcome` says when any refusal will do.
const REFUSED: &str = "refused";
/// Longest value that is filtered by, in characters: no route, site or address is longer.
const LONGEST: usize = 300;

/// What a token was used for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsageOfToken")]
pub struct UsageDocument {
    /// The days on which it was used, the earliest first, whatever the filters are.
    days: Vec<DayDocument>,
    /// What was called, the latest first.
    items: Vec<CallsDocument>,
    /// What to send as cursor for the next page; null on the last one.
    #[schemars(with = "Option<Cursor>")]
    next: Option<String>,
}

/// One day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsageDay")]
struct DayDocument {
    /// The day, UTC.
    #[schemars(with = "Day")]
    day: String,
    /// Calls that were allowed.
    allowed: i64,
    /// Calls that were refused.
    refused: i64,
}

/// Calls that have all of this in common.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsageOfOneKind")]
struct CallsDocument {
    /// Method and path template; empty where the caller named scopes itself.
    route: String,
    /// The scopes that were needed.
    scopes: Vec<String>,
    /// The site; null where it was about none.
    site: Option<String>,
    /// The address that they came from.
    address: String,
    /// What was answered: allowed, or the first reason against it.
    outcome: String,
    /// How many.
    calls: i64,
    /// The last of them.
    #[schemars(with = "Instant")]
    last_at: String,
}

/// Shows what a token was used for.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = reader(&request, "GET /api/v1/tokens/{id}/usage").await?;
    let call = &holder.call;
    let id = id(call, &path)?;
    let (filter, paging, offset) = query::read(call, &request, |query| {
        let filter = filter(query);
        let paging = Paging::read(query);
        let offset = offset(&paging, &mut query.at("cursor"));
        (filter, paging, offset)
    })?;
    let window = (filter, offset, paging.limit + 1);
    let account = holder.verified.token().account;
    let usage = show::usage(&call.app, &holder.caller(&request), account, id, window).await;
    let usage = usage.map_err(|error| holder.refused(error))?;
    // These rows are sums that move to the front with every call: behind a row there is no place that stays.
    let place = |_: &_| (offset + paging.limit).to_string();
    let Page { items, next } = Page::of(usage.rows, paging.limit, place, CallsDocument::from);
    let days = usage.days.iter().map(|day| DayDocument {
        day: iso_day(day.day.date()),
        allowed: day.allowed,
        refused: day.refused,
    });
    let days = days.collect();
    Ok(HttpResponse::Ok().json(UsageDocument { days, items, next }))
}

fn filter(query: &mut Members<'_>) -> UsageFilter {
    let outcome = query.optional("outcome", |at, json| {
        let text = at.text(json)?;
        let filter = match text.as_str() {
            ALLOWED => Some(OutcomeFilter::Allowed),
            REFUSED => Some(OutcomeFilter::Refused),
            other => other.parse::<Reason>().ok().map(OutcomeFilter::Because),
        };
        if filter.is_none() {
            at.fault(
                "unknown-word",
                "This must be allowed, refused or the code of a refusal.",
            );
        }
        filter
    });
    UsageFilter {
        outcome: outcome.unwrap_or_default(),
        route: query.optional("route", value),
        site: query.optional("site", value),
        address: query.optional("address", value),
    }
}

fn value(at: &mut At<'_>, json: Json) -> Option<String> {
    let text = at.text(json)?;
    let fits = text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if !fits {
        at.fault(
            "malformed",
            format!("This must have at most {LONGEST} characters, none of them invisible."),
        );
    }
    fits.then_some(text)
}

fn offset(paging: &Paging, at: &mut At<'_>) -> i64 {
    let Some(place) = &paging.after else { return 0 };
    let offset = place.parse::<u32>();
    if offset.is_err() {
        at.fault("invalid-cursor", "This must be what the page before gave under next.");
    }
    offset.unwrap_or_default().into()
}

impl From<UsageSum> for CallsDocument {
    fn from(sum: UsageSum) -> Self {
        Self {
            route: sum.route,
            scopes: sum
                .scope
                .split(' ')
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
            site: Some(sum.site).filter(|site| !site.is_empty()),
            address: sum.address,
            outcome: sum.outcome,
            calls: sum.calls,
            last_at: iso(sum.last_at),
        }
    }
}
