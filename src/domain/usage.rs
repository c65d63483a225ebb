//! How tokens are used: calls counted by hour and what they were for.

use std::net::IpAddr;

use time::{PrimitiveDateTime, Time};

use super::id::TokenId;

/// Usage is kept for so many days.
pub const KEPT_DAYS: u16 = 90;

/// What calls are counted by. Routes are templates, never raw addresses: those would be unbounded and could hold
/// personal data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey {
    /// The token.
    pub token: TokenId,
    /// Start of the hour, UTC.
    pub hour: PrimitiveDateTime,
    /// Method and path template, or empty where the caller named scopes itself.
    pub route: String,
    /// Scopes that were asked for, space separated.
    pub scope: String,
    /// The site, or empty.
    pub site: String,
    /// The caller's address.
    pub address: String,
    /// `allowed`, or the code of the first refusal.
    pub outcome: String,
}

/// The outcome of a call that was allowed.
pub const ALLOWED: &str = "allowed";

/// Calls under one [`UsageKey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// What they have in common.
    pub key: UsageKey,
    /// How many.
    pub calls: i64,
    /// The last of them.
    pub last_at: PrimitiveDateTime,
}

/// One day of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The token.
    pub token: TokenId,
    /// Midnight UTC.
    pub day: PrimitiveDateTime,
    /// Calls that were allowed.
    pub allowed: i64,
    /// Calls that were refused.
    pub refused: i64,
}

/// Which of a token's secrets was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretGeneration {
    /// The one it has now.
    Current,
    /// The outgoing one of a rotation.
    Previous,
}

/// The last allowed call of a token with one of its secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenUse {
    /// The token.
    pub token: TokenId,
    /// With which secret.
    pub generation: SecretGeneration,
    /// When.
    pub at: PrimitiveDateTime,
    /// From where.
    pub from: IpAddr,
}

/// The start of the hour that `at` lies in.
pub fn hour_of(at: PrimitiveDateTime) -> PrimitiveDateTime {
    let hour = Time::from_hms(at.hour(), 0, 0).expect("an hour of a valid time is valid");
    PrimitiveDateTime::new(at.date(), hour)
}

/// The start of the day (UTC) that `at` lies in.
pub fn day_of(at: PrimitiveDateTime) -> PrimitiveDateTime {
    PrimitiveDateTime::new(at.date(), Time::MIDNIGHT)
}
