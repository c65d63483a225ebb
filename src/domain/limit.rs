//! The rules of a policy one at a time: what each is called in the audit, which contradict each other, and which of a
//! plan's have no effect under the installation's.

use super::{audit::Change, policy::Policy};

/// Most days that a rule may name: ten years.
pub const MAX_DAYS: u32 = 3650;
/// Most live tokens that a rule may allow an account.
pub const MAX_TOKENS: u32 = 10_000;
/// Most calls a minute that a rule may name: ten thousand a second, more than one node answers for one token.
pub const MAX_CALLS: u32 = 600_000;

/// One rule of a [`Policy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Policy::max_lifetime_days`].
    Lifetime,
    /// [`Policy::max_total_lifetime_days`].
    TotalLifetime,
    /// [`Policy::never_allowed`].
    Never,
    /// [`Policy::max_live_tokens`].
    LiveTokens,
    /// [`Policy::revoke_unused_days`].
    Unused,
    /// [`Policy::calls_per_minute`].
    Calls,
}

/// Two rules of one policy that cannot both be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// One lifetime is longer than all of them together may be, which is so many days.
    #[error("the longest lifetime is over the total of {total} days")]
    LifetimeOverTotal {
        /// Days that a token may live with all its renewals.
        total: u16,
    },
    /// Tokens may never expire, and may live only so long.
    #[error("never is allowed although lifetimes are limited")]
    NeverWithLifetime,
}

impl Limit {
    /// Every rule, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Lifetime,
        Self::TotalLifetime,
        Self::Never,
        Self::LiveTokens,
        Self::Unused,
        Self::Calls,
    ];

    /// Its name in the audit, on the command line's `--json` and in forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lifetime => "max_lifetime_days",
            Self::TotalLifetime => "max_total_lifetime_days",
            Self::Never => "never_allowed",
            Self::LiveTokens => "max_live_tokens",
            Self::Unused => "revoke_unused_days",
            Self::Calls => "calls_per_minute",
        }
    }
}

impl Policy {
    /// A rule as the audit writes it; empty where there is no limit of its kind.
    pub fn text(&self, limit: Limit) -> String {
        let number = match limit {
            Limit::Lifetime => self.max_lifetime_days.map(u32::from),
            Limit::TotalLifetime => self.max_total_lifetime_days.map(u32::from),
            Limit::Never => {
                return self
                    .never_allowed
                    .map_or_else(String::new, |allowed| allowed.to_string());
            }
            Limit::LiveTokens => self.max_live_tokens,
            Limit::Unused => self.revoke_unused_days.map(u32::from),
            Limit::Calls => self.calls_per_minute,
        };
        number.map_or_else(String::new, |number| number.to_string())
    }

    /// What is otherwise in `after`, rule by rule.
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let change = |limit: Limit| Change::between(limit.code(), self.text(limit), after.text(limit));
        Limit::ALL.into_iter().filter_map(change).collect()
    }

    /// The first two rules that contradict each other.
    pub fn contradiction(&self) -> Option<Contradiction> {
        match (self.max_lifetime_days, self.max_total_lifetime_days) {
            (Some(one), Some(total)) if one > total => return Some(Contradiction::LifetimeOverTotal { total }),
            _ => {}
        }
        let limited = self.max_lifetime_days.is_some() || self.max_total_lifetime_days.is_some();
        (limited && self.never_allowed == Some(true)).then_some(Contradiction::NeverWithLifetime)
    }

    /// The rules that this policy of a plan sets and that change nothing, because the installation's is as narrow or
    /// narrower.
    pub fn without_effect(&self, installation: &Self) -> Vec<Limit> {
        let without = |limit: &Limit| {
            let mut rest = self.clone();
            match limit {
                Limit::Lifetime => rest.max_lifetime_days = None,
                Limit::TotalLifetime => rest.max_total_lifetime_days = None,
                Limit::Never => rest.never_allowed = None,
                Limit::LiveTokens => rest.max_live_tokens = None,
                Limit::Unused => rest.revoke_unused_days = None,
                Limit::Calls => rest.calls_per_minute = None,
            }
            let (with, without) = (installation.narrowed_by(self), installation.narrowed_by(&rest));
            rest != *self && with.holds_as(&without)
        };
        Limit::ALL.into_iter().filter(without).collect()
    }

    /// Whether the two come to the same for every token, however they are written.
    fn holds_as(&self, other: &Self) -> bool {
        let lifetimes = |policy: &Self| (policy.max_lifetime_days, policy.max_total_lifetime_days);
        lifetimes(self) == lifetimes(other)
            && self.allows_never() == other.allows_never()
            && self.live_token_limit() == other.live_token_limit()
            && self.revoke_unused_days == other.revoke_unused_days
            && self.calls_per_minute == other.calls_per_minute
    }
}

