//! How tokens are used: calls counted by hour and what they were for.

use std::{net::IpAddr, sync::Arc};

use time::{PrimitiveDateTime, Time};

use super::{id::TokenId, token::LastUse};

/// Usage is kept for so many days.
pub const KEPT_DAYS: u16 = 90;

/// Different things that one token is counted by in one hour. Beyond it its calls are counted under [`OTHER`], so that no
/// holder of a token fills the database by naming a new site with each call. It holds in the database, whichever nodes
/// count; one more for each route and outcome holds the others.
pub const MAX_VARIETY: usize = 1_000;

/// Stands for every site, address or list of scopes that there was no room for.
pub const OTHER: &str = "other";

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

/// Calls of one token that have everything in common, on their way to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageCell {
    /// Start of the hour, UTC.
    pub hour: PrimitiveDateTime,
    /// See [`UsageKey::route`].
    pub route: Arc<str>,
    /// See [`UsageKey::scope`].
    pub scope: Arc<str>,
    /// See [`UsageKey::site`].
    pub site: Box<str>,
    /// The caller's address; none: all of those that there was no room for.
    pub address: Option<IpAddr>,
    /// See [`UsageKey::outcome`].
    pub outcome: &'static str,
    /// How many.
    pub calls: i64,
    /// The last of them.
    pub last_at: PrimitiveDateTime,
}

impl UsageCell {
    /// The caller's address as it is stored.
    pub fn address_text(&self) -> String {
        self.address
            .map_or_else(|| OTHER.to_owned(), |address| address.to_string())
    }

    /// The same calls without what callers can vary without end.
    #[must_use]
    pub fn folded(&self) -> Self {
        let fold = |text: &str| if text.is_empty() { "" } else { OTHER };
        Self {
            route: Arc::clone(&self.route),
            scope: fold(&self.scope).into(),
            site: fold(&self.site).into(),
            address: None,
            ..*self
        }
    }

    /// Adds calls that have the same in common.
    pub fn add(&mut self, calls: i64, last_at: PrimitiveDateTime) {
        self.calls += calls;
        self.last_at = self.last_at.max(last_at);
    }
}

/// What one token was used for since that was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// The token.
    pub token: TokenId,
    /// Its calls; no two have everything in common.
    pub cells: Vec<UsageCell>,
    /// The last allowed call with the secret that it has.
    pub current: Option<LastUse>,
    /// The last allowed call with the outgoing secret of a rotation.
    pub previous: Option<Box<LastUse>>,
}

impl TokenUse {
    /// Nothing, so far.
    pub fn new(token: TokenId) -> Self {
        Self {
            token,
            cells: Vec::new(),
            current: None,
            previous: None,
        }
    }

    /// Notes an allowed call.
    pub fn see(&mut self, generation: SecretGeneration, used: LastUse) {
        let is_later = |known: &LastUse| known.at < used.at;
        match generation {
            SecretGeneration::Current if self.current.as_ref().is_none_or(is_later) => self.current = Some(used),
            SecretGeneration::Previous if self.previous.as_deref().is_none_or(is_later) => {
                self.previous = Some(Box::new(used));
            }
            SecretGeneration::Current | SecretGeneration::Previous => {}
        }
    }

    /// The last allowed calls, as they are noted on the token.
    pub fn seen(&self) -> impl Iterator<Item = SeenUse> + '_ {
        let seen = |generation, used: LastUse| SeenUse {
            token: self.token,
            generation,
            at: used.at,
            from: used.from,
        };
        let previous = self.previous.as_deref().copied();
        let previous = previous.map(|used| seen(SecretGeneration::Previous, used));
        previous
            .into_iter()
            .chain(self.current.map(|used| seen(SecretGeneration::Current, used)))
    }

    /// The days of its calls, in order.
    pub fn days(&self) -> Vec<UsageDay> {
        let mut days: Vec<UsageDay> = Vec::new();
        for cell in &self.cells {
            let day = day_of(cell.hour);
            let place = days.iter().position(|known| known.day == day).unwrap_or_else(|| {
                days.push(UsageDay {
                    token: self.token,
                    day,
                    allowed: 0,
                    refused: 0,
                });
                days.len() - 1
            });
            if cell.outcome == ALLOWED {
                days[place].allowed += cell.calls;
            } else {
                days[place].refused += cell.calls;
            }
        }
        days.sort_unstable_by_key(|day| day.day);
        days
    }

    /// How many rows of the database it touches.
    pub fn rows(&self) -> usize {
        self.cells.len() + self.days().len() + self.seen().count()
    }
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
