//! The whole panel on a socket.

use std::{future::Future, io, net::TcpListener, sync::Arc};

use super::{
    authz::{self, Authz},
    edge::Edge,
    error_page,
    origin::{Origin, OriginError},
    panel::Panel,
    routes,
    server::serve_both,
};
use crate::app::App;

/// Serves the panel until `shutdown` is ready.
pub async fn run(app: Arc<App>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let panel = Arc::new(Panel::new(app));
    let edge = edge(&panel).map_err(io::Error::other)?;
    let authz = authz(&panel.app);
    serve_both(
        listener,
        edge,
        move || authz::service(Arc::clone(&authz)),
        move |config| routes::configure(config, &panel),
        shutdown,
    )
    .await
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
    edge.brand.clone_from(&settings.company.name);
    edge.error_page = Some(error_page::look(Arc::clone(panel)));
    Ok(edge)
}
