//! Runs: one change of many tokens of all accounts. Which tokens, what becomes of them, and how far it is.
//!
//! What a scope implies, and which tokens were used from an address, others find out.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::{Duration, PrimitiveDateTime};

use super::{
    address::AddressRange,
    audit::{Change, Party},
    id::{RunId, TokenId},
    policy::Policy,
    scope::Scope,
    token::Expiry,
};

time::serde::format_description!(
    instant,
    PrimitiveDateTime,
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);

/// The widest range of IPv4 addresses that a run may be about, as the length of its prefix: what one network in the
/// world is given at most.
pub const WIDEST_IPV4: u8 = 8;
/// The same for IPv6.
pub const WIDEST_IPV6: u8 = 16;

/// Which tokens. All that are given must hold; revoked tokens are never among them, expired ones are, because they could
/// be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Criteria {
    /// It has a secret from before this instant: its own, or the outgoing one of a rotation that still works. A token
    /// that was rotated since, and whose old secret is over, does not count.
    #[serde(with = "instant::option", skip_serializing_if = "Option::is_none")]
    pub issued_before: Option<PrimitiveDateTime>,
    /// It holds this scope: by itself, through another scope that implies it, or by full access, whatever its plan
    /// allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// It was used from there, in the last 90 days or at its last use. Calls that were refused count too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_from: Option<AddressRange>,
    /// It expires after this instant, or never.
    #[serde(with = "instant::option", skip_serializing_if = "Option::is_none")]
    pub expires_after: Option<PrimitiveDateTime>,
    /// It never expires.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never_expires: bool,
    /// Its account is on the plan of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

impl Criteria {
    /// Whether nothing is asked for, so that every token would be meant.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// For the audit: what is asked for.
    pub fn changes(&self) -> Vec<Change> {
        let at = |at: PrimitiveDateTime| Expiry::At(at).to_string();
        let all = [
            ("issued_before", self.issued_before.map(at)),
            ("scope", self.scope.as_ref().map(ToString::to_string)),
            ("used_from", self.used_from.map(|range| range.to_string())),
            ("expires_after", self.expires_after.map(at)),
            ("never_expires", self.never_expires.then(|| "yes".to_owned())),
            ("plan", self.plan.clone()),
        ];
        let given = all.into_iter().filter_map(|(field, value)| Some((field, value?)));
        given.map(|(field, value)| Change::new(field, value)).collect()
    }
}

/// How long tokens may live at most, from one instant on for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// None ends later than this.
    #[serde(with = "instant::option", default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<PrimitiveDateTime>,
    /// None ends later than so many days after it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_days: Option<u16>,
    /// But none is made to end before this: what its owner gets to replace it.
    #[serde(with = "instant")]
    pub earliest: PrimitiveDateTime,
}

impl Limit {
    /// What a policy allows that holds from `now` on; no token ends within `grace` of it. Without any limit nothing is
    /// shortened.
    pub fn of(policy: &Policy, now: PrimitiveDateTime, grace: Duration) -> Self {
        // A day more, as `Policy::latest_expiry` gives.
        let days = policy.max_lifetime_days.map(|days| Duration::days(i64::from(days) + 1));
        Self {
            latest: days.and_then(|days| now.checked_add(days)),
            total_days: policy.max_total_lifetime_days,
            earliest: now.saturating_add(grace),
        }
    }

    /// When a token that was made then ends at the latest.
    pub fn latest_for(&self, created_at: PrimitiveDateTime) -> Expiry {
        let total = self.total_days.map(|days| Duration::days(i64::from(days) + 1));
        let total = total.and_then(|days| created_at.checked_add(days));
        let latest = [self.latest, total].into_iter().flatten().min();
        Expiry::from(latest.map(|at| at.max(self.earliest)))
    }
}

/// What becomes of the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// They end for good.
    Revoke,
    /// They are switched off until staff switch them on again, also those that their owners had switched off.
    Pause,
    /// Those that live longer end sooner.
    Shorten(Limit),
}

