//! What is shown after a staff token was made: its secret, this once; or that the same form has made it before.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::ENTRY;
use crate::{
    domain::{secret::StaffSecret, staff_token::StaffToken},
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{When, when},
        words,
    },
};

/// Where a token asks what it may do.
const ASKS: &str = "/api/v1/staff/token";

#[derive(Template)]
#[template(path = "staff/own_tokens/created.html")]
struct CreatedPage<'a> {
    page: Layout,
    name: &'a str,
    can: Vec<String>,
    addresses: Vec<String>,
    expires: When,
    secret: &'a str,
    url: String,
    /// The visitor's own address, where it does not work from there.
    outside: Option<String>,
}

/// The page with the secret.
pub(super) fn page(staff: &Staff, token: &StaffToken, secret: &StaffSecret) -> Result<HttpResponse, WebError> {
    let visit = &staff.visit;
    let page = CreatedPage {
        page: staff.layout("Staff token made", ENTRY),
        name: token.name.as_str(),
        can: words::staff_scopes(&token.scopes),
        addresses: words::addresses(&token.addresses),
        expires: when(&staff.zone(), token.expires_at),
        secret: secret.expose(),
        url: format!("{}{ASKS}", visit.app.settings.public_url.as_str()),
        outside: (!token.addresses.contains(visit.address)).then(|| visit.address.to_string()),
    };
    visit.secret_page(&page)
}

#[derive(Template)]
#[template(path = "staff/own_tokens/created_before.html")]
struct CreatedBeforePage<'a> {
    page: Layout,
    id: String,
    name: &'a str,
    revoked: bool,
}

/// What the same form gets when it is sent once more.
pub(super) fn before(staff: &Staff, token: &StaffToken) -> Result<HttpResponse, WebError> {
    let page = CreatedBeforePage {
        page: staff.layout("Staff token already made", ENTRY),
        id: token.public_id.to_string(),
        name: token.name.as_str(),
        revoked: token.revoked_at.is_some(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
