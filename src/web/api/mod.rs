//! The JSON API: for programs that hold a token. No cookie is read here, and no session.
//!
//! * [`bearer`]: the token of a call; [`mod@body`] and [`query`]: what it sends, as [`json`] and then member by member in
//!   [`members`]; [`call`]: the rest of it.
//! * [`revision`] and [`repeat`]: what keeps changes apart and creations single; [`paging`]: lists.
//! * [`problem`]: what is answered instead, [`kind`] by kind; [`refusal`]: a refused decision in words; [`refused`]: what a
//!   use case did not do.
//! * [`v1_token`], [`v1_decide`], [`v1_account`], [`v1_catalogue`]: one file an address; [`v1_tokens`]: a folder of them.
//! * [`staff`]: the token of a staff member; [`v1_accounts`], [`v1_audit`], [`v1_policy`], [`v1_staff`]: what it is for.
//! * [`leaks`], [`well_known`]: for whoever found a token; nobody has to have one.
//! * [`mod@reference`]: the description of every call; the document and the page are made of it.

pub mod bearer;
pub mod body;
pub mod call;
pub mod json;
pub mod kind;
pub mod leaks;
pub mod members;
pub mod paging;
pub mod problem;
pub mod query;
mod quota;
pub mod reference;
pub mod refusal;
pub mod refused;
pub mod repeat;
pub mod revision;
pub mod staff;
pub mod v1_account;
pub mod v1_accounts;
pub mod v1_audit;
pub mod v1_catalogue;
pub mod v1_decide;
pub mod v1_policy;
pub mod v1_staff;
pub mod v1_token;
pub mod v1_tokens;
pub mod well_known;

use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::{Method, header},
    middleware::from_fn,
    web,
};

use super::error::WebError;

/// Below these no request writes a line into the access log: calls are counted.
pub const QUIET: &str = "/api/";

/// Adds the API's routes. They come before the panel's, whose scope would take everything.
pub fn configure(config: &mut web::ServiceConfig) {
    let v1 = web::scope("/v1")
        .wrap(from_fn(quota::tell))
        .service(
            web::resource("/token")
                .get(v1_token::show)
                .delete(v1_token::revoke)
                .default_service(only("GET, HEAD, DELETE")),
        )
        .service(
            web::resource("/decide")
                .post(v1_decide::decide)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/account")
                .get(v1_account::show)
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/catalogue")
                .get(v1_catalogue::show)
                .default_service(only("GET, HEAD")),
        )
        .configure(v1_tokens::configure)
        .configure(v1_accounts::configure)
        .configure(v1_policy::configure)
        .configure(v1_staff::configure)
        .service(
            web::resource("/audit")
                .get(v1_audit::list)
                .default_service(only("GET, HEAD")),
        );
    config
        .service(leaks::resource())
        .configure(well_known::configure)
        .configure(reference::configure);
    config.service(web::scope("/api").service(v1).default_service(web::to(nothing_here)));
}

async fn nothing_here() -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}

/// The answer to other methods than these. Who asks which there are is told (RFC 9110, section 9.3.7); no other site's
/// page may call, so that nothing is said of origins.
pub(super) fn only(allow: &'static str) -> Route {
    web::to(move |request: HttpRequest| async move {
        if request.method() == Method::OPTIONS {
            let mut answer = HttpResponse::NoContent();
            return Ok(answer.insert_header((header::ALLOW, allow)).finish());
        }
        Err(WebError::NotAllowed { allow })
    })
}