impl RunKind {
    /// The stored form, without the limit.
    pub fn code(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Pause => "pause",
            Self::Shorten(_) => "shorten",
        }
    }
}

/// The text names no kind of run that can be asked for without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither revoke nor pause")]
pub struct UnknownRunKind;

impl FromStr for RunKind {
    type Err = UnknownRunKind;

    fn from_str(code: &str) -> Result<Self, UnknownRunKind> {
        match code {
            "revoke" => Ok(Self::Revoke),
            "pause" => Ok(Self::Pause),
            _ => Err(UnknownRunKind),
        }
    }
}

impl fmt::Display for RunKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It goes on.
    Open,
    /// Somebody stopped it; what was changed stays changed.
    Stopped(PrimitiveDateTime),
    /// It is through.
    Finished(PrimitiveDateTime),
}

/// A run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Row number.
    pub id: RunId,
    /// Stands in addresses.
    pub public_id: String,
    /// What becomes of the tokens.
    pub kind: RunKind,
    /// Which tokens.
    pub criteria: Criteria,
    /// Why. The tokens' owners read it.
    pub reason: String,
    /// Who started it.
    pub by: Party,
    /// From which address; absent from the command line.
    pub address: Option<String>,
    /// The request that started it.
    pub request_id: String,
    /// When.
    pub created_at: PrimitiveDateTime,
    /// The last token that was there then: what is made later stays as it is.
    pub up_to: TokenId,
    /// How many tokens it was about at the start.
    pub expected: i64,
    /// How many it has come to.
    pub seen: i64,
    /// How many of them it has changed: the others were changed by somebody else meanwhile.
    pub changed: i64,
    /// The last token that it has looked at.
    pub cursor: TokenId,
    /// How it stands.
    pub state: RunState,
}

impl Run {
    /// How much of it is done, in percent; 100 only when it is through.
    pub fn percent(&self) -> u8 {
        if matches!(self.state, RunState::Finished(_)) {
            return 100;
        }
        let done = self.seen.saturating_mul(100) / self.expected.max(1);
        u8::try_from(done.clamp(0, 99)).unwrap_or(99)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);

    #[test]
    fn criteria_come_back_from_their_stored_form() {
        let all = Criteria {
            issued_before: Some(datetime!(2026-11-23 12:00:00.000_001)),
            scope: Some("backups:create".parse().unwrap()),
            used_from: Some("2001:db8::/32".parse().unwrap()),
            expires_after: Some(NOW),
            never_expires: true,
            plan: Some("standard".to_owned()),
        };
        let json = serde_json::to_string(&all).unwrap();
        assert!(json.contains("\"2026-11-23T12:00:00.000001Z\""), "{json}");
        assert_eq!(serde_json::from_str::<Criteria>(&json).unwrap(), all);
        assert_eq!(all.changes().len(), 6);
        assert_eq!(serde_json::to_string(&Criteria::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Criteria>("{}").unwrap().is_empty());
        assert!(serde_json::from_str::<Criteria>(r#"{"scopes":"a:b"}"#).is_err());
    }

    #[test]
    fn a_limit_ends_tokens_as_the_policy_would_and_leaves_time() {
        let policy = Policy {
            max_lifetime_days: Some(90),
            max_total_lifetime_days: Some(100),
            ..Policy::default()
        };
        let limit = Limit::of(&policy, NOW, Duration::days(7));
        for age in [0, 50, 200] {
            let made = NOW - Duration::days(age);
            let allowed = policy.latest_expiry(made, NOW).unwrap();
            let expected = Expiry::At(allowed.max(NOW + Duration::days(7)));
            assert_eq!(limit.latest_for(made), expected, "{age} days old");
        }
        let none = Limit::of(&Policy::default(), NOW, Duration::ZERO);
        assert_eq!(none.latest_for(NOW), Expiry::Never);
    }
}
