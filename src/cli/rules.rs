//! What `latchkey policy` and `latchkey plan` share: the rules as options, and what a change would touch.

use std::str::FromStr;

use serde::Serialize;

use super::output::{self, CommandError};
use crate::{
    app::{
        App,
        policy::{Shortening, impact::Impact},
    },
    catalogue::Catalogue,
    domain::{
        limit::{Contradiction, Limit, MAX_CALLS, MAX_DAYS, MAX_TOKENS},
        policy::Policy,
        text::Reason,
    },
    web::times::iso,
};

/// A number, or `none` for no rule of that kind.
#[derive(Clone, Copy, Debug)]
struct Number<const MOST: u32>(Option<u32>);

impl<const MOST: u32> FromStr for Number<MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            text => match text.parse() {
                Ok(number) if (1..=MOST).contains(&number) => Ok(Self(Some(number))),
                _ => Err(format!("give a whole number from 1 to {MOST}, or none")),
            },
        }
    }
}

type Days = Number<MAX_DAYS>;
type Tokens = Number<MAX_TOKENS>;
type Calls = Number<MAX_CALLS>;

impl Days {
    fn days(self) -> Option<u16> {
        self.0.and_then(|days| u16::try_from(days).ok())
    }
}

/// Whether tokens without an end are allowed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Never {
    /// They are
    Yes,
    /// They are not
    No,
}

/// The rules that are to be otherwise; the others stay.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// Longest lifetime of a token from when it is made or renewed, or none
    #[arg(long, value_name = "DAYS")]
    max_lifetime: Option<Days>,
    /// Longest lifetime of a token with all its renewals, or none
    #[arg(long, value_name = "DAYS")]
    max_total_lifetime: Option<Days>,
    /// Whether a token can have no end
    #[arg(long, value_enum)]
    allow_never: Option<Never>,
    /// Most live tokens of one account, or none
    #[arg(long, value_name = "NUMBER")]
    max_tokens: Option<Tokens>,
    /// Revoke tokens that are not used for so many days, or none
    #[arg(long, value_name = "DAYS")]
    revoke_unused: Option<Days>,
    /// Most calls that one token can make in a minute, on each server, or none
    #[arg(long, value_name = "NUMBER")]
    max_calls: Option<Calls>,
}

/// How a change is made.
#[derive(Debug, clap::Args)]
pub(super) struct How {
    /// Shorten the tokens that live longer than the new rule allows; otherwise they keep their date
    #[arg(long, requires = "reason")]
    shorten: bool,
    /// Why tokens are shortened; their holders read it
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
    /// Only tell what the change would touch
    #[arg(long)]
    pub(super) dry_run: bool,
    #[arg(long, help = "Answer with one JSON object")]
    pub(super) json: bool,
}

impl How {
    /// The run that shortens tokens, where it is asked for.
    pub(super) fn shortening(&self, app: &App) -> Option<Shortening> {
        let reason = self.reason.clone().filter(|_| self.shorten)?;
        Some(Shortening {
            run: app.new_public_id(),
            reason,
        })
    }
}

impl Flags {
    /// `policy` with these rules in it; errors when two contradict each other.
    pub(super) fn apply(&self, policy: &Policy) -> Result<Policy, CommandError> {
        let mut policy = policy.clone();
        if let Some(days) = self.max_lifetime {
            policy.max_lifetime_days = days.days();
        }
        if let Some(days) = self.max_total_lifetime {
            policy.max_total_lifetime_days = days.days();
        }
        if let Some(never) = self.allow_never {
            policy.never_allowed = matches!(never, Never::No).then_some(false);
            let limited = policy.max_lifetime_days.is_some() || policy.max_total_lifetime_days.is_some();
            if limited && matches!(never, Never::Yes) {
                policy.never_allowed = Some(true);
            }
        }
        if let Some(tokens) = self.max_tokens {
            policy.max_live_tokens = tokens.0;
        }
        if let Some(days) = self.revoke_unused {
            policy.revoke_unused_days = days.days();
        }
        if let Some(calls) = self.max_calls {
            policy.calls_per_minute = calls.0;
        }
        match policy.contradiction() {
            None => Ok(policy),
            Some(Contradiction::LifetimeOverTotal { total }) => Err(CommandError::Failed(format!(
                "Nothing was changed: --max-lifetime is over the {total} days that a token may live with all renewals."
            ))),
            Some(Contradiction::NeverWithLifetime) => Err(CommandError::Failed(
                "Nothing was changed: with a longest lifetime no token can have no end. Leave out --allow-never yes."
                    .to_owned(),
            )),
        }
    }
}

/// A policy as JSON: absent rules are null.
pub(super) fn policy_json(policy: &Policy) -> serde_json::Value {
    serde_json::to_value(policy).expect("a policy of numbers and switches is JSON")
}

/// A policy, a line a rule.
pub(super) fn print_policy(policy: &Policy) {
    for limit in Limit::ALL {
        let text = policy.text(limit);
        let text = if text.is_empty() { "-" } else { &text };
        output::line(format_args!("{:<24} {text}", limit.code()));
    }
}

/// What a change would touch, as JSON.
#[derive(Serialize)]
pub(super) struct Touched {
    tokens_too_long: u64,
    tokens_without_end: u64,
    can_shorten: bool,
    accounts_over_limit: u64,
    tokens_unused: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_unused_revoked_at: Option<String>,
    tokens_losing: u64,
    lost: Vec<Lost>,
}

#[derive(Serialize)]
struct Lost {
    scope: String,
    tokens: u64,
}

impl From<&Impact> for Touched {
    fn from(impact: &Impact) -> Self {
        Self {
            tokens_too_long: impact.too_long,
            tokens_without_end: impact.endless,
            can_shorten: impact.can_shorten,
            accounts_over_limit: impact.crowded_accounts,
            tokens_unused: impact.unused,
            first_unused_revoked_at: impact.first_unused.map(iso),
            tokens_losing: impact.losing,
            lost: impact
                .lost
                .iter()
                .map(|(scope, tokens)| Lost {
                    scope: scope.to_string(),
                    tokens: *tokens,
                })
                .collect(),
        }
    }
}

/// What a change would touch, a line a kind.
pub(super) fn print_impact(catalogue: &Catalogue, impact: &Impact) {
    let line = |count: u64, what: &str| output::line(format_args!("{count:>9}  {what}"));
    line(impact.too_long, "tokens live longer than the rule allows");
    line(impact.endless, "tokens never expire, which the rule forbids");
    line(
        impact.crowded_accounts,
        "accounts have more tokens than the rule allows",
    );
    line(impact.unused, "tokens would be revoked as unused within the hour");
    line(impact.losing, "tokens can do less");
    for (scope, tokens) in &impact.lost {
        let can = catalogue
            .scope(scope)
            .map_or(scope.as_str(), |entry| entry.can.as_str());
        line(*tokens, &format!("lose: {can}"));
    }
}
