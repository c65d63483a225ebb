//! The two OAuth endpoints, for hosting services and for whoever has a token to end. No cookie is read here, and no
//! session.
//!
//! * [`introspect`]: what a token is and may do (RFC 7662), for whoever has a service credential, which [`credential`]
//!   reads; [`revoke`]: the end of a token (RFC 7009).
//! * [`form`]: what was sent; [`refused`]: what is answered instead (RFC 6749, section 5.2).
//! * [`metadata`]: where the two are (RFC 8414).

pub mod credential;
pub mod form;
pub mod introspect;
pub mod metadata;
pub mod refused;
pub mod revoke;

use actix_web::web;

use super::api::only;

/// Where hosting services ask about tokens. No request writes a line into the access log: there are too many.
pub const INTROSPECT: &str = "/oauth/introspect";
/// Where a token is ended.
pub const REVOKE: &str = "/oauth/revoke";

/// Adds the routes. They come before the panel's, whose scope would take everything.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/oauth/introspect")
                .post(introspect::introspect)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/oauth/revoke")
                .post(revoke::revoke)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/.well-known/oauth-authorization-server")
                .get(metadata::show)
                .default_service(only("GET, HEAD")),
        );
}
