//! The whole panel on a socket.

use std::{future::Future, io, net::TcpListener, sync::Arc};

use super::{
    edge::Edge,
    error_page,
    origin::{Origin, OriginError},
    panel::Panel,
    routes,
    server::serve,
};
use crate::app::App;

/// Serves the panel until `shutdown` is ready.
pub async fn run(app: Arc<App>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let panel = Arc::new(Panel::new(app));
    let edge = edge(&panel).map_err(io::Error::other)?;
    serve(
        listener,
        edge,
        move |config| routes::configure(config, &panel),
        shutdown,
    )
    .await
}

/// The edge as the settings have it, with error pages in the panel's look.
pub fn edge(panel: &Arc<Panel>) -> Result<Edge, OriginError> {
    let settings = &panel.app.settings;
    let mut seed = [0; 8];
    panel.app.clock.fill(&mut seed);
    let mut edge = Edge::new(Origin::parse(settings.public_url.as_str())?, u64::from_le_bytes(seed));
    edge.workers = settings.workers.get();
    edge.trusted_proxies.clone_from(&settings.trusted_proxies);
    edge.quiet = vec![super::api::QUIET];
    edge.brand.clone_from(&settings.company.name);
    edge.error_page = Some(error_page::look(Arc::clone(panel)));
    Ok(edge)
}