/// What becomes narrower from one policy to another: only the rules that do, with their new values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// The longest lifetime, in days.
    pub lifetime: Option<u16>,
    /// The longest lifetime with all renewals, in days.
    pub total: Option<u16>,
    /// Tokens could be without an end and no longer can.
    pub ends_never: bool,
    /// Most live tokens of an account.
    pub live: Option<u32>,
    /// Days without use after which a token is revoked.
    pub unused: Option<u16>,
}

impl Narrowing {
    /// What `after` narrows.
    pub fn between(before: &Policy, after: &Policy) -> Self {
        let days =
            |before: Option<u16>, after: Option<u16>| after.filter(|after| before.is_none_or(|old| *after < old));
        Self {
            lifetime: days(before.max_lifetime_days, after.max_lifetime_days),
            total: days(before.max_total_lifetime_days, after.max_total_lifetime_days),
            ends_never: before.allows_never() && !after.allows_never(),
            live: Some(after.live_token_limit()).filter(|limit| *limit < before.live_token_limit()),
            unused: days(before.revoke_unused_days, after.revoke_unused_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(lifetime: Option<u16>, total: Option<u16>, never: Option<bool>) -> Policy {
        Policy {
            max_lifetime_days: lifetime,
            max_total_lifetime_days: total,
            never_allowed: never,
            ..Policy::default()
        }
    }

    #[test]
    fn rules_that_cannot_both_be_meant_are_told() {
        assert_eq!(
            policy(Some(91), Some(90), None).contradiction(),
            Some(Contradiction::LifetimeOverTotal { total: 90 })
        );
        assert_eq!(
            policy(Some(90), None, Some(true)).contradiction(),
            Some(Contradiction::NeverWithLifetime)
        );
        for fine in [
            policy(Some(90), Some(90), Some(false)),
            policy(None, None, Some(true)),
            policy(Some(90), None, None),
        ] {
            assert_eq!(fine.contradiction(), None);
        }
    }

    #[test]
    fn a_plans_wider_rules_have_no_effect() {
        let installation = Policy {
            max_live_tokens: Some(25),
            ..policy(Some(90), None, None)
        };
        let plan = Policy {
            max_live_tokens: Some(100),
            revoke_unused_days: Some(30),
            ..policy(Some(365), Some(400), Some(false))
        };
        assert_eq!(
            plan.without_effect(&installation),
            [Limit::Lifetime, Limit::Never, Limit::LiveTokens]
        );
        assert_eq!(
            plan.without_effect(&Policy::default()),
            [Limit::Never, Limit::LiveTokens]
        );
    }

    #[test]
    fn only_what_becomes_narrower_touches_tokens() {
        let before = policy(Some(90), None, None);
        let after = Policy {
            max_live_tokens: Some(100),
            revoke_unused_days: Some(60),
            ..policy(Some(180), Some(365), Some(false))
        };
        let narrowing = Narrowing::between(&before, &after);
        let expected = Narrowing {
            total: Some(365),
            unused: Some(60),
            ..Narrowing::default()
        };
        assert_eq!(narrowing, expected);
        assert!(Narrowing::between(&Policy::default(), &before).ends_never);
    }

    #[test]
    fn a_change_is_written_rule_by_rule() {
        let changes = policy(Some(90), None, None).changes(&policy(None, None, Some(false)));
        let lines: Vec<_> = changes
            .iter()
            .map(|change| (change.field.as_str(), change.before.as_deref(), change.after.as_deref()))
            .collect();
        assert_eq!(
            lines,
            [
                ("max_lifetime_days", Some("90"), Some("")),
                ("never_allowed", Some(""), Some("false"))
            ]
        );
    }
}
