//! `/staff/services`: the service credentials, those that work and those that were revoked.

mod created;
pub mod new;
pub mod revoke;

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;
use time::PrimitiveDateTime;

use crate::{
    app::services::{self, Counts},
    clock::TimeZone,
    domain::{
        secret::{Kind, OfService},
        service::ServiceCredential,
    },
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        pages::tokens::head::id,
        times::{When, when},
        words::{self, Badge, Brief, UseWords},
    },
};

/// Where the list is.
const PATH: &str = "/staff/services";
/// Revoked ones on a page.
const PAGE: usize = 50;
/// What `status` says for the revoked ones.
const REVOKED: &str = "revoked";

/// What shows which secret it is without giving it away.
fn hint(credential: &ServiceCredential) -> String {
    format!("{}{}…{}", OfService::PREFIX, credential.public_id, credential.last4)
}

struct Row {
    id: String,
    hint: String,
    name: String,
    addresses: Brief,
    badge: Badge,
    used: Option<UseWords>,
    made: When,
    by: String,
    live: bool,
}

impl Row {
    fn of(credential: &ServiceCredential, zone: &TimeZone, now: PrimitiveDateTime) -> Self {
        Self {
            id: credential.public_id.to_string(),
            hint: hint(credential),
            name: credential.name.to_string(),
            addresses: words::addresses_in_brief(&credential.addresses),
            badge: words::status(credential.status(now), zone, now),
            used: words::last_use(zone, credential.last_use),
            made: when(zone, credential.created_at),
            by: credential.created_by.clone(),
            live: credential.revoked_at.is_none(),
        }
    }
}

/// An entry of the choice between the two lists.
struct Filter {
    href: &'static str,
    label: &'static str,
    count: i64,
    current: bool,
}

fn filters(counts: Counts, revoked: bool) -> [Filter; 2] {
    [
        Filter {
            href: PATH,
            label: "Not revoked",
            count: counts.live,
            current: !revoked,
        },
        Filter {
            href: "/staff/services?status=revoked",
            label: "Revoked",
            count: counts.revoked,
            current: revoked,
        },
    ]
}

/// What the address of the list says; what it does not know it passes over.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    status: String,
    /// The last revoked one of the page before.
    before: String,
}

#[derive(Template)]
#[template(path = "staff/services/list.html")]
struct ListPage {
    page: Layout,
    filters: [Filter; 2],
    /// Whether there is none, and there never was one.
    is_new: bool,
    revoked: bool,
    rows: Vec<Row>,
    /// Address of the page with older ones; empty when there are none.
    older: String,
    /// Address of the first page; empty on it.
    latest: String,
}

/// `GET /staff/services`.
pub async fn list(staff: Staff, asked: Query<Listed>) -> Result<HttpResponse, WebError> {
    let (app, caller) = (&staff.visit.app, &staff.caller);
    let counts = services::counts(app, caller).await?;
    let revoked = asked.status == REVOKED;
    let after = match asked.before.as_str() {
        before if revoked && !before.is_empty() => Some(id(before)?),
        _ => None,
    };
    let mut found = if revoked {
        let one_more = i64::try_from(PAGE + 1).expect("it is a small number");
        services::list_revoked(app, caller, after, one_more).await?
    } else {
        services::list(app, caller).await?
    };
    let more = revoked && found.len() > PAGE;
    if more {
        found.truncate(PAGE);
    }
    let last = found.last().filter(|_| more);
    let (zone, now) = (staff.zone(), app.now());
    let filters = filters(counts, revoked);
    let page = ListPage {
        page: staff.layout("Service credentials", "services"),
        is_new: counts.live == 0 && counts.revoked == 0,
        older: last.map_or_else(String::new, |last| {
            format!("{}&before={}", filters[1].href, last.public_id)
        }),
        latest: after.map_or_else(String::new, |_| filters[1].href.to_owned()),
        filters,
        revoked,
        rows: found.iter().map(|one| Row::of(one, &zone, now)).collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
