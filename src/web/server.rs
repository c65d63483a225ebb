//! From a listening socket to a running application.
//!
//! This is what the framework's own server does, with one thing put between the socket and the protocol, the clock of
//! [`slow`](crate::web::slow), and one between the protocol and the application: requests below [`authz::PREFIX`] go past the
//! edge to routes of their own.

use std::{
    future::Future,
    io,
    net::TcpListener,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Protocol, Request, Response};
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App, Error, HttpResponse,
    body::BoxBody,
    dev::{AppConfig, ServiceResponse},
    middleware::{Compress, from_fn},
    web,
};
use futures_util::future::{self, Either, LocalBoxFuture};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::web::{
    assets, authz, client_ip,
    door::{Door, Stream},
    edge::{self, Edge, HEALTH},
    error::{self, WebError},
    slow::{ConnectionClock, GuardedStream},
};

/// Serves routes that are all within the edge on one socket: see [`serve_both`].
pub async fn serve<C, S>(listener: TcpListener, edge: Edge, configure: C, shutdown: S) -> io::Result<()>
where
    C: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    S: Future<Output = ()>,
{
    let beside = || fn_service(|_: Request| async { Ok::<_, Error>(HttpResponse::NotFound().finish()) });
    serve_both(vec![Door::plain(listener, configure)], edge, beside, shutdown).await
}

/// Serves until `shutdown` is ready; then accepts nothing more, closes idle connections, lets running requests end for
/// at most [`Edge::shutdown_seconds`], and returns. Besides the routes of the `doors` there are [`HEALTH`] and the files of
/// [`assets`]. What `beside` makes, once for each worker and door, answers everything below [`authz::PREFIX`]: nothing of
/// the edge but its connections' clock stands before it.
///
/// It runs inside a Tokio or actix runtime. Signals are the caller's.
///
/// # Errors
/// When the socket cannot be used or the threads cannot be started.
pub async fn serve_both<B, F, C, S>(doors: Vec<Door<C>>, edge: Edge, beside: B, shutdown: S) -> io::Result<()>
where
    B: Fn() -> F + Clone + Send + 'static,
    F: Beside,
    C: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    S: Future<Output = ()>,
{
    let edge = Arc::new(edge);
    let mut builder = Server::build()
        .workers(edge.workers)
        .disable_signals()
        .shutdown_timeout(edge.shutdown_seconds);
    let draining = builder.graceful_shutdown_signal();
    for Door {
        listener,
        tls,
        configure,
    } in doors
    {
        let (edge, draining, beside) = (Arc::clone(&edge), draining.clone(), beside.clone());
        builder = builder.listen("latchkey", listener, move || {
            let configure = configure.clone();
            connections(Arc::clone(&edge), draining.clone(), tls.clone(), beside(), configure)
        })?;
    }
    let server = builder.run();
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
fn connections<F, C>(
    edge: Arc<Edge>,
    draining: GracefulShutdownSignal,
    tls: Option<TlsAcceptor>,
    beside: F,
    configure: C,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = actix_http::error::DispatchError, InitError = ()>
where
    F: Beside,
    C: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let fork = Fork {
        beside: beside.map(Into::into),
        within: application(&edge, configure).map(Into::into),
    };
    let application = fork.map_err(|error: Error| error.error_response());
    let http = HttpService::build()
        .graceful_shutdown_signal(move || {
            let draining = draining.clone();
            async move { draining.notified().await }
        })
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(Duration::from_secs(1))
        .on_connect_ext(|io: &Stream, data| {
            data.insert(io.clock().clone());
        })
        .finish(map_config(application, |()| AppConfig::default()));
    fn_service(move |io: TcpStream| {
        let (edge, tls) = (Arc::clone(&edge), tls.clone());
        async move {
            let peer = io.peer_addr()?;
            io.set_nodelay(true)?;
            let trusted = client_ip::is_trusted(peer.ip(), &edge.trusted_proxies);
            let guarded = GuardedStream::new(io, edge.limits, trusted);
            let stream = Stream::open(guarded, tls, edge.limits.head).await?;
            Ok((stream, Protocol::Http1, Some(peer)))
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

/// What answers requests that go past the edge: a function made a service, or an application of the framework.
pub trait Beside:
    ServiceFactory<
        Request,
        Config = AppConfig,
        Response = Self::Answer,
        Error = Error,
        InitError = (),
        Future = Self::Made,
    > + 'static
{
    /// What it answers with.
    type Answer: Into<Response<BoxBody>> + 'static;
    /// How it is made ready.
    type Made: Future<Output = Result<Self::Service, ()>> + 'static;
}

impl<T> Beside for T
where
    T: ServiceFactory<Request, Config = AppConfig, Error = Error, InitError = ()> + 'static,
    T::Response: Into<Response<BoxBody>> + 'static,
    T::Future: 'static,
{
    type Answer = T::Response;
    type Made = T::Future;
}

/// Sends each request to one of two services.
struct Fork<B, W> {
    beside: B,
    within: W,
}

impl<B, W> ServiceFactory<Request> for Fork<B, W>
where
    B: ServiceFactory<Request, Config = AppConfig, InitError = (), Response = Response<BoxBody>>,
    W: ServiceFactory<Request, Config = AppConfig, InitError = (), Response = B::Response, Error = B::Error>,
    B::Future: 'static,
    W::Future: 'static,
{
    type Response = B::Response;
    type Error = B::Error;
    type Config = AppConfig;
    type Service = Fork<B::Service, W::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let both = future::try_join(self.beside.new_service(config.clone()), self.within.new_service(config));
        Box::pin(async {
            let (beside, within) = both.await?;
            Ok(Fork { beside, within })
        })
    }
}

impl<B, W> Service<Request> for Fork<B, W>
where
    B: Service<Request>,
    W: Service<Request, Response = B::Response, Error = B::Error>,
{
    type Response = B::Response;
    type Error = B::Error;
    type Future = Either<B::Future, W::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), B::Error>> {
        match self.beside.poll_ready(cx)? {
            Poll::Ready(()) => self.within.poll_ready(cx),
            Poll::Pending => Poll::Pending,
        }
    }

    fn call(&self, request: Request) -> Self::Future {
        if let Some(clock) = request.conn_data::<ConnectionClock>() {
            clock.handling();
        }
        if request.path().starts_with(authz::PREFIX) {
            Either::Left(self.beside.call(request))
        } else {
            Either::Right(self.within.call(request))
        }
    }
}

async fn healthy() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

async fn nothing_here() -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}
