//! From a listening socket to a running application.
//!
//! This is what the framework's own server does, with one thing put between the socket and the protocol: the clock of
//! [`slow`](crate::web::slow).

use std::{future::Future, io, net::TcpListener, sync::Arc, time::Duration};

use actix_http::{HttpService, KeepAlive, Protocol, Request};
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App, Error, HttpResponse,
    body::BoxBody,
    dev::{AppConfig, ServiceResponse},
    middleware::{Compress, from_fn},
    web,
};
use futures_util::future::{self, Either};
use tokio::net::TcpStream;

use crate::web::{
    assets, client_ip,
    edge::{self, Edge, HEALTH},
    error::{self, WebError},
    slow::GuardedStream,
};

/// Serves until `shutdown` is ready; then accepts nothing more, closes idle connections, lets running requests end for
/// at most [`Edge::shutdown_seconds`], and returns. `configure` adds the application's routes and data; it runs once
/// for each worker. Besides its routes there are [`HEALTH`] and the files of [`assets`].
///
/// It runs inside a Tokio or actix runtime. Signals are the caller's.
///
/// # Errors
/// When the socket cannot be used or the threads cannot be started.
pub async fn serve<C, S>(listener: TcpListener, edge: Edge, configure: C, shutdown: S) -> io::Result<()>
where
    C: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    S: Future<Output = ()>,
{
    let edge = Arc::new(edge);
    let builder = Server::build()
        .workers(edge.workers)
        .disable_signals()
        .shutdown_timeout(edge.shutdown_seconds);
    let draining = builder.graceful_shutdown_signal();
    let server = builder
        .listen("latchkey", listener, move || {
            connections(Arc::clone(&edge), draining.clone(), configure.clone())
        })?
        .run();
    let handle = server.handle();
    match future::select(server, std::pin::pin!(shutdown)).await {
        Either::Left((ended, _)) => ended,
        Either::Right(((), server)) => {
            let ((), ended) = future::join(handle.stop(true), server).await;
            ended
        }
    }
}

/// What happens to each accepted socket.
fn connections<C>(
    edge: Arc<Edge>,
    draining: GracefulShutdownSignal,
    configure: C,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = actix_http::error::DispatchError, InitError = ()>
where
    C: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let application = application(&edge, configure).map_err(|error: Error| error.error_response());
    let http = HttpService::build()
        .graceful_shutdown_signal(move || {
            let draining = draining.clone();
            async move { draining.notified().await }
        })
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(Duration::from_secs(1))
        .on_connect_ext(|io: &GuardedStream<TcpStream>, data| {
            data.insert(io.clock().clone());
        })
        .finish(map_config(application, |()| AppConfig::default()));
    fn_service(move |io: TcpStream| {
        let edge = Arc::clone(&edge);
        async move {
            let peer = io.peer_addr()?;
            io.set_nodelay(true)?;
            let trusted = client_ip::is_trusted(peer.ip(), &edge.trusted_proxies);
            Ok((
                GuardedStream::new(io, edge.limits, trusted),
                Protocol::Http1,
                Some(peer),
            ))
        }
    })
    .and_then(http)
}

/// The application within the edge.
fn application<C>(
    edge: &Arc<Edge>,
    configure: C,
) -> impl ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
+ use<C>
where
    C: Fn(&mut web::ServiceConfig),
{
    let (inner, outer) = (Arc::clone(edge), Arc::clone(edge));
    App::new()
        .configure(|config| edge.limits.configure(config))
        .configure(assets::routes)
        .service(web::resource(HEALTH).route(web::get().to(healthy)))
        .default_service(web::to(nothing_here))
        .configure(configure)
        .wrap(from_fn(move |request, next| {
            error::pages(Arc::clone(&inner), request, next)
        }))
        .wrap(Compress::default())
        .wrap(from_fn(move |request, next| {
            edge::guard(Arc::clone(&outer), request, next)
        }))
        .into_factory()
}

async fn healthy() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

async fn nothing_here() -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}
