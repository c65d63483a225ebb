//! When a token expires: the ready lifetimes with their dates, a date, or never. Making and renewing share it.

use time::{Date, Duration, PrimitiveDateTime};

use super::{Bounds, NEVER, ON_DATE};
use crate::{
    clock::TimeZone,
    domain::{
        policy::{ExpiryRefusal, LIFETIME_PRESETS, Policy},
        token::Expiry,
    },
    web::{
        form::Faults,
        times::{self, When},
    },
};

/// One ready lifetime.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Value of the choice: its days.
    pub days: String,
    /// "90 days".
    pub label: String,
    /// Its last instant.
    pub until: When,
    /// Whether it is chosen.
    pub checked: bool,
}

/// The choices of an expiry, as a page shows them.
#[derive(Clone, Debug)]
pub struct Lifetimes {
    /// Those that the policy allows.
    pub presets: Vec<Preset>,
    /// Whether a date is chosen.
    pub on_date: bool,
    /// The date as it was typed.
    pub date: String,
    /// The first date that fits, as date fields have it.
    pub min: String,
    /// The last date that fits, or nothing where there is no limit.
    pub max: String,
    /// Which dates fit, in words.
    pub range: String,
    /// Whether the policy allows never.
    pub never_allowed: bool,
    /// Whether never is chosen.
    pub never: bool,
    /// What the policy limits and why, in sentences; may be empty.
    pub limits: String,
    /// When the chosen lifetime ends, in words; nothing when it does not or no date is chosen yet.
    pub chosen: String,
}

impl Lifetimes {
    /// The choices under a policy, with `expires` and `date` of the form chosen.
    pub fn of(bounds: &Bounds<'_>, expires: &str, date: &str) -> Self {
        let (policy, zone, now) = (&bounds.terms.policy, bounds.zone, bounds.now);
        let presets: Vec<Preset> = allowed_presets(bounds)
            .map(|(days, end)| Preset {
                days: days.to_string(),
                label: days_label(days),
                until: times::when(zone, end),
                checked: expires == days.to_string(),
            })
            .collect();
        let (first, last) = (zone.today(now), latest_day(policy, zone, bounds.created_at(), now));
        let (from, to) = (times::day(first), last.map(times::day));
        let preset = presets.iter().find(|preset| preset.checked);
        let typed = times::parse_day(date).filter(|_| expires == ON_DATE);
        let typed = typed.map(|day| times::when(zone, zone.end_of_day(day)));
        let chosen = preset.map(|preset| &preset.until).or(typed.as_ref());
        Self {
            chosen: chosen.map_or_else(String::new, |until| until.text.clone()),
            presets,
            on_date: expires == ON_DATE,
            date: date.to_owned(),
            min: times::iso_day(first),
            max: last.map_or_else(String::new, times::iso_day),
            range: to.map_or_else(|| format!("From {from} on"), |to| format!("From {from} to {to}")),
            never_allowed: policy.allows_never(),
            never: expires == NEVER,
            limits: limits(policy).join(" "),
        }
    }
}

fn allowed_presets(bounds: &Bounds<'_>) -> impl Iterator<Item = (u16, PrimitiveDateTime)> {
    LIFETIME_PRESETS.into_iter().filter_map(move |days| {
        let end = end_after(bounds.zone, bounds.now, days)?;
        let fits = bounds
            .terms
            .policy
            .check_expiry(Expiry::At(end), bounds.created_at(), bounds.now);
        fits.ok().map(|()| (days, end))
    })
}

/// What the choices of an expiry begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What is chosen, as [`TokenForm::expires`](super::TokenForm).
    pub expires: String,
    /// The date, where one is chosen.
    pub date: String,
    /// Whether the policy does not allow as long as was wanted.
    pub shortened: bool,
}

/// A lifetime of `days`, as a preset or a date; where the policy does not allow so long, the longest that it does.
pub fn proposal(bounds: &Bounds<'_>, days: u16) -> Proposal {
    let latest = latest_day(&bounds.terms.policy, bounds.zone, bounds.created_at(), bounds.now);
    let wanted = day_after(bounds.zone, bounds.now, days);
    let shortened = latest.is_some_and(|latest| wanted.is_none_or(|wanted| wanted > latest));
    let preset = allowed_presets(bounds)
        .map(|(preset, _)| preset)
        .take_while(|preset| *preset <= days)
        .last();
    let on = |day: Option<Date>| Proposal {
        expires: ON_DATE.to_owned(),
        date: day.map_or_else(String::new, times::iso_day),
        shortened,
    };
    match preset {
        Some(preset) if preset == days || shortened => Proposal {
            expires: preset.to_string(),
            date: String::new(),
            shortened,
        },
        _ if shortened => on(latest),
        _ => on(wanted),
    }
}

