//! Every refusal and failure: its status, its words, and its looks: a page, a problem document (RFC 9457), or the envelope
//! of a compatible interface.
//!
//! Handlers return [`WebError`]. It becomes a response with a status and nothing else; `pages` turns that, and the
//! framework's own bare errors, into what the visitor sees, because only there the request is known.

use std::{error::Error, fmt::Write, sync::Arc};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
};
use askama::Template;

use self::words::{FAILED, Words, words};
use crate::web::{compress, cpanel::failure::Shape, edge::Edge, request_id::RequestId};

mod words;

/// The content type of a problem document.
pub(super) const PROBLEM: &str = "application/problem+json";

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// 400: the request cannot be read.
    #[error("the request cannot be read")]
    BadRequest,
    /// 303 to the sign-in page: nobody is signed in.
    #[error("not signed in")]
    SignIn {
        /// Where to go afterwards: a path of ours with its parameters.
        next: String,
        /// Whether a form was sent, so that a session must have ended.
        ended: bool,
    },
    /// 303 to the form's own page, filled in: the form was older than the session.
    #[error("the form is out of date")]
    StaleForm {
        /// A path of ours with its parameters.
        back: String,
    },
    /// 403: signed in, but not allowed.
    #[error("not allowed")]
    Forbidden,
    /// 404: no such page, or somebody else's object.
    #[error("not found")]
    NotFound,
    /// 405, with the methods that are allowed here.
    #[error("the method is not allowed")]
    NotAllowed {
        /// The value of `Allow`: methods separated by commas.
        allow: &'static str,
    },
    /// 408: the request's body did not arrive in time.
    #[error("the request did not arrive in time")]
    Timeout,
    /// 409: somebody else changed the same thing meanwhile.
    #[error("it was changed meanwhile")]
    Conflict,
    /// 413: the body is longer than [`Limits::body`](crate::web::limits::Limits::body).
    #[error("the request is too large")]
    TooLarge,
    /// 415: the body is not of a type that is read here.
    #[error("the body is of another type than is read here")]
    UnsupportedMediaType,
    /// 421: the request names a host that is not ours.
    #[error("the request is meant for another host")]
    Misdirected,
    /// 429: too many tries.
    #[error("too many tries")]
    TooMany {
        /// Seconds until the next try can succeed.
        retry_after: u64,
    },
    /// 503: there is more to do than we do at once.
    #[error("too much to do at once")]
    Busy {
        /// Seconds until a try is worth it.
        retry_after: u64,
    },
    /// 503: something that we need, the database above all, is out of reach.
    #[error("something that is needed is out of reach")]
    Unavailable,
    /// 500: our fault. The source goes into the log, never to the visitor.
    #[error("something failed")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl WebError {
    /// A 500 with `source` for the log.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::SignIn { .. } | Self::StaleForm { .. } => StatusCode::SEE_OTHER,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::NotAllowed { allow } => response.insert_header((header::ALLOW, *allow)),
            Self::TooMany { retry_after } | Self::Busy { retry_after } => {
                response.insert_header((header::RETRY_AFTER, *retry_after))
            }
            Self::Unavailable => response.insert_header((header::RETRY_AFTER, 5)),
            Self::SignIn { next, ended } => response.insert_header((header::LOCATION, sign_in_address(next, *ended))),
            Self::StaleForm { back } => response.insert_header((header::LOCATION, back.as_str())),
            _ => &mut response,
        };
        response.finish()
    }
}

/// The sign-in page that leads back to `next`.
fn sign_in_address(next: &str, ended: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if next != "/" {
        query.append_pair("next", next);
    }
    if ended {
        query.append_pair("ended", "1");
    }
    let query = query.finish();
    if query.is_empty() {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?{query}")
    }
}

/// What an error page says. Templates of the application may show it in their own layout: see [`ErrorPage`].
#[derive(Debug, Template)]
#[template(path = "errors/error.html")]
pub struct ErrorView<'a> {
    /// The response's status.
    pub status: StatusCode,
    /// A short word for programs: the last part of the problem's type, and fit for a CSS class.
    pub code: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What it means and what to do, in one or two sentences.
    pub message: String,
    /// Seconds until a retry makes sense.
    pub retry_after: Option<u64>,
    /// What the visitor tells support.
    pub id: &'a RequestId,
    /// The hosting company's name.
    pub brand: &'a str,
}

/// Renders an error page in the application's layout, for a request if it is still there; `None` falls back to the one
/// compiled in here.
pub type ErrorPage = Arc<dyn Fn(&ErrorView<'_>, Option<&HttpRequest>) -> Option<String> + Send + Sync>;

/// Status, title and advice of the error whose problem type ends in `code`.
pub(super) fn explain(code: &str) -> Option<(u16, &'static str, &'static str)> {
    let &Words(status, _, title, advice) = words::find(code)?;
    Some((status, title, advice))
}

/// How an error looks to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// A page.
    Page,
    /// A problem document.
    Problem,
    /// An envelope of a compatible interface.
    Envelope(Shape),
}

