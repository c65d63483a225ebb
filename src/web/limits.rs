//! How long and how large a request may be. The numbers are chosen so that no connection of a slow client lives longer
//! than 20 seconds: [`Limits::head`] and [`Limits::handler`] together, or [`Limits::idle`], or [`Limits::answer`].

use std::time::Duration;

use actix_web::{
    dev::ServiceRequest,
    http::{Method, header},
    web,
};

use crate::web::error::WebError;

/// The methods that any route of this server may have; what is not here is refused before routing (ASVS 4.1.4).
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// What one connection and one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// From the end of the head to the response's head; reading the request's body counts. Then 408 or 503.
    pub handler: Duration,
    /// How long a connection without a request is kept. It must not be shorter than `handler`.
    pub idle: Duration,
    /// The same for a connection from a trusted proxy, which keeps connections open for all its visitors.
    pub proxy_idle: Duration,
    /// How long a peer may leave a response unread.
    pub answer: Duration,
    /// Bytes a second that the reader of a response must take if it wants more time than `answer` for all of it.
    pub answer_rate: u32,
    /// Most bytes of a request's body; more is 413.
    pub body: usize,
    /// Most bytes read from one connection before something is written to it; then it is closed.
    pub unanswered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(8),
            handler: Duration::from_secs(10),
            idle: Duration::from_secs(15),
            proxy_idle: Duration::from_secs(75),
            answer: Duration::from_secs(15),
            answer_rate: 8 * 1024,
            body: 64 * 1024,
            unanswered: 512 * 1024,
        }
    }
}

impl Limits {
    /// Gives the extractors the body's limit and lets their refusals be [`WebError`]s instead of the framework's texts.
    pub(super) fn configure(self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::PayloadConfig::new(self.body))
            .app_data(
                web::FormConfig::default()
                    .limit(self.body)
                    .error_handler(|error, _| refusal(error)),
            )
            .app_data(
                web::JsonConfig::default()
                    .limit(self.body)
                    .error_handler(|error, _| refusal(error)),
            )
            .app_data(web::PathConfig::default().error_handler(|_, _| WebError::NotFound.into()))
            .app_data(web::QueryConfig::default().error_handler(|error, _| refusal(error)));
    }
}

/// Keeps the status that the framework gives an extractor's error, not its wording. A wrong content type is 415
/// (RFC 9110 15.5.16), which the framework answers as 400.
fn refusal(error: impl Into<actix_web::Error>) -> actix_web::Error {
    let error = error.into();
    let wrong_type = error
        .as_error::<actix_web::error::JsonPayloadError>()
        .is_some_and(|it| matches!(it, actix_web::error::JsonPayloadError::ContentType))
        || error
            .as_error::<actix_web::error::UrlencodedError>()
            .is_some_and(|it| matches!(it, actix_web::error::UrlencodedError::ContentType));
    if wrong_type {
        WebError::UnsupportedMediaType.into()
    } else if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
        WebError::TooLarge.into()
    } else {
        WebError::BadRequest.into()
    }
}

/// Refuses what no route could accept: an unknown method, or a body that is announced as too long.
pub(super) fn check(request: &ServiceRequest, limits: &Limits) -> Result<(), WebError> {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if !known.contains(request.method()) {
        return Err(WebError::NotAllowed { allow: METHODS });
    }
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let length = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limits.body) {
        return Err(WebError::TooLarge);
    }
    Ok(())
}
