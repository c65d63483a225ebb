//! The rules of a policy as they are sent and answered.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::{
    json::Json,
    members::{At, Members},
};
use crate::domain::{
    limit::{Contradiction, MAX_CALLS, MAX_DAYS, MAX_TOKENS},
    policy::Policy,
};

/// The rules for tokens.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Rules")]
pub struct RulesDocument {
    /// Longest lifetime of a token from now, in days; null for no limit of this kind.
    max_lifetime_days: Option<u16>,
    /// Longest lifetime of a token with all renewals, in days; null for no limit of this kind.
    max_total_lifetime_days: Option<u16>,
    /// Whether a token may never expire; null where nothing is said.
    never_allowed: Option<bool>,
    /// Most live tokens of one account; null where nothing is said.
    max_live_tokens: Option<u32>,
    /// A token is revoked after so many days without use; null for never.
    revoke_unused_days: Option<u16>,
    /// Most calls of a token in a minute; null for no limit.
    calls_per_minute: Option<u32>,
}

impl From<&Policy> for RulesDocument {
    fn from(policy: &Policy) -> Self {
        Self {
            max_lifetime_days: policy.max_lifetime_days,
            max_total_lifetime_days: policy.max_total_lifetime_days,
            never_allowed: policy.never_allowed,
            max_live_tokens: policy.max_live_tokens,
            revoke_unused_days: policy.revoke_unused_days,
            calls_per_minute: policy.calls_per_minute,
        }
    }
}

/// The rules that are to hold. What is left out, or null, is no limit of its kind.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WantedRules {
    /// Longest lifetime of a token from now, in days.
    #[schemars(range(min = 1, max = 3650))]
    pub max_lifetime_days: Option<u16>,
    /// Longest lifetime of a token with all renewals, in days.
    #[schemars(range(min = 1, max = 3650))]
    pub max_total_lifetime_days: Option<u16>,
    /// Whether a token may never expire.
    pub never_allowed: Option<bool>,
    /// Most live tokens of one account.
    #[schemars(range(min = 1, max = 10000))]
    pub max_live_tokens: Option<u32>,
    /// A token is revoked after so many days without use.
    #[schemars(range(min = 1, max = 3650))]
    pub revoke_unused_days: Option<u16>,
    /// Most calls of a token in a minute.
    #[schemars(range(min = 1, max = 600_000))]
    pub calls_per_minute: Option<u32>,
}

/// Reads all rules.
pub fn read(members: &mut Members<'_>) -> Option<Policy> {
    let policy = Policy {
        max_lifetime_days: members.optional("max_lifetime_days", days),
        max_total_lifetime_days: members.optional("max_total_lifetime_days", days),
        never_allowed: members.optional("never_allowed", |at, json| at.flag(&json)),
        max_live_tokens: members.optional("max_live_tokens", |at, json| number(at, &json, MAX_TOKENS)),
        revoke_unused_days: members.optional("revoke_unused_days", days),
        calls_per_minute: members.optional("calls_per_minute", |at, json| number(at, &json, MAX_CALLS)),
    };
    let Some(contradiction) = policy.contradiction() else {
        return Some(policy);
    };
    let (member, detail) = match contradiction {
        Contradiction::LifetimeOverTotal { total } => (
            "max_lifetime_days",
            format!("This must not be over max_total_lifetime_days, which is {total}."),
        ),
        Contradiction::NeverWithLifetime => (
            "never_allowed",
            "This must not be true where the lifetime is limited.".to_owned(),
        ),
    };
    members.at(member).fault("contradiction", detail);
    None
}

fn number(at: &mut At<'_>, json: &Json, most: u32) -> Option<u32> {
    let number = at.whole(json, 1, most.into())?;
    u32::try_from(number).ok()
}

fn days(at: &mut At<'_>, json: Json) -> Option<u16> {
    number(at, &json, MAX_DAYS).and_then(|days| u16::try_from(days).ok())
}
