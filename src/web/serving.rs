//! The whole panel on a socket.

use std::{future::Future, io, net::TcpListener, sync::Arc};

use actix_web::web;
use tokio_rustls::TlsAcceptor;

use super::{
    authz::{self, Authz},
    door::Door,
    edge::Edge,
    error_page,
    origin::{Origin, OriginError},
    panel::Panel,
    routes,
    server::serve_both,
};
use crate::{app::App, settings::Side};

/// A further socket of the panel, for programs of one compatible interface.
pub struct SideDoor {
    /// The socket.
    pub listener: TcpListener,
    /// How connections are encrypted; none: they are not.
    pub tls: Option<TlsAcceptor>,
    /// The interface.
    pub side: Side,
}

/// Serves the panel until `shutdown` is ready.
pub async fn run(app: Arc<App>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    run_on(app, listener, Vec::new(), shutdown).await
}

/// [`run`] with further sockets.
pub async fn run_on(
    app: Arc<App>,
    listener: TcpListener,
    side_doors: Vec<SideDoor>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let panel = Arc::new(Panel::new(app));
    let edge = edge(&panel).map_err(io::Error::other)?;
    let authz = authz(&panel.app);
    let door = |listener, tls, side| {
        let panel = Arc::clone(&panel);
        Door {
            listener,
            tls,
            configure: move |config: &mut web::ServiceConfig| routes::configure_for(config, &panel, side),
        }
    };
    let mut doors = vec![door(listener, None, None)];
    let others = side_doors.into_iter();
    doors.extend(others.map(|other| door(other.listener, other.tls, Some(other.side))));
    serve_both(doors, edge, move || authz::service(Arc::clone(&authz)), shutdown).await
}

/// What gateways are answered with.
pub fn authz(app: &Arc<App>) -> Arc<Authz> {
    Arc::new(Authz::new(Arc::clone(app), seed(app)))
}

fn seed(app: &App) -> u64 {
    let mut seed = [0; 8];
    app.clock.fill(&mut seed);
    u64::from_le_bytes(seed)
}

/// The edge as the settings have it, with error pages in the panel's look.
pub fn edge(panel: &Arc<Panel>) -> Result<Edge, OriginError> {
    let settings = &panel.app.settings;
    let mut edge = Edge::new(Origin::parse(settings.public_url.as_str())?, seed(&panel.app));
    edge.workers = settings.workers.get();
    edge.trusted_proxies.clone_from(&settings.trusted_proxies);
    edge.quiet = vec![super::api::QUIET, super::oauth::INTROSPECT];
    edge.quiet.extend(super::cpanel::QUIET);
    edge.brand.clone_from(&settings.company.name);
    edge.error_page = Some(error_page::look(Arc::clone(panel)));
    Ok(edge)
}
