//! Secrets that no longer work and are presented all the same: what is known of such calls, and for how long.

use std::str::FromStr;

use time::{Duration, PrimitiveDateTime};

use super::{
    id::TokenId,
    token::{Status, Token},
};

/// Calls, and the secrets that rotations replaced, are kept for so long.
pub const KEPT: Duration = Duration::days(90);
/// Replaced secrets of one token that are kept, besides the one in its own row.
pub const KEPT_SECRETS: i64 = 10;
/// Addresses that are kept apart for one token.
pub const KEPT_ADDRESSES: i64 = 20;
/// Stands for every address beyond those.
pub const OTHERS: &str = "(others)";
/// The owner is written to again about what is not new after so many days without such calls.
pub const QUIET_DAYS: i64 = 7;

/// Why a secret no longer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ended {
    /// A rotation replaced it, and its overlap is over.
    Replaced,
    /// Its token has expired.
    Expired,
    /// Its token was revoked.
    Revoked,
}

/// The code names no [`Ended`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such end of a secret")]
pub struct UnknownEnd;

impl Ended {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Replaced, Self::Expired, Self::Revoked];

    /// The stored form.
    pub fn code(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for Ended {
    type Err = UnknownEnd;

    fn from_str(code: &str) -> Result<Self, UnknownEnd> {
        Self::ALL
            .into_iter()
            .find(|ended| ended.code() == code)
            .ok_or(UnknownEnd)
    }
}

/// Calls with secrets of one token that no longer work, from one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// The token.
    pub token: TokenId,
    /// Why the secret does not work.
    pub ended: Ended,
    /// From which address, or [`OTHERS`].
    pub address: String,
    /// How many.
    pub calls: i64,
    /// The first of them.
    pub first_at: PrimitiveDateTime,
    /// The last of them.
    pub last_at: PrimitiveDateTime,
}

impl Reuse {
    /// Whether it still says something of the token: of one that was renewed, calls from before are what was to be
    /// expected.
    pub fn matters(&self, token: &Token, now: PrimitiveDateTime) -> bool {
        self.ended != Ended::Expired || matches!(token.status(false, now), Status::Expired(_) | Status::Revoked(_))
    }
}
