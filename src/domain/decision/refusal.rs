//! What can stand against a request, with what a caller needs to explain or mend it.

use std::{fmt, net::IpAddr, str::FromStr};

use thiserror::Error;
use time::{Duration, PrimitiveDateTime};

use super::RouteRefusal;
use crate::domain::scope::ScopeSet;

/// One thing that stands against a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The token was ended for good.
    Revoked,
    /// The token is switched off.
    Paused,
    /// The token's time is over.
    Expired {
        /// Since when, UTC.
        at: PrimitiveDateTime,
    },
    /// The secret was rotated out and its overlap is over.
    SecretReplaced {
        /// Since when, UTC.
        at: PrimitiveDateTime,
    },
    /// The account is suspended.
    AccountSuspended,
    /// The token is limited to addresses and this is none of them.
    AddressNotAllowed {
        /// Where the request came from; none when that is not known.
        from: Option<IpAddr>,
    },
    /// The catalogue has no route for the request.
    NoSuchRoute(RouteRefusal),
    /// The token lacks these of the needed scopes.
    MissingScopes(ScopeSet),
    /// The plan does not allow these of the needed scopes; giving them to the token would not help.
    PlanExcludesScopes(ScopeSet),
    /// The token is limited to sites and the request names none.
    SiteRequired,
    /// The token is limited to sites and this is none of them, whether or not the account has it.
    SiteNotAllowed(String),
    /// The account has no such site.
    NoSuchSite(String),
    /// The token has made all the calls that it may make in a minute.
    TooManyCalls {
        /// After so long it may make another one.
        retry_after: Duration,
    },
}

impl Refusal {
    /// The refusal without its data.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Revoked => Reason::Revoked,
            Self::Paused => Reason::Paused,
            Self::Expired { .. } => Reason::Expired,
            Self::SecretReplaced { .. } => Reason::SecretReplaced,
            Self::AccountSuspended => Reason::AccountSuspended,
            Self::AddressNotAllowed { .. } => Reason::AddressNotAllowed,
            Self::NoSuchRoute(_) => Reason::NoSuchRoute,
            Self::MissingScopes(_) => Reason::MissingScopes,
            Self::PlanExcludesScopes(_) => Reason::PlanExcludesScopes,
            Self::SiteRequired => Reason::SiteRequired,
            Self::SiteNotAllowed(_) => Reason::SiteNotAllowed,
            Self::NoSuchSite(_) => Reason::NoSuchSite,
            Self::TooManyCalls { .. } => Reason::TooManyCalls,
        }
    }

    /// The stable code of its [`Reason`].
    pub fn code(&self) -> &'static str {
        self.reason().code()
    }
}

/// Why a request is refused, as it is counted and stored. The order of the variants is the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// [`Refusal::Revoked`]
    Revoked,
    /// [`Refusal::Paused`]
    Paused,
    /// [`Refusal::Expired`]
    Expired,
    /// [`Refusal::SecretReplaced`]
    SecretReplaced,
    /// [`Refusal::AccountSuspended`]
    AccountSuspended,
    /// [`Refusal::AddressNotAllowed`]
    AddressNotAllowed,
    /// [`Refusal::NoSuchRoute`]
    NoSuchRoute,
    /// [`Refusal::MissingScopes`]
    MissingScopes,
    /// [`Refusal::PlanExcludesScopes`]
    PlanExcludesScopes,
    /// [`Refusal::SiteRequired`]
    SiteRequired,
    /// [`Refusal::SiteNotAllowed`]
    SiteNotAllowed,
    /// [`Refusal::NoSuchSite`]
    NoSuchSite,
    /// [`Refusal::TooManyCalls`]
    TooManyCalls,
}

impl Reason {
    /// Every reason, in the order of the checks.
    pub const ALL: [Self; 13] = [
        Self::Revoked,
        Self::Paused,
        Self::Expired,
        Self::SecretReplaced,
        Self::AccountSuspended,
        Self::AddressNotAllowed,
        Self::NoSuchRoute,
        Self::MissingScopes,
        Self::PlanExcludesScopes,
        Self::SiteRequired,
        Self::SiteNotAllowed,
        Self::NoSuchSite,
        Self::TooManyCalls,
    ];

    /// The code in answers, logs and stored usage. It never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Paused => "paused",
            Self::Expired => "expired",
            Self::SecretReplaced => "secret-replaced",
            Self::AccountSuspended => "account-suspended",
            Self::AddressNotAllowed => "address-not-allowed",
            Self::NoSuchRoute => "no-such-route",
            Self::MissingScopes => "missing-scopes",
            Self::PlanExcludesScopes => "plan-excludes-scopes",
            Self::SiteRequired => "site-required",
            Self::SiteNotAllowed => "site-not-allowed",
            Self::NoSuchSite => "no-such-site",
            Self::TooManyCalls => "rate-limited",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not the code of a [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the code of a refusal")]
pub struct UnknownReason;

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(code: &str) -> Result<Self, UnknownReason> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.code() == code)
            .ok_or(UnknownReason)
    }
}
