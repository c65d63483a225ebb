//! `/staff/policy` and `/staff/plans`: the rules of the installation and of each plan. What both forms share stands here:
//! the fields of a policy, how they are read, and how a rule is put into words.

pub mod plan;
pub mod plans;
pub mod policy;
mod review;

use serde::Deserialize;

use crate::{
    app::policy::Shortening,
    domain::{
        limit::{Contradiction, Limit, MAX_CALLS, MAX_DAYS, MAX_TOKENS},
        policy::{DEFAULT_MAX_LIVE_TOKENS, Policy},
        text::TextError,
    },
    web::{
        form::Faults,
        words::{counted, grouped},
    },
};

/// What `step` says when the review is to be saved, and when the form is to be shown again.
const SAVE: &str = "save";
/// See [`SAVE`].
const BACK: &str = "back";
/// What `longer` says when tokens that live longer than a new policy allows are to be shortened.
const SHORTEN: &str = "shorten";

/// What the forms send, at each of their steps.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesForm {
    name: String,
    scope: Vec<String>,
    max_lifetime_days: String,
    max_total_lifetime_days: String,
    never_allowed: String,
    max_live_tokens: String,
    revoke_unused_days: String,
    calls_per_minute: String,
    /// What the form showed when it was opened.
    version: String,
    step: String,
    longer: String,
    /// Names the run that shortens tokens.
    run: String,
    reason: String,
    password: String,
}

impl RulesForm {
    /// The rules of a policy as their fields have them.
    fn of(policy: &Policy, for_plan: bool) -> Self {
        let never = match (for_plan, policy.never_allowed) {
            (true, Some(false)) => "false",
            (true, _) => "",
            (false, _) if policy.allows_never() => "true",
            (false, _) => "false",
        };
        Self {
            max_lifetime_days: policy.text(Limit::Lifetime),
            max_total_lifetime_days: policy.text(Limit::TotalLifetime),
            never_allowed: never.to_owned(),
            max_live_tokens: policy.text(Limit::LiveTokens),
            revoke_unused_days: policy.text(Limit::Unused),
            calls_per_minute: policy.text(Limit::Calls),
            ..Self::default()
        }
    }

    /// Every answer as a hidden field, but neither the password nor which button was pressed.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        let single = [
            ("name", &self.name),
            ("max_lifetime_days", &self.max_lifetime_days),
            ("max_total_lifetime_days", &self.max_total_lifetime_days),
            ("never_allowed", &self.never_allowed),
            ("max_live_tokens", &self.max_live_tokens),
            ("revoke_unused_days", &self.revoke_unused_days),
            ("calls_per_minute", &self.calls_per_minute),
            ("version", &self.version),
            ("run", &self.run),
        ];
        let filled = single.into_iter().filter(|(_, value)| !value.is_empty());
        let mut hidden: Vec<_> = filled.map(|(name, value)| (name, value.clone())).collect();
        hidden.extend(self.scope.iter().map(|scope| ("scope", scope.clone())));
        hidden
    }

    /// The run that shortens what lives longer, where it was chosen; a fault where the reason is not one.
    fn shortening(&self, faults: &mut Faults) -> Option<Shortening> {
        if self.longer != SHORTEN {
            return None;
        }
        match self.reason.parse() {
            Ok(reason) => Some(Shortening {
                run: self.run.clone(),
                reason,
            }),
            Err(error) => {
                faults.add("reason", reason_words(error));
                None
            }
        }
    }

    /// The policy that the form asks for. `before` is the one that holds: where "never" follows from the other rules, it
    /// stays as it is written there.
    fn policy(&self, before: &Policy, for_plan: bool, faults: &mut Faults) -> Policy {
        let mut number = |limit: Limit, text: &str, what: &str, most: u32| {
            whole_number(text, most).unwrap_or_else(|()| {
                let most = grouped(most.into());
                faults.add(
                    limit.code(),
                    format!("Write a whole number of {what} from 1 to {most}, or leave it empty"),
                );
                None
            })
        };
        let mut days =
            |limit, text: &str| number(limit, text, "days", MAX_DAYS).and_then(|days| u16::try_from(days).ok());
        let mut policy = Policy {
            max_lifetime_days: days(Limit::Lifetime, &self.max_lifetime_days),
            max_total_lifetime_days: days(Limit::TotalLifetime, &self.max_total_lifetime_days),
            revoke_unused_days: days(Limit::Unused, &self.revoke_unused_days),
            never_allowed: None,
            max_live_tokens: number(Limit::LiveTokens, &self.max_live_tokens, "tokens", MAX_TOKENS),
            calls_per_minute: number(Limit::Calls, &self.calls_per_minute, "calls", MAX_CALLS),
        };
        let limited = policy.max_lifetime_days.is_some() || policy.max_total_lifetime_days.is_some();
        policy.never_allowed = match self.never_allowed.as_str() {
            "false" if limited && !for_plan => before.never_allowed.filter(|allowed| !allowed),
            "false" => Some(false),
            "true" if limited => Some(true),
            _ => None,
        };
        if faults.is_empty()
            && let Some(contradiction) = policy.contradiction()
        {
            let (limit, words) = contradiction_words(contradiction);
            faults.add(limit.code(), words);
        }
        policy
    }
}

/// A number from 1 to `most`, nothing for an empty text.
fn whole_number(text: &str, most: u32) -> Result<Option<u32>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(()),
        },
    }
}

fn reason_words(error: TextError) -> String {
    match error {
        TextError::Empty => "Enter why the tokens are shortened: their holders read it".to_owned(),
        TextError::TooLong { max } => format!("Use at most {max} characters for the reason"),
        TextError::Control => "Take the invisible characters out of the reason: type it again".to_owned(),
        TextError::Secret => "Take the token out of the reason: everybody who reads it could use it".to_owned(),
    }
}