fn day_after(zone: &TimeZone, now: PrimitiveDateTime, days: u16) -> Option<Date> {
    zone.today(now).checked_add(Duration::days(days.into()))
}

fn end_after(zone: &TimeZone, now: PrimitiveDateTime, days: u16) -> Option<PrimitiveDateTime> {
    day_after(zone, now, days).map(|day| zone.end_of_day(day))
}

/// The last day whose end the policy allows; none when there is no limit.
pub fn latest_day(
    policy: &Policy,
    zone: &TimeZone,
    created_at: PrimitiveDateTime,
    now: PrimitiveDateTime,
) -> Option<Date> {
    let latest = policy.latest_expiry(created_at, now)?;
    let day = zone.local(latest).date;
    if zone.end_of_day(day) <= latest {
        Some(day)
    } else {
        day.previous_day()
    }
}

/// "90 days", and "1 year" for 365 of them.
pub fn days_label(days: u16) -> String {
    match days {
        1 => "1 day".to_owned(),
        365 => "1 year".to_owned(),
        days => format!("{days} days"),
    }
}

fn limits(policy: &Policy) -> Vec<String> {
    let mut limits = Vec::new();
    if let Some(days) = policy.max_lifetime_days {
        let lifetime = days_label(days);
        limits.push(format!(
            "A token can be given at most {lifetime} at a time, so that a forgotten one does not stay open."
        ));
    } else if !policy.allows_never() {
        limits.push("Every token has to expire, so that a forgotten one does not stay open.".to_owned());
    }
    if let Some(days) = policy.max_total_lifetime_days {
        let lifetime = days_label(days);
        limits.push(format!("With all its renewals it can live {lifetime}."));
    }
    if let Some(days) = policy.revoke_unused_days {
        let unused = days_label(days);
        limits.push(format!("A token that is not used for {unused} is revoked."));
    }
    limits
}

/// Reads `expires` and `date` of a form. A date means the end of that day in the account's zone (rule 3).
pub fn read_expiry(bounds: &Bounds<'_>, expires: &str, date: &str, faults: &mut Faults) -> Option<Expiry> {
    let expiry = match expires {
        "" => {
            faults.add("expires", "Choose when the token expires");
            return None;
        }
        NEVER => Expiry::Never,
        ON_DATE if date.trim().is_empty() => {
            faults.add("date", "Enter the date on which the token expires");
            return None;
        }
        ON_DATE => {
            let Some(day) = times::parse_day(date) else {
                let example = times::iso_day(bounds.zone.today(bounds.now));
                faults.add(
                    "date",
                    format!("Write the date as year, month and day, such as {example}"),
                );
                return None;
            };
            Expiry::At(bounds.zone.end_of_day(day))
        }
        days => {
            let days: Option<u16> = days.parse().ok().filter(|days| LIFETIME_PRESETS.contains(days));
            let Some(end) = days.and_then(|days| end_after(bounds.zone, bounds.now, days)) else {
                faults.add("expires", "Choose one of the dates on which the token can expire");
                return None;
            };
            Expiry::At(end)
        }
    };
    // An earlier end is no widening, whatever the policy has become since.
    let narrows = bounds.token.is_some_and(|token| !expiry.is_later_than(token.expiry));
    let policy = if narrows {
        &Policy::default()
    } else {
        &bounds.terms.policy
    };
    match policy.check_expiry(expiry, bounds.created_at(), bounds.now) {
        Ok(()) => Some(expiry),
        Err(refusal) => {
            let field = if expires == ON_DATE { "date" } else { "expires" };
            faults.add(field, explain_refusal(bounds, refusal));
            None
        }
    }
}

/// What to do about an expiry that does not fit.
pub(super) fn explain_refusal(bounds: &Bounds<'_>, refusal: ExpiryRefusal) -> String {
    let last = latest_day(&bounds.terms.policy, bounds.zone, bounds.created_at(), bounds.now);
    match (refusal, last.map(times::day)) {
        (ExpiryRefusal::TotalLifetimeOver, _) => {
            "This token has used up all the time that it may live. Make a new one".to_owned()
        }
        (ExpiryRefusal::Past, _) => {
            let first = times::day(bounds.zone.today(bounds.now));
            format!("Choose a date from {first} on")
        }
        (_, Some(last)) => format!("Choose a date up to {last}"),
        (_, None) => "Choose a date: every token has to expire".to_owned(),
    }
}
