//! The whole panel on a socket.

use std::{future::Future, io, net::TcpListener, sync::Arc};

use super::{edge::Edge, origin::Origin, panel::Panel, routes, server::serve};
use crate::app::App;

/// Serves the panel until `shutdown` is ready.
pub async fn run(app: Arc<App>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let edge = edge(&app).map_err(io::Error::other)?;
    let panel = Arc::new(Panel::new(app));
    serve(
        listener,
        edge,
        move |config| routes::configure(config, &panel),
        shutdown,
    )
    .await
}

fn edge(app: &App) -> Result<Edge, super::origin::OriginError> {
    let settings = &app.settings;
    let mut seed = [0; 8];
    app.clock.fill(&mut seed);
    let mut edge = Edge::new(Origin::parse(settings.public_url.as_str())?, u64::from_le_bytes(seed));
    edge.workers = settings.workers.get();
    edge.trusted_proxies.clone_from(&settings.trusted_proxies);
    edge.quiet = vec![super::api::QUIET];
    edge.brand.clone_from(&settings.company.name);
    Ok(edge)
}
