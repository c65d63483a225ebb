//! Giving the password again before something is widened (rule 6 of the product).
//!
//! A form that needs it shows a password field when [`is_needed`], and calls [`confirm`] with what was typed there.

use zeroize::Zeroizing;

use super::{error::WebError, guard::SignedIn, too_many};
use crate::app::{AppError, Caller, sign_in};

/// The id and name of the field.
pub const FIELD: &str = "password";

/// Whether a form that widens something has to ask for the password.
pub fn is_needed(signed_in: &SignedIn) -> bool {
    !signed_in.caller.has_fresh_password(signed_in.visit.app.now())
}

/// Why the password was not confirmed.
#[derive(Debug)]
pub enum Unconfirmed {
    /// A sentence for the field [`FIELD`].
    Fault(String),
    /// Something that the page cannot show at the field.
    Failed(WebError),
}

/// The caller with a fresh password: at once when it was given in the last ten minutes, otherwise when `typed` is
/// right; the session then gets a new id.
pub async fn confirm(signed_in: &SignedIn, typed: &str) -> Result<Caller, Unconfirmed> {
    if !is_needed(signed_in) {
        return Ok(signed_in.caller.clone());
    }
    if typed.is_empty() {
        return Err(Unconfirmed::Fault("Enter your password to go on".to_owned()));
    }
    let password = Zeroizing::new(typed.to_owned());
    let (app, session) = (&signed_in.visit.app, &signed_in.who.session);
    let confirmed = sign_in::confirm_password(app, &signed_in.caller, signed_in.login(), session, password).await;
    match confirmed {
        Ok(at) => {
            let kept = signed_in.who.clone().confirm(&signed_in.session, at);
            kept.map_err(|error| Unconfirmed::Failed(WebError::internal(error)))?;
            Ok(Caller {
                password_at: Some(at),
                ..signed_in.caller.clone()
            })
        }
        Err(AppError::WrongPassword) => Err(Unconfirmed::Fault(
            "That is not your password. Enter the password that you sign in with".to_owned(),
        )),
        Err(AppError::TooManyTries { until, seconds }) => {
            Err(Unconfirmed::Fault(too_many::words(&signed_in.zone(), until, seconds)))
        }
        Err(error) => Err(Unconfirmed::Failed(error.into())),
    }
}
