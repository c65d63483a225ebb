//! `/staff/tokens`: a staff member's own tokens, with which programs call the API in their name.

mod created;
mod fields;
pub mod new;
pub mod one;
pub mod revoke;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use time::PrimitiveDateTime;

use crate::{
    app::staff_tokens,
    clock::TimeZone,
    domain::{
        secret::{Kind, OfStaff},
        staff_token::StaffToken,
    },
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{When, when},
        words::{self, Badge, Brief, UseWords},
    },
};

/// Where the list is.
pub(super) const PATH: &str = "/staff/tokens";
/// The entry of the navigation.
const ENTRY: &str = "own-tokens";

/// What shows which secret it is without giving it away.
pub(super) fn hint(token: &StaffToken) -> String {
    format!("{}{}…{}", OfStaff::PREFIX, token.public_id, token.last4)
}

/// A staff token in a list.
pub struct Row {
    /// Its public id.
    pub id: String,
    /// Which secret it is.
    pub hint: String,
    /// Its name.
    pub name: String,
    /// What it can do.
    pub can: Brief,
    /// From where alone, empty where it is from everywhere.
    pub from: String,
    /// Its state.
    pub badge: Badge,
    /// Its last use.
    pub used: Option<UseWords>,
    /// When it expires.
    pub expires: When,
}

impl Row {
    /// A token as it is at `now`.
    pub fn of(token: &StaffToken, zone: &TimeZone, now: PrimitiveDateTime) -> Self {
        Self {
            id: token.public_id.to_string(),
            hint: hint(token),
            name: token.name.to_string(),
            can: words::staff_scopes_in_brief(&token.scopes),
            from: words::only_from(&token.addresses),
            badge: words::status(token.status(now), zone, now),
            used: words::last_use(zone, token.last_use),
            expires: when(zone, token.expires_at),
        }
    }
}

#[derive(Template)]
#[template(path = "staff/own_tokens/list.html")]
struct ListPage {
    page: Layout,
    rows: Vec<Row>,
}

/// `GET /staff/tokens`.
pub async fn list(staff: Staff) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let found = staff_tokens::list(app, &staff.caller, staff.member.id).await?;
    let (zone, now) = (staff.zone(), app.now());
    let page = ListPage {
        page: staff.layout("Staff tokens", ENTRY),
        rows: found.iter().map(|token| Row::of(token, &zone, now)).collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
