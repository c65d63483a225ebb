//! `POST /oauth/introspect` (RFC 7662): what a token is and may do, for a hosting service that was sent it.
//!
//! Everything that may not be used now is answered alike: `{"active":false}`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use time::PrimitiveDateTime;

use super::{credential, form, refused::Refused};
use crate::{
    app::services::{self, Active},
    domain::{secret::PublicId, site::SiteSet},
    web::api::{call::Call, v1_token::Addresses},
};

/// A token that may be used. The members are those of RFC 7662, section 2.2, and below them our own.
#[derive(Serialize)]
struct ActiveToken<'a> {
    active: bool,
    scope: String,
    /// There are no clients that tokens are given to: each token is its own.
    client_id: PublicId,
    username: &'a str,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    iat: i64,
    nbf: i64,
    sub: &'a str,
    iss: &'a str,
    jti: PublicId,
    token_name: &'a str,
    sites: Sites<'a>,
    addresses: Addresses,
}

/// With `all`, the token is for the sites to come too; `names` are those of today.
#[derive(Serialize)]
struct Sites<'a> {
    all: bool,
    names: Vec<&'a str>,
}

#[derive(Serialize)]
struct Inactive {
    active: bool,
}

/// `POST /oauth/introspect`.
pub async fn introspect(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    answer(&request, payload)
        .await
        .unwrap_or_else(|refused| refused.response())
}

async fn answer(request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Refused> {
    let call = Call::of(request);
    credential::service_of(&call, request).await?;
    let token = form::token_of(request, payload).await?;
    let found = services::introspect(&call.app, &token, call.address).await;
    Ok(match found.map_err(|error| Refused::of(&call, &error))? {
        Some(active) => HttpResponse::Ok().json(ActiveToken::new(&call, &active)),
        None => HttpResponse::Ok().json(Inactive { active: false }),
    })
}

impl<'a> ActiveToken<'a> {
    fn new(call: &'a Call, active: &'a Active) -> Self {
        let token = active.verified.token();
        Self {
            active: true,
            scope: active.scopes.to_string(),
            client_id: token.public_id,
            username: &token.username,
            token_type: "Bearer",
            exp: active.until.map(seconds),
            iat: seconds(active.created_at),
            nbf: seconds(active.created_at),
            sub: &token.account_public_id,
            iss: call.app.settings.public_url.as_str(),
            jti: token.public_id,
            token_name: &token.name,
            sites: Sites {
                all: token.sites == SiteSet::All,
                names: active.sites.iter().map(AsRef::as_ref).collect(),
            },
            addresses: Addresses::of(&token.addresses),
        }
    }
}

/// Whole seconds since 1970 in UTC, rounded down: an expiry is never told later than it is.
fn seconds(at: PrimitiveDateTime) -> i64 {
    at.assume_utc().unix_timestamp()
}
