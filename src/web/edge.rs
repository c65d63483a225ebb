//! What every request passes before a route sees it, and every response before it leaves.

use std::{fmt, net::IpAddr, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{Method, StatusCode},
    middleware::Next,
};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use tracing::Instrument;

use crate::{
    domain::secret::redact,
    web::{
        client_ip::{self, ClientIp},
        compress,
        cpanel::failure::within,
        error::{self, ErrorPage, Looks, WebError},
        headers,
        limits::{self, Limits},
        origin::{self, Origin},
        panic,
        request_id::{RequestId, RequestIds},
    },
};

/// The route that says that the process lives. It is answered whatever `Host` it is asked by, and not logged.
pub const HEALTH: &str = "/healthz";

/// What the edge needs to know; everything else belongs to the application.
pub struct Edge {
    /// Threads that answer requests.
    pub workers: usize,
    /// Where visitors reach us.
    pub origin: Origin,
    /// Other host names that requests may name, without ports.
    pub allowed_hosts: Vec<String>,
    /// The proxies whose `X-Forwarded-For` and `X-Request-Id` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long running requests may take to end once the server is asked to stop.
    pub shutdown_seconds: u64,
    /// Sizes and times.
    pub limits: Limits,
    /// Where request ids come from.
    pub request_ids: RequestIds,
    /// The hosting company's name, for error pages.
    pub brand: String,
    /// The application's look for error pages.
    pub error_page: Option<ErrorPage>,
    /// Beginnings of paths that write no access log and have no span: the hot path counts instead.
    pub quiet: Vec<&'static str>,
}

impl Edge {
    /// An edge with the defaults, for visitors who come by `origin`. `seed` is random: see [`RequestIds::new`].
    pub fn new(origin: Origin, seed: u64) -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            origin,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            shutdown_seconds: 5,
            limits: Limits::default(),
            request_ids: RequestIds::new(seed),
            brand: "Latchkey".to_owned(),
            error_page: None,
            quiet: Vec::new(),
        }
    }

    fn admit(&self, request: &ServiceRequest) -> Result<(), WebError> {
        if request.path() != HEALTH && !origin::is_ours(request, &self.origin, &self.allowed_hosts) {
            return Err(WebError::Misdirected);
        }
        limits::check(request, &self.limits)
    }

    fn is_quiet(&self, path: &str) -> bool {
        path == HEALTH || self.quiet.iter().any(|beginning| path.starts_with(beginning))
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("origin", &self.origin)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What is remembered of a request while its handler has it.
struct Seen {
    began: Instant,
    id: RequestId,
    client: ClientIp,
    method: Method,
    /// Without the secret that stands there, or that somebody may have put there.
    path: String,
    looks: Looks,
    has_body: bool,
}

impl Seen {
    fn of(edge: &Edge, request: &ServiceRequest) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::from([0; 16]), |peer| peer.ip());
        let trusted = client_ip::is_trusted(peer, &edge.trusted_proxies);
        let given = trusted.then(|| RequestId::from_proxy(request.headers())).flatten();
        let length = request
            .headers()
            .get("content-length")
            .is_some_and(|length| length.as_bytes() != b"0");
        Self {
            began: Instant::now(),
            id: given.unwrap_or_else(|| edge.request_ids.next()),
            client: client_ip::client_ip(peer, request.headers(), &edge.trusted_proxies),
            method: request.method().clone(),
            path: shown(request.path()),
            looks: Looks::of(request.path(), request.headers()),
            has_body: length || request.headers().contains_key("transfer-encoding"),
        }
    }

    fn log(&self, status: StatusCode) {
        let milliseconds = self.began.elapsed().as_secs_f64() * 1000.0;
        tracing::info!(
            target: "latchkey::access",
            request = self.id.as_str(), client = %self.client.0, method = %self.method, path = self.path,
            status = status.as_u16(), milliseconds, "request"
        );
    }
}

/// A path as the log may keep it: what follows `/link/` is a secret, however it is written, and so are a session's security
/// token at the beginning and a token anywhere.
fn shown(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy().to_lowercase();
    if decoded.contains("/link/") {
        return "/link/…".to_owned();
    }
    match within(path) {
        rest if rest.len() < path.len() => format!("/cpsess…{}", redact(rest)),
        whole => redact(whole).into_owned(),
    }
}

/// The outermost part of the edge.
pub(super) async fn guard<B: MessageBody + 'static>(
    edge: Arc<Edge>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let seen = Seen::of(&edge, &request);
    let quiet = edge.is_quiet(&seen.path);
    let answer = if quiet {
        answer(&edge, &seen, request, next).await
    } else {
        let span = tracing::info_span!("request", id = seen.id.as_str());
        answer(&edge, &seen, request, next).instrument(span).await
    };
    let (status, result) = match answer {
        Ok(mut response) => {
            finish(&edge, &seen, response.response_mut());
            (response.status(), Ok(response))
        }
        Err(mut lost) => {
            finish(&edge, &seen, &mut lost);
            (
                lost.status(),
                Err(InternalError::from_response("answered by the edge", lost).into()),
            )
        }
    };
    if !quiet {
        seen.log(status);
    }
    result
}

/// The application's response, or, when the handler took the request with it and did not come back, only ours.
async fn answer<B: MessageBody + 'static>(
    edge: &Edge,
    seen: &Seen,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, HttpResponse> {
    request.extensions_mut().insert(seen.id.clone());
    request.extensions_mut().insert(seen.client);
    let dressed = |error: &dyn ResponseError| error::dress(edge, &error.error_response(), (seen.looks, None), &seen.id);
    if let Err(refused) = edge.admit(&request) {
        return Ok(request.into_response(dressed(&refused)));
    }
    if *request.method() == Method::HEAD {
        // Whatever answers GET answers HEAD (RFC 9110 9.3.2); the framework leaves the body out by itself.
        request.head_mut().method = Method::GET;
    }
    let handler = panic::caught(next.call(request));
    match tokio::time::timeout(edge.limits.handler, handler).await {
        Ok(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
        Ok(Ok(Err(error))) => {
            error::log(&error);
            Err(dressed(error.as_response_error()))
        }
        Ok(Err(panic::Panicked)) => {
            tracing::error!(
                request = seen.id.as_str(),
                path = seen.path,
                "a request's handler panicked"
            );
            Err(error::fallback(seen.looks, &seen.id))
        }
        Err(_) if seen.has_body => Err(dressed(&WebError::Timeout)),
        Err(_) => Err(dressed(&WebError::Unavailable)),
    }
}

fn finish(edge: &Edge, seen: &Seen, response: &mut HttpResponse) {
    let has_body = !matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    compress::unmark(response.headers_mut());
    headers::complete(response.headers_mut(), has_body, &edge.origin, &seen.id);
}
