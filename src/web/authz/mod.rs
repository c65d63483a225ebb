//! What gateways ask before they let a request through to a hosting service: proxies in front of it, on every call.
//!
//! * One address for each kind of proxy, because a client can send the headers that another kind sets: [`nginx`],
//!   [`forward`] for Traefik and Caddy, [`envoy`]. Each reads what its own proxy sets and nothing else.
//! * [`gateway`]: who may ask; [`question`]: what is asked; [`answer`]: the way from the one to the other;
//!   [`identity`]: what the service behind is told.
//!
//! These routes stand beside the edge and not within it, as the calls of a whole hosting company come by here: no session,
//! no cookie, no span, no line in the log for each. What refuses is the decision alone.

mod answer;
mod envoy;
mod forward;
mod gateway;
mod identity;
mod nginx;
mod question;

use std::sync::Arc;

use actix_web::{HttpResponse, web};

use super::request_id::RequestIds;
use crate::app::{App, usage::Sample};

/// Where the addresses of the routes begin; everything below goes past the edge.
pub const PREFIX: &str = "/authz/";

/// The routes, as they are documented.
pub const ROUTES: [&str; 4] = [
    "/authz/nginx",
    "/authz/forward",
    "/authz/envoy/{path}",
    "/authz/envoy-for/{needs}/{path}",
];

/// What answering gateways needs.
pub struct Authz {
    app: Arc<App>,
    request_ids: RequestIds,
    /// Of addresses that are no gateway.
    strangers: Sample,
    /// Of gateways that do not ask as they must.
    faults: Sample,
}

impl Authz {
    /// Answers by what an application knows. `seed` is random: see [`RequestIds::new`].
    pub fn new(app: Arc<App>, seed: u64) -> Self {
        Self {
            app,
            request_ids: RequestIds::new(seed),
            strangers: Sample::default(),
            faults: Sample::default(),
        }
    }
}

/// Adds the routes and what they need.
pub fn configure(config: &mut web::ServiceConfig, authz: &Arc<Authz>) {
    config
        .app_data(web::Data::from(Arc::clone(authz)))
        .service(web::resource("/authz/nginx").to(nginx::answer))
        .service(web::resource("/authz/forward").to(forward::answer))
        .service(web::scope(envoy::PREFIX).default_service(web::to(envoy::answer)))
        .service(web::scope(envoy::STATED_PREFIX).default_service(web::to(envoy::answer_stated)));
}

/// The answer at an address below [`PREFIX`] that is none of these.
pub(super) async fn nothing_here() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
