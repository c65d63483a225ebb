//! The JSON API: for programs that hold a token. No cookie is read here, and no session.
//!
//! * [`bearer`]: the token of a call; [`mod@body`]: its JSON; [`call`]: the rest of it.
//! * [`problem`]: what is answered instead, [`kind`] by kind; [`refusal`]: a refused decision in words.
//! * [`v1_token`], [`v1_decide`]: one file an address.
//! * [`leaks`], [`well_known`]: for whoever found a token; nobody has to have one.
//! * [`reference`]: the description of every call; the document and the page are made of it.

pub mod bearer;
pub mod body;
pub mod call;
pub mod kind;
pub mod leaks;
pub mod problem;
pub mod reference;
pub mod refusal;
pub mod v1_decide;
pub mod v1_token;
pub mod well_known;

use actix_web::{HttpResponse, Route, web};

use super::error::WebError;

/// Below these no request writes a line into the access log: calls are counted.
pub const QUIET: &str = "/api/";

/// Adds the API's routes. They come before the panel's, whose scope would take everything.
pub fn configure(config: &mut web::ServiceConfig) {
    let v1 = web::scope("/v1")
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

/// The answer to other methods than these.
pub(super) fn only(allow: &'static str) -> Route {
    web::to(move || async move { Err::<HttpResponse, _>(WebError::NotAllowed { allow }) })
}
