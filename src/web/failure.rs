//! What becomes of a use case that did not happen, where the page itself has nothing better to say.

use actix_web::error::{Error, PayloadError};

use super::error::WebError;
use crate::{
    app::{AppError, Rule},
    domain::permission::Denied,
    store::StoreError,
};

impl From<AppError> for WebError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            AppError::NotFound | AppError::Denied(Denied::NotYours) => Self::NotFound,
            AppError::Denied(_) | AppError::PasswordNeeded | AppError::WrongPassword => Self::Forbidden,
            AppError::TooManyTries { seconds, .. } => Self::TooMany { retry_after: seconds },
            AppError::Busy => Self::Busy { retry_after: 1 },
            AppError::Key(_) | AppError::Mail(_) => Self::internal(error),
            AppError::Rule(rule) => match *rule {
                Rule::SetupClosed => Self::NotFound,
                _ => Self::Conflict,
            },
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreachable(cause) => {
                tracing::error!(error = %cause, "the database cannot be reached");
                Self::Unavailable
            }
            other => Self::internal(other),
        }
    }
}

impl WebError {
    /// A body that could not be read: too long, or cut off.
    pub fn from_body(error: &Error) -> Self {
        match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) => Self::TooLarge,
            _ => Self::BadRequest,
        }
    }
}
