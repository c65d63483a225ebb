//! The rules that an administrator sets for every token, and those that a plan narrows.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Duration, PrimitiveDateTime};

use super::{
    scope::ScopeSet,
    text::{self, TextError},
    token::Expiry,
};

/// Lifetime in days that the form proposes.
pub const DEFAULT_LIFETIME_DAYS: u16 = 90;

/// Lifetimes in days that the form offers.
pub const LIFETIME_PRESETS: [u16; 7] = [1, 7, 30, 60, 90, 180, 365];

/// Live tokens of one account where no policy says otherwise.
pub const DEFAULT_MAX_LIVE_TOKENS: u32 = 100;

/// Rule 12 of the product. An absent value means "no limit of this kind here".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Longest lifetime from now, in days; setting it also rules out "never".
    pub max_lifetime_days: Option<u16>,
    /// Longest lifetime from creation with all renewals, in days.
    pub max_total_lifetime_days: Option<u16>,
    /// Whether a token may be made that never expires; absent means it may.
    pub never_allowed: Option<bool>,
    /// Most live tokens of one account.
    pub max_live_tokens: Option<u32>,
    /// A token is revoked after so many days without use.
    pub revoke_unused_days: Option<u16>,
    /// Most calls that a token may make in a minute, on each node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
}

/// Why an expiry is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryRefusal {
    /// It is not in the future.
    Past,
    /// The policy does not allow "never".
    NeverNotAllowed {
        /// The latest instant that it does allow, where it has one.
        latest: Option<PrimitiveDateTime>,
    },
    /// It is later than the policy allows.
    TooLate {
        /// The latest instant allowed.
        latest: PrimitiveDateTime,
    },
    /// No renewal is left: the total lifetime has been used up.
    TotalLifetimeOver,
}

impl Policy {
    /// The rules that hold under both: the narrower of each.
    #[must_use]
    pub fn narrowed_by(&self, plan: &Self) -> Self {
        fn least<T: Ord + Copy>(one: Option<T>, other: Option<T>) -> Option<T> {
            match (one, other) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            }
        }
        Self {
            max_lifetime_days: least(self.max_lifetime_days, plan.max_lifetime_days),
            max_total_lifetime_days: least(self.max_total_lifetime_days, plan.max_total_lifetime_days),
            never_allowed: least(self.never_allowed, plan.never_allowed),
            max_live_tokens: least(self.max_live_tokens, plan.max_live_tokens),
            revoke_unused_days: least(self.revoke_unused_days, plan.revoke_unused_days),
            calls_per_minute: least(self.calls_per_minute, plan.calls_per_minute),
        }
    }

    /// Whether a token may never expire.
    pub fn allows_never(&self) -> bool {
        self.never_allowed.unwrap_or(true) && self.max_lifetime_days.is_none() && self.max_total_lifetime_days.is_none()
    }

    /// Most live tokens of one account.
    pub fn live_token_limit(&self) -> u32 {
        self.max_live_tokens.unwrap_or(DEFAULT_MAX_LIVE_TOKENS)
    }

    /// The latest expiry for a token made at `created_at`, with a day's grace because an expiry date means the end of
    /// that day; `None` when there is no limit.
    pub fn latest_expiry(&self, created_at: PrimitiveDateTime, now: PrimitiveDateTime) -> Option<PrimitiveDateTime> {
        let from = |start: PrimitiveDateTime, days: Option<u16>| {
            days.and_then(|days| start.checked_add(Duration::days(i64::from(days) + 1)))
        };
        let latest = [
            from(now, self.max_lifetime_days),
            from(created_at, self.max_total_lifetime_days),
        ];
        latest.into_iter().flatten().min()
    }

    /// Checks an expiry for a token made at `created_at` (which is `now` for a new one).
    pub fn check_expiry(
        &self,
        expiry: Expiry,
        created_at: PrimitiveDateTime,
        now: PrimitiveDateTime,
    ) -> Result<(), ExpiryRefusal> {
        let latest = self.latest_expiry(created_at, now);
        match expiry {
            Expiry::Never if self.allows_never() => Ok(()),
            Expiry::Never => Err(ExpiryRefusal::NeverNotAllowed { latest }),
            Expiry::At(at) if at <= now => Err(ExpiryRefusal::Past),
            Expiry::At(at) => match latest {
                Some(latest) if latest <= now => Err(ExpiryRefusal::TotalLifetimeOver),
                Some(latest) if at > latest => Err(ExpiryRefusal::TooLate { latest }),
                _ => Ok(()),
            },
        }
    }
}

/// A named set of scopes and limits that the accounts on it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What stands in addresses: the name can change.
    pub public_id: String,
    /// Unique.
    pub name: String,
    /// What tokens of its accounts may do at most.
    pub scopes: ScopeSet,
    /// The installation's policy as this plan narrows it.
    pub policy: Policy,
}

/// Longest name of a plan, in characters.
pub const MAX_PLAN_NAME: usize = 50;

/// The name of a plan: 1 to 50 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanName(String);

impl PlanName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlanName {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text::line(text, MAX_PLAN_NAME).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);

    #[test]
    fn the_narrower_rule_wins() {
        let installation = Policy {
            max_lifetime_days: Some(365),
            never_allowed: Some(true),
            ..Policy::default()
        };
        let plan = Policy {
            max_lifetime_days: Some(30),
            max_live_tokens: Some(5),
            ..Policy::default()
        };
        let both = installation.narrowed_by(&plan);
        assert_eq!(both.max_lifetime_days, Some(30));
        assert_eq!(both.live_token_limit(), 5);
        assert!(!both.allows_never(), "a longest lifetime rules out never");
    }

    #[test]
    fn an_expiry_has_to_fit() {
        let policy = Policy {
            max_lifetime_days: Some(90),
            max_total_lifetime_days: Some(100),
            ..Policy::default()
        };
        let made = NOW - Duration::days(60);
        let at = |days| Expiry::At(NOW + Duration::days(days));
        assert_eq!(policy.check_expiry(at(30), made, NOW), Ok(()));
        assert_eq!(policy.check_expiry(at(0), made, NOW), Err(ExpiryRefusal::Past));
        let latest = made + Duration::days(101);
        assert_eq!(
            policy.check_expiry(at(90), made, NOW),
            Err(ExpiryRefusal::TooLate { latest })
        );
        assert_eq!(policy.check_expiry(at(90), NOW, NOW), Ok(()));
        assert!(matches!(
            policy.check_expiry(Expiry::Never, NOW, NOW),
            Err(ExpiryRefusal::NeverNotAllowed { .. })
        ));
        let old = NOW - Duration::days(200);
        assert_eq!(
            policy.check_expiry(at(1), old, NOW),
            Err(ExpiryRefusal::TotalLifetimeOver)
        );
    }
}
