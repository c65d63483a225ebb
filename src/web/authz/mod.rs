//! What gateways ask before they let a request through to a hosting service: proxies in front of it, on every call.
//!
//! * One address for each kind of proxy, because a client can send the headers that another kind sets: `nginx`,
//!   `forward` for Traefik and Caddy, `envoy`. Each reads what its own proxy sets and nothing else.
//! * `gateway`: who may ask; `question`: what is asked; `answer`: the way from the one to the other;
//!   `identity`: what the service behind is told; `refusal`: what stands in a "no".
//!
//! These addresses stand beside the edge and not within it, as the calls of a whole hosting company come by here: no
//! session, no cookie, no span, no line in the log for each, no routing. What refuses is the decision alone.

mod answer;
mod envoy;
mod forward;
mod gateway;
mod identity;
mod nginx;
mod question;
mod refusal;

use std::sync::Arc;

use actix_http::Request;
use actix_service::fn_service;
use actix_web::{Error, HttpResponse, dev::RequestHead};

use self::{
    question::{Fault, Question},
    refusal::{Prepared, Refusal},
};
use super::{request_id::RequestIds, server::Beside};
use crate::{
    app::{App, usage::Sample},
    catalogue::Catalogue,
};

/// Where the addresses begin; everything below goes past the edge.
pub const PREFIX: &str = "/authz/";

/// The addresses, as they are documented.
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
    prepared: Prepared,
    /// Of addresses that are no gateway.
    strangers: Sample,
    /// Of gateways that do not ask as they must.
    faults: Sample,
}

impl Authz {
    /// Answers by what an application knows. `seed` is random: see [`RequestIds::new`].
    pub fn new(app: Arc<App>, seed: u64) -> Self {
        let request_ids = RequestIds::new(seed);
        Self {
            prepared: Prepared::new(&app, &request_ids),
            app,
            request_ids,
            strangers: Sample::default(),
            faults: Sample::default(),
        }
    }
}

/// How one kind of proxy asks and is answered.
struct Way {
    read: for<'a> fn(&Catalogue, &'a RequestHead) -> Result<Question<'a>, Fault>,
    refuse: fn(Refusal<'_>) -> HttpResponse,
}

impl Way {
    /// The way at an address; none: there is nothing there.
    fn at(path: &str) -> Option<Self> {
        match path {
            nginx::PATH => Some(nginx::WAY),
            forward::PATH => Some(forward::WAY),
            _ => envoy::way(path),
        }
    }
}

/// Answers everything below [`PREFIX`].
pub fn service(authz: Arc<Authz>) -> impl Beside {
    fn_service(move |request: Request| {
        let authz = Arc::clone(&authz);
        async move {
            Ok::<_, Error>(match Way::at(request.path()) {
                Some(way) => answer::answer(&authz, request.head(), &way).await,
                None => HttpResponse::NotFound().finish(),
            })
        }
    })
}