impl Looks {
    /// A compatible interface has its envelope, whatever was sent. A problem document is for everything below `/api/` and
    /// `/oauth/`, and for whoever sends JSON, or asks for it and not for HTML.
    pub(super) fn of(path: &str, headers: &HeaderMap) -> Self {
        if let Some(shape) = Shape::of(path) {
            return Self::Envelope(shape);
        }
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let accepted = text(header::ACCEPT).unwrap_or_default();
        let problem = ["/api/", "/oauth/"].iter().any(|beginning| path.starts_with(beginning))
            || text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"))
            || accepted.contains("json") && !accepted.contains("html");
        if problem { Self::Problem } else { Self::Page }
    }
}

/// The response to `status`, complete with its body. Headers that belong to the error (`Allow`, `Retry-After`) are the
/// caller's.
pub(super) fn render(
    edge: &Edge,
    status: StatusCode,
    retry_after: Option<u64>,
    (looks, request): (Looks, Option<&HttpRequest>),
    id: &RequestId,
) -> HttpResponse {
    let &Words(_, code, title, advice) = words(status);
    let message = match retry_after {
        Some(1) => "You can try again in 1 second.".to_owned(),
        Some(seconds) if status == StatusCode::TOO_MANY_REQUESTS => format!("You can try again in {seconds} seconds."),
        _ => advice.to_owned(),
    };
    let mut response = HttpResponse::build(status);
    if let Looks::Envelope(shape) = looks {
        let words = format!("{title} {message}");
        return response.content_type("application/json").body(shape.body(&words));
    }
    if looks == Looks::Problem {
        let body = serde_json::json!({
            "type": edge.origin.url(&format!("/problems/{code}")),
            "title": title,
            "status": status.as_u16(),
            "detail": message,
            "instance": format!("urn:request:{id}"),
        });
        return response.content_type(PROBLEM).body(body.to_string());
    }
    let view = ErrorView {
        status,
        code,
        title,
        message,
        retry_after,
        id,
        brand: &edge.brand,
    };
    let page = edge
        .error_page
        .as_ref()
        .and_then(|page| page(&view, request))
        .or_else(|| view.render().ok());
    response
        .content_type("text/html; charset=utf-8")
        .body(page.unwrap_or_else(|| last_resort(title, id)))
}

/// The response to a panic: made here, by nothing that may have panicked.
pub(super) fn fallback(looks: Looks, id: &RequestId) -> HttpResponse {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let title = FAILED.2;
    let mut response = HttpResponse::build(status);
    match looks {
        Looks::Problem => {
            let detail = FAILED.3;
            let body = format!(
                r#"{{"type":"about:blank","title":"{title}","status":500,"detail":"{detail}","instance":"urn:request:{id}"}}"#
            );
            response.content_type(PROBLEM).body(body)
        }
        Looks::Envelope(shape) => response.content_type("application/json").body(shape.body(title)),
        Looks::Page => response
            .content_type("text/html; charset=utf-8")
            .body(last_resort(title, id)),
    }
}

/// A page that needs no template, no setting and no database.
fn last_resort(title: &str, id: &RequestId) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>Tell support this reference: <code>{id}</code></p></main></body></html>\n"
    )
}

/// The inner part of the edge: gives bare errors their body, logs what failed, and chooses what may be compressed.
pub(super) async fn pages<B: MessageBody + 'static>(
    edge: Arc<Edge>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // The API's own problems are complete; they know more about the token than can be told here.
    let complete = kind == Some(PROBLEM.as_bytes());
    let bare = !complete && (response.response().error().is_some() || kind.is_none());
    let mut response = if bare && (status.is_client_error() || status.is_server_error()) {
        let (request, old) = response.into_parts();
        if let Some(error) = old.error() {
            log(error);
        }
        let id = request.extensions().get::<RequestId>().cloned();
        let id = id.expect("the edge gives every request an id before it gets here");
        let looks = Looks::of(request.path(), request.headers());
        let new = dress(&edge, &old, (looks, Some(&request)), &id);
        ServiceResponse::new(request, new)
    } else {
        response.map_into_boxed_body()
    };
    compress::choose(response.response_mut());
    Ok(response)
}

/// Whether a response is an error that has no body yet.
pub(super) fn is_bare<B>(response: &HttpResponse<B>) -> bool {
    let bare = response.error().is_some() || !response.headers().contains_key(header::CONTENT_TYPE);
    bare && (response.status().is_client_error() || response.status().is_server_error())
}

/// `bare` with a body that has these looks, for a request if it is still there; its other headers stay.
pub(super) fn dress<B>(
    edge: &Edge,
    bare: &HttpResponse<B>,
    looks: (Looks, Option<&HttpRequest>),
    id: &RequestId,
) -> HttpResponse {
    let retry_after = bare
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let mut new = render(edge, bare.status(), retry_after, looks, id);
    for (name, value) in bare.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && name != header::CONTENT_ENCODING {
            new.headers_mut().append(name.clone(), HeaderValue::clone(value));
        }
    }
    new
}

/// One log record for a failure of ours, with the chain of causes.
pub(super) fn log(error: &actix_web::Error) {
    let Some(WebError::Internal(source)) = error.as_error::<WebError>() else {
        return;
    };
    let mut chain = source.to_string();
    let mut next = source.source();
    while let Some(cause) = next {
        // Writing to a text cannot fail.
        let _ = write!(chain, ": {cause}");
        next = cause.source();
    }
    tracing::error!(error = %chain, "a request failed");
}