fn contradiction_words(contradiction: Contradiction) -> (Limit, String) {
    match contradiction {
        Contradiction::LifetimeOverTotal { total } => (
            Limit::Lifetime,
            format!(
                "Write {total} or less: with all its renewals a token lives {} at most",
                counted(total.into(), "day")
            ),
        ),
        Contradiction::NeverWithLifetime => (
            Limit::Never,
            "Choose “No”: with a longest lifetime every token expires".to_owned(),
        ),
    }
}

/// What a rule is called.
fn label(limit: Limit) -> &'static str {
    match limit {
        Limit::Lifetime => "Longest lifetime",
        Limit::TotalLifetime => "Longest lifetime with all renewals",
        Limit::Never => "Tokens without an end",
        Limit::LiveTokens => "Most tokens of an account",
        Limit::Unused => "Revoke unused tokens",
        Limit::Calls => "Most calls of a token a minute",
    }
}

/// What a rule says: `90 days`, `no limit`.
fn value(policy: &Policy, limit: Limit) -> String {
    let days = |days: Option<u16>, none: &str| days.map_or_else(|| none.to_owned(), |days| counted(days.into(), "day"));
    match limit {
        Limit::Lifetime => days(policy.max_lifetime_days, "no limit"),
        Limit::TotalLifetime => days(policy.max_total_lifetime_days, "no limit"),
        Limit::Never if policy.allows_never() => "allowed".to_owned(),
        Limit::Never => "not allowed".to_owned(),
        Limit::LiveTokens => grouped(policy.live_token_limit().into()),
        Limit::Unused => policy.revoke_unused_days.map_or_else(
            || "never".to_owned(),
            |days| format!("after {} without use", counted(days.into(), "day")),
        ),
        Limit::Calls => policy
            .calls_per_minute
            .map_or_else(|| "no limit".to_owned(), |calls| grouped(calls.into())),
    }
}

/// What a plan's rule says; where it sets none it follows the installation.
fn plan_value(policy: &Policy, limit: Limit) -> String {
    if policy.text(limit).is_empty() {
        "as the installation".to_owned()
    } else {
        value(policy, limit)
    }
}

/// The rules as a template shows them.
struct Rules {
    lifetime: Field,
    total: Field,
    live: Field,
    unused: Field,
    calls: Field,
    never: String,
    never_hint: String,
    for_plan: bool,
}

/// One rule to fill in.
struct Field {
    id: &'static str,
    value: String,
    hint: String,
}

impl Rules {
    /// The fields with a form's answers in them. For a plan `installation` is what it narrows.
    fn of(form: &RulesForm, installation: Option<&Policy>) -> Self {
        let hints = |limit, alone: &str| match installation {
            Some(installation) => plan_hint(form, installation, limit),
            None => alone.to_owned(),
        };
        let field = |limit: Limit, value: &str, alone: &str| Field {
            id: limit.code(),
            value: value.to_owned(),
            hint: hints(limit, alone),
        };
        Self {
            lifetime: field(
                Limit::Lifetime,
                &form.max_lifetime_days,
                "Days from when it is made or renewed. Leave it empty for no limit.",
            ),
            total: field(
                Limit::TotalLifetime,
                &form.max_total_lifetime_days,
                "Days from when it is made. Past them it has to be replaced by a new one. Leave it empty for no limit.",
            ),
            live: field(
                Limit::LiveTokens,
                &form.max_live_tokens,
                &format!("Leave it empty for {DEFAULT_MAX_LIVE_TOKENS}."),
            ),
            unused: field(
                Limit::Unused,
                &form.revoke_unused_days,
                "Days without use after which a token is revoked. Leave it empty to keep unused tokens.",
            ),
            calls: field(
                Limit::Calls,
                &form.calls_per_minute,
                "Further calls are refused until the minute allows them, so that one runaway script does not keep the \
                 services from everybody else. Each server counts for itself: with three, a token can make up to three \
                 times as many. Leave it empty for no limit.",
            ),
            never: form.never_allowed.clone(),
            never_hint: hints(Limit::Never, ""),
            for_plan: installation.is_some(),
        }
    }
}

/// What holds without the plan's own rule, and whether that one has an effect.
fn plan_hint(form: &RulesForm, installation: &Policy, limit: Limit) -> String {
    let policy = form.policy(&Policy::default(), true, &mut Faults::default());
    let rule = value(installation, limit);
    let mut hint = match limit {
        Limit::Never => format!("The installation’s rule: {rule}."),
        _ => format!("The installation’s rule: {rule}. Leave it empty to follow it; the narrower one holds."),
    };
    if policy.without_effect(installation).contains(&limit) {
        hint.push_str(" What stands here has no effect: the installation’s rule is as narrow or narrower.");
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_what_it_shows() {
        for policy in [
            Policy::default(),
            Policy {
                max_lifetime_days: Some(90),
                max_live_tokens: Some(25),
                ..Policy::default()
            },
            Policy {
                max_lifetime_days: Some(90),
                never_allowed: Some(false),
                revoke_unused_days: Some(30),
                calls_per_minute: Some(600),
                ..Policy::default()
            },
            Policy {
                never_allowed: Some(false),
                ..Policy::default()
            },
        ] {
            for for_plan in [false, true] {
                let mut faults = Faults::default();
                let read = RulesForm::of(&policy, for_plan).policy(&policy, for_plan, &mut faults);
                assert!(faults.is_empty(), "{:?}", faults.list());
                assert_eq!(read, policy, "{for_plan}");
            }
        }
    }
}
