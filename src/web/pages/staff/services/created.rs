//! What is shown after a service credential was made: its secret, this once; or that the same form has made it before.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use crate::{
    domain::{
        secret::{EXAMPLE, ServiceSecret},
        service::ServiceCredential,
    },
    web::{error::WebError, guard::Staff, layout::Layout, oauth::INTROSPECT, words},
};

#[derive(Template)]
#[template(path = "staff/services/created.html")]
struct CreatedPage<'a> {
    page: Layout,
    name: &'a str,
    addresses: Vec<String>,
    secret: &'a str,
    /// Where a service asks.
    url: String,
    /// A token that is none, to be asked about.
    example: &'static str,
    /// The visitor's own address, where it does not work from there.
    outside: Option<String>,
}

/// The page with the secret.
pub(super) fn page(
    staff: &Staff,
    credential: &ServiceCredential,
    secret: &ServiceSecret,
) -> Result<HttpResponse, WebError> {
    let visit = &staff.visit;
    let page = CreatedPage {
        page: staff.layout("Service credential made", "services"),
        name: credential.name.as_str(),
        addresses: words::addresses(&credential.addresses),
        secret: secret.expose(),
        url: format!("{}{INTROSPECT}", visit.app.settings.public_url.as_str()),
        example: EXAMPLE,
        outside: (!credential.addresses.contains(visit.address)).then(|| visit.address.to_string()),
    };
    visit.secret_page(&page)
}

#[derive(Template)]
#[template(path = "staff/services/created_before.html")]
struct CreatedBeforePage<'a> {
    page: Layout,
    id: String,
    name: &'a str,
    revoked: bool,
}

/// What the same form gets when it is sent once more.
pub(super) fn before(staff: &Staff, credential: &ServiceCredential) -> Result<HttpResponse, WebError> {
    let page = CreatedBeforePage {
        page: staff.layout("Service credential already made", "services"),
        id: credential.public_id.to_string(),
        name: credential.name.as_str(),
        revoked: credential.revoked_at.is_some(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
