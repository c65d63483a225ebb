//! Calls in the wire format of cPanel UAPI and WHM API 1, for programs that were written for those products.
//!
//! * [`parameters`], [`credentials`], [`controls`], [`envelope`], [`failure`], [`security_token`]: the wire format, which
//!   knows nothing of tokens or accounts.
//! * [`holder`]: who asks on an account's side; [`words`]: what is said when a use case did not happen.
//! * [`uapi`]: `/execute/` and `/json-api/cpanel`; [`tokens`]: the functions behind them.
//! * [`whm`]: `/json-api/{function}`; [`acl`]: WHM's privileges as scopes of staff.
//! * [`login`]: sessions of programs that sign in as browsers do.

pub mod acl;
pub mod controls;
pub mod credentials;
pub mod envelope;
pub mod failure;
pub mod holder;
pub mod login;
pub mod parameters;
pub mod security_token;
pub mod tokens;
pub mod uapi;
pub mod whm;
pub mod words;

use std::sync::Arc;

use actix_web::{Resource, dev::HttpServiceFactory, guard, middleware::from_fn, web};

use super::{api::only, panel::Panel, session};
use crate::settings::Side;

/// Beginnings of paths below which no request writes a line into the access log: calls are counted.
pub const QUIET: [&str; 2] = ["/execute/", "/json-api/"];

/// Adds the routes. They come before the panel's, whose scope would take everything.
/// A socket that is for one `side` has that side's functions alone.
pub fn configure(config: &mut web::ServiceConfig, panel: &Arc<Panel>, side: Option<Side>) {
    let digits = holder::SECURITY_TOKEN;
    let behind_a_token = web::scope(&format!("/cpsess{{{digits}:[0-9]{{10}}}}"))
        .configure(|config| functions(config, panel, side))
        .default_service(web::route().guard(guard::Get()).to(login::land));
    config.configure(|config| functions(config, panel, side));
    let login = web::resource("/login").get(login::show).post(login::submit);
    let login_too = web::resource("/login/").get(login::show).post(login::submit);
    config
        .service(within_a_session(login, panel))
        .service(within_a_session(login_too, panel))
        .service(behind_a_token);
}

fn functions(config: &mut web::ServiceConfig, panel: &Arc<Panel>, side: Option<Side>) {
    if side != Some(Side::Server) {
        let execute = web::resource("/execute/{module}/{function}")
            .get(uapi::execute)
            .post(uapi::execute);
        let legacy = web::resource("/json-api/cpanel").get(uapi::legacy).post(uapi::legacy);
        config
            .service(within_a_session(execute, panel))
            .service(within_a_session(legacy, panel));
    }
    if side != Some(Side::Account) {
        let whm = web::resource("/json-api/{function}").get(whm::call).post(whm::call);
        config.service(within_a_session(whm, panel));
    }
}

/// The same resource, which is told who is signed in, and refuses other methods than GET and POST.
fn within_a_session(resource: Resource, panel: &Arc<Panel>) -> impl HttpServiceFactory + use<> {
    resource
        .default_service(only("GET, HEAD, POST"))
        .wrap(session::middleware(&panel.app))
        .wrap(from_fn(session::out_of_reach))
}
