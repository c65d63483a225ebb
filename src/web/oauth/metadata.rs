//! `/.well-known/oauth-authorization-server` (RFC 8414): where the OAuth endpoints are. Tokens are made by people in
//! the panel, so there are no grants.

use actix_web::{HttpRequest, HttpResponse, http::header};
use serde_json::json;

use super::{INTROSPECT, REVOKE};
use crate::web::api::call::Call;

/// `GET /.well-known/oauth-authorization-server`.
pub async fn show(request: HttpRequest) -> HttpResponse {
    let call = Call::of(&request);
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .json(json!({
            "issuer": call.app.settings.public_url.as_str(),
            "response_types_supported": [],
            "grant_types_supported": [],
            "introspection_endpoint": call.url(INTROSPECT),
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "Bearer"],
            "revocation_endpoint": call.url(REVOKE),
            "revocation_endpoint_auth_methods_supported": ["none"],
        }))
}
