//! An API token: what it is called, what it may do, how long it lives, and what state it is in.

use std::{fmt, net::IpAddr, str::FromStr};

use time::{Duration, PrimitiveDateTime};

use super::{
    address::AddressSet,
    id::{AccountId, TokenId},
    scope::ScopeSet,
    secret::PublicId,
    site::SiteSet,
    text::{self, TextError},
};

/// Longest name, in characters (cPanel allows as many).
pub const MAX_NAME: usize = 50;
/// Longest description, in characters.
pub const MAX_DESCRIPTION: usize = 300;
/// A token is "expiring" for so long before it expires.
pub const EXPIRING: Duration = Duration::days(7);
/// A token that was never used is called so from this age on.
pub const NEVER_USED_AFTER: Duration = Duration::hours(24);
/// A token is "idle" after so long without use.
pub const IDLE_AFTER: Duration = Duration::days(90);
/// A revoked token stays listed for so long.
pub const REVOKED_LISTED: Duration = Duration::days(90);

/// A token's name: 1 to 50 characters, trimmed, no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenName(String);

impl FromStr for TokenName {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self(text::line(text, MAX_NAME)?))
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TokenName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which names are compared: unique among an account's live tokens ignoring case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What a token is for, in its owner's words: up to 300 characters, line breaks allowed; may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description(String);

impl FromStr for Description {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self(text::lines(text, MAX_DESCRIPTION)?))
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Description {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// When a token stops by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It does not.
    Never,
    /// From this instant on it is refused.
    At(PrimitiveDateTime),
}

impl Expiry {
    /// The instant, for a database column.
    pub fn instant(self) -> Option<PrimitiveDateTime> {
        match self {
            Self::Never => None,
            Self::At(at) => Some(at),
        }
    }

    /// Whether `self` ends later than `other`.
    pub fn is_later_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Never, Self::At(_)) => true,
            (Self::At(one), Self::At(other)) => one > other,
            (_, Self::Never) => false,
        }
    }
}

impl fmt::Display for Expiry {
    /// The form in which the audit keeps an expiry: `never`, or the instant as RFC 3339 has it in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::At(at) => {
                let (date, (hour, minute, second)) = (at.date(), at.as_hms());
                write!(f, "{date}T{hour:02}:{minute:02}:{second:02}Z")
            }
        }
    }
}

impl From<Option<PrimitiveDateTime>> for Expiry {
    fn from(at: Option<PrimitiveDateTime>) -> Self {
        at.map_or(Self::Never, Self::At)
    }
}

/// Who paused a token: what staff paused, only staff resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PausedBy {
    /// The account's holder.
    Owner,
    /// A staff member.
    Staff,
}

/// What has been done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Nothing that stops it.
    Live,
    /// Switched off until it is resumed.
    Paused {
        /// Since when.
        at: PrimitiveDateTime,
        /// By whom.
        by: PausedBy,
    },
    /// Ended for good.
    Revoked {
        /// Since when.
        at: PrimitiveDateTime,
    },
}

/// When and from where something was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: PrimitiveDateTime,
    /// From which address.
    pub from: IpAddr,
}

/// The outgoing secret of a rotation, while its overlap lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// From this instant on the outgoing secret is refused.
    pub until: PrimitiveDateTime,
    /// The outgoing secret's last four characters.
    pub last4: String,
    /// The outgoing secret's last use.
    pub last_use: Option<LastUse>,
}

/// An API token of an account. Its secret is not here: nothing keeps it.
#[derive(Clone, Debug)]
pub struct Token {
    /// Row number.
    pub id: TokenId,
    /// The part of the secret that names the token; stands in addresses.
    pub public_id: PublicId,
    /// Whose it is.
    pub account: AccountId,
    /// Unique among the account's live tokens ignoring case.
    pub name: TokenName,
    /// What it is for.
    pub description: Description,
    /// What it may do, at most what the account's plan allows.
    pub scopes: ScopeSet,
    /// Where it may do it.
    pub sites: SiteSet,
    /// From where.
    pub addresses: AddressSet,
    /// Until when.
    pub expiry: Expiry,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
    /// Who made it, as the audit names them.
    pub created_by: String,
    /// The secret's last four characters.
    pub last4: String,
    /// When the secret was made: at creation or at the last rotation.
    pub secret_issued_at: PrimitiveDateTime,
    /// The current secret's last use.
    pub secret_use: Option<LastUse>,
    /// The outgoing secret, if a rotation was ever made and it has not been retired.
    pub rotation: Option<Rotation>,
    /// The last use of any of its secrets.
    pub last_use: Option<LastUse>,
    /// What has been done to it.
    pub life: Life,
    /// Counts changes; a form that was made from an older one is stale.
    pub revision: i32,
}

/// The status at `now` of what works, by when it was made and last used.
pub(super) fn status_by_use(
    created_at: PrimitiveDateTime,
    last_use: Option<LastUse>,
    now: PrimitiveDateTime,
) -> Status {
    match last_use {
        None if now - created_at > NEVER_USED_AFTER => Status::NeverUsed,
        Some(last) if now - last.at >= IDLE_AFTER => Status::Idle,
        _ => Status::Active,
    }
}

/// The one word that describes a token now; the first that fits, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Ended for good.
    Revoked(PrimitiveDateTime),
    /// The account is suspended.
    Blocked,
    /// Switched off.
    Paused(PausedBy),
    /// Its time is over.
    Expired(PrimitiveDateTime),
    /// It expires within [`EXPIRING`].
    Expiring(PrimitiveDateTime),
    /// The outgoing secret of a rotation still works.
    Replaced(PrimitiveDateTime),
    /// Never used since it was made over [`NEVER_USED_AFTER`] ago.
    NeverUsed,
    /// Not used for [`IDLE_AFTER`].
    Idle,
    /// In use or new.
    Active,
}

impl Token {
    /// Its status at `now`.
    pub fn status(&self, account_suspended: bool, now: PrimitiveDateTime) -> Status {
        match (self.life, self.expiry) {
            (Life::Revoked { at }, _) => Status::Revoked(at),
            _ if account_suspended => Status::Blocked,
            (Life::Paused { by, .. }, _) => Status::Paused(by),
            (_, Expiry::At(at)) if at <= now => Status::Expired(at),
            (_, Expiry::At(at)) if at - now <= EXPIRING => Status::Expiring(at),
            _ => self.working_status(now),
        }
    }

    fn working_status(&self, now: PrimitiveDateTime) -> Status {
        match self.overlap(now) {
            Some(rotation) => Status::Replaced(rotation.until),
            None => status_by_use(self.created_at, self.last_use, now),
        }
    }

    /// The rotation whose outgoing secret still works at `now`.
    pub fn overlap(&self, now: PrimitiveDateTime) -> Option<&Rotation> {
        self.rotation.as_ref().filter(|rotation| rotation.until > now)
    }

    /// Whether it has been revoked.
    pub fn is_revoked(&self) -> bool {
        matches!(self.life, Life::Revoked { .. })
    }

    /// Whether it is past its expiry at `now`.
    pub fn is_expired(&self, now: PrimitiveDateTime) -> bool {
        matches!(self.expiry, Expiry::At(at) if at <= now)
    }
}
