//! What a function of the compatible interfaces says when a use case did not happen. The words are our own: programs go by
//! the status.

use time::PrimitiveDateTime;

use super::{acl, envelope::Refused};
use crate::{
    app::{AppError, Rule},
    domain::{permission::Denied, policy::ExpiryRefusal, token::Expiry},
    web::{api::refused::said, error::WebError, times::iso},
};

/// What stands against a token that asks for what is beyond itself (rule 7).
const BEYOND: &str = "A token makes or changes no token that can do more than itself, at more places or for longer.";

/// Why a function did not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// For a reason that the caller can do something about.
    Refused(Refused),
    /// Something that the function needs failed.
    Failed(WebError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<WebError> for Failure {
    fn from(error: WebError) -> Self {
        Self::Failed(error)
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let words = match error {
            AppError::NotFound => "There is no such thing, or it is not yours.".to_owned(),
            AppError::Denied(Denied::Suspended) => {
                "The account is suspended: it can change nothing until it is restored.".to_owned()
            }
            AppError::Denied(Denied::Scope(scope)) => format!("The token needs the permission {scope} for this."),
            AppError::Denied(Denied::StaffScope(scope)) => {
                let named = acl::TABLE.iter().find(|acl| acl.scopes == [scope]);
                let named = named.map_or_else(String::new, |acl| format!(" (privilege {})", acl.name));
                format!("The token needs the permission {scope}{named} for this.")
            }
            AppError::Denied(_) => "You do not have permission to do this.".to_owned(),
            AppError::PasswordNeeded => {
                "The password was given too long ago for this. Sign in again, or send the password with the call."
                    .to_owned()
            }
            AppError::Rule(rule) => words(&rule),
            error => return Self::Failed(error.into()),
        };
        Self::Refused(Refused::new(words))
    }
}

/// What stands against a call, and what to do about it: what the JSON API says too, but where the parameters of these
/// interfaces have names of their own.
fn words(rule: &Rule) -> String {
    match rule {
        Rule::NameTaken => "A token has this name. Choose another one.".to_owned(),
        Rule::Expiry(refusal) => expiry(*refusal),
        Rule::BeyondToken(beyond) => match beyond.expiry {
            // Where an expiry is left out, this is all that is wrong.
            Some((Expiry::At(own), wanted)) if wanted.is_later_than(Expiry::At(own)) => format!(
                "{BEYOND} The one that asks expires on {}: “expires_at” can be at most {}.",
                iso(own),
                own.as_utc().unix_timestamp()
            ),
            _ => BEYOND.to_owned(),
        },
        Rule::BeyondStaffToken(_) => BEYOND.to_owned(),
        Rule::RoleExcludes(scopes) => format!("Your role does not allow {scopes}."),
        Rule::TooManyStaffTokens { limit } => {
            format!("You have {limit} tokens, which are as many as you may have. Revoke one that is not needed.")
        }
        Rule::EmailTaken => {
            "An account or a member of staff has this e-mail address. Give another one as “contactemail”.".to_owned()
        }
        Rule::AlreadySo => "The account is in this state already, or is gone.".to_owned(),
        Rule::Changed(_) | Rule::AccountChanged | Rule::Outdated => {
            "Somebody else changed it at the same time. Try again.".to_owned()
        }
        other => said(other).detail,
    }
}

fn expiry(refusal: ExpiryRefusal) -> String {
    let at_most = |latest: PrimitiveDateTime| {
        format!(
            "“expires_at” can be at most {} ({})",
            latest.as_utc().unix_timestamp(),
            iso(latest)
        )
    };
    match refusal {
        ExpiryRefusal::Past => "“expires_at” must be in the future, in seconds since 1970 in UTC.".to_owned(),
        ExpiryRefusal::NeverNotAllowed { latest: Some(latest) } => {
            format!("Every token has to expire here. {}.", at_most(latest))
        }
        ExpiryRefusal::NeverNotAllowed { latest: None } => {
            "Every token has to expire here. Give “expires_at” in seconds since 1970 in UTC.".to_owned()
        }
        ExpiryRefusal::TooLate { latest } => {
            format!("{}, so that a forgotten token does not stay open.", at_most(latest))
        }
        ExpiryRefusal::TotalLifetimeOver => {
            "The token has used up all the time that it may live. Make a new one.".to_owned()
        }
    }
}
