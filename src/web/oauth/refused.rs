//! What the OAuth endpoints answer instead of what was asked for: an error as RFC 6749, section 5.2, has it.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde_json::json;

use crate::{app::AppError, web::api::call::Call};

/// Seconds after which a try makes sense once the database was out of reach.
const RETRY_AFTER: u64 = 5;

/// How somebody tried to show a service credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Not at all, or in a way that is not offered.
    Nothing,
    /// As a bearer token (RFC 6750).
    Bearer,
    /// With HTTP Basic (RFC 7617).
    Basic,
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not as it must be; what to do about it.
    Malformed(&'static str),
    /// Whoever asks is nobody who may ask.
    Unrecognised(Tried),
    /// What was sent is a secret of a kind that cannot be ended here.
    UnsupportedType,
    /// Too many requests from there; seconds until the next may be made.
    TooMany(u64),
    /// The database or a key is out of reach.
    Unavailable,
}

impl Refused {
    /// What became of a use case: only that there were too many is told, the rest goes into the log.
    pub fn of(call: &Call, error: &AppError) -> Self {
        if let AppError::TooManyTries { seconds, .. } = error {
            return Self::TooMany(*seconds);
        }
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let cause = cause.unwrap_or_default();
        tracing::error!(request = call.request_id.as_str(), %error, cause, "an OAuth request failed");
        Self::Unavailable
    }

    /// The answer.
    pub fn response(&self) -> HttpResponse {
        let (status, code, words) = self.words();
        let mut response = HttpResponse::build(status);
        match self {
            Self::Unrecognised(tried) => {
                for challenge in challenges(*tried) {
                    response.append_header((header::WWW_AUTHENTICATE, *challenge));
                }
            }
            Self::TooMany(seconds) => {
                response.insert_header((header::RETRY_AFTER, *seconds));
            }
            Self::Unavailable => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            Self::Malformed(_) | Self::UnsupportedType => {}
        }
        response.json(json!({ "error": code, "error_description": words }))
    }

    fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed(words) => (StatusCode::BAD_REQUEST, "invalid_request", words),
            Self::Unrecognised(_) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Send a service credential that may be used from your address: as a bearer token, or with HTTP Basic, \
                 its id as the user name and the whole of it as the password.",
            ),
            Self::UnsupportedType => (
                StatusCode::BAD_REQUEST,
                "unsupported_token_type",
                "A service credential is revoked in the staff area or on the command line.",
            ),
            Self::TooMany(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                "Too many requests came from your address. Wait as long as Retry-After says.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The answer cannot be given now. Nothing was changed. Try again soon.",
            ),
        }
    }
}

/// One challenge of the way that was tried (RFC 6749, section 5.2), or of each way that there is.
fn challenges(tried: Tried) -> &'static [&'static str] {
    const BEARER: &str = "Bearer realm=\"services\"";
    const WRONG_BEARER: &str = "Bearer realm=\"services\", error=\"invalid_token\"";
    const BASIC: &str = "Basic realm=\"services\", charset=\"UTF-8\"";
    match tried {
        Tried::Nothing => &[BEARER, BASIC],
        Tried::Bearer => &[WRONG_BEARER],
        Tried::Basic => &[BASIC],
    }
}
