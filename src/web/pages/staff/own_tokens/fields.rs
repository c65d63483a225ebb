//! The fields of a staff token's form, which making one and changing one share: what they send, how they are read, and how
//! they are shown.

use serde::Deserialize;
use time::{Date, Duration, PrimitiveDateTime};

use crate::{
    app::Rule,
    clock::TimeZone,
    domain::{
        policy::ExpiryRefusal,
        staff_scope::{StaffScope, StaffScopes},
        staff_token::{MAX_LIFE, StaffDraft, StaffToken, check_expiry, within_life},
    },
    web::{
        form::Faults,
        pages::tokens::fields::{
            Lifetimes, ON_DATE, Preset, ScopeField, days_label, read_addresses, read_name, risk_word,
        },
        times::{self, When},
        words::{capitalised, staff_scope},
    },
};

/// What `expires` says for a token that keeps its expiry.
const KEEP: &str = "keep";
/// The ready lifetimes, in days.
const PRESETS: [u16; 5] = [1, 7, 30, 60, 90];

/// What the form of a staff token sends.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StaffTokenFields {
    /// The name.
    pub(super) name: String,
    /// The scopes that are ticked.
    pub(super) scope: Vec<String>,
    /// The addresses, as they were typed.
    pub(super) addresses: String,
    /// Days, [`ON_DATE`] or [`KEEP`].
    pub(super) expires: String,
    /// The date, as it was typed.
    pub(super) date: String,
    /// Names the act of creation.
    pub(super) creation_key: String,
    /// The revision of the token that the form shows.
    pub(super) revision: String,
    /// The password, where it is asked for. Never shown again.
    pub(super) password: String,
}

impl StaffTokenFields {
    /// The form filled in with a token as it is.
    pub(super) fn of(token: &StaffToken) -> Self {
        let ranges: Vec<String> = token.addresses.iter().map(ToString::to_string).collect();
        Self {
            name: token.name.to_string(),
            scope: token.scopes.iter().map(|scope| scope.to_string()).collect(),
            addresses: if token.addresses.is_any() {
                String::new()
            } else {
                ranges.join("\n")
            },
            expires: KEEP.to_owned(),
            revision: token.revision.to_string(),
            ..Self::default()
        }
    }
}

/// What a form is read and shown against.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// What the member's role allows.
    pub(super) allowed: &'a StaffScopes,
    /// The member's zone.
    pub(super) zone: &'a TimeZone,
    /// Now.
    pub(super) now: PrimitiveDateTime,
    /// The token that is to be changed; none when one is to be made.
    pub(super) token: Option<&'a StaffToken>,
}

impl Bounds<'_> {
    fn created_at(&self) -> PrimitiveDateTime {
        self.token.map_or(self.now, |token| token.created_at)
    }

    /// The latest instant at which the token can expire.
    fn latest(&self) -> PrimitiveDateTime {
        self.created_at() + MAX_LIFE
    }

    /// The end of a day, and of the last one as much as the token can have of it.
    fn end_of(&self, day: Date) -> PrimitiveDateTime {
        within_life(self.zone.end_of_day(day), self.created_at())
    }

    fn end_after(&self, days: u16) -> Option<PrimitiveDateTime> {
        let day = self.zone.today(self.now).checked_add(Duration::days(days.into()))?;
        Some(self.end_of(day))
    }

    fn has(&self, scope: StaffScope) -> bool {
        self.token.is_some_and(|token| token.scopes.contains(scope))
    }
}

/// Everything that the form shows.
pub(super) struct Fields {
    /// The name as it was typed.
    pub(super) name: String,
    /// What can be ticked.
    pub(super) scopes: Vec<ScopeField>,
    /// The addresses as they were typed.
    pub(super) addresses: String,
    /// What to write there, with the visitor's own address.
    pub(super) addresses_hint: String,
    /// The choices of an expiry.
    pub(super) lifetimes: Lifetimes,
    /// The expiry that can be kept, and whether that is chosen.
    pub(super) kept: Option<(When, bool)>,
}

impl Fields {
    /// The fields with a form's answers in them, for a visitor at `address`.
    pub(super) fn of(bounds: &Bounds<'_>, form: &StaffTokenFields, address: std::net::IpAddr) -> Self {
        let kept = bounds.token.map(|token| {
            let until = times::when(bounds.zone, token.expires_at);
            (until, form.expires == KEEP)
        });
        let scopes = StaffScope::ALL.iter().map(|scope| scope_field(bounds, form, *scope));
        Self {
            name: form.name.clone(),
            scopes: scopes.collect(),
            addresses: form.addresses.clone(),
            addresses_hint: format!(
                "Write the addresses that your program calls from: one IP address or range on each line. Leave it empty to \
                 allow every computer. You are now at {address}."
            ),
            lifetimes: lifetimes(bounds, form),
            kept,
        }
    }
}

fn scope_field(bounds: &Bounds<'_>, form: &StaffTokenFields, scope: StaffScope) -> ScopeField {
    let words = staff_scope(scope);
    let checked = form.scope.iter().any(|ticked| ticked == scope.as_str());
    let allowed = bounds.allowed.contains(scope);
    ScopeField {
        scope: scope.to_string(),
        label: capitalised(words.can),
        risk: risk_word(words.risk),
        hint: if allowed {
            words.why.to_owned()
        } else {
            "Your role does not include this: the token could not do it.".to_owned()
        },
        checked,
        // What is ticked must stay to be unticked.
        disabled: !allowed && !checked && !bounds.has(scope),
    }
}

fn lifetimes(bounds: &Bounds<'_>, form: &StaffTokenFields) -> Lifetimes {
    let (zone, now, latest) = (bounds.zone, bounds.now, bounds.latest());
    let presets: Vec<Preset> = PRESETS
        .into_iter()
        .filter_map(|days| {
            let end = bounds.end_after(days)?;
            check_expiry(end, bounds.created_at(), now).ok()?;
            Some(Preset {
                days: days.to_string(),
                label: days_label(days),
                until: times::when(zone, end),
                checked: form.expires == days.to_string(),
            })
        })
        .collect();
    let (first, last) = (zone.today(now), zone.local(latest).date);
    let typed = times::parse_day(&form.date).filter(|_| form.expires == ON_DATE);
    let typed = typed.map(|day| times::when(zone, bounds.end_of(day)).text);
    let preset = presets.iter().find(|preset| preset.checked);
    Lifetimes {
        chosen: preset
            .map(|preset| preset.until.text.clone())
            .or(typed)
            .unwrap_or_default(),
        presets,
        on_date: form.expires == ON_DATE,
        date: form.date.clone(),
        min: times::iso_day(first),
        max: times::iso_day(last),
        range: format!("From {} to {}", times::day(first), times::day(last)),
        never_allowed: false,
        never: false,
        limits: "A staff token lives at most 90 days from the day on which it is made, so that a forgotten one does not stay open."
            .to_owned(),
    }
}

/// Reads a form. Every fault stands in the order of the page, at the id of its field.
pub(super) fn read(bounds: &Bounds<'_>, form: &StaffTokenFields) -> Result<StaffDraft, Faults> {
    let mut faults = Faults::default();
    let name = read_name(&form.name, false, &mut faults);
    let scopes = read_scopes(bounds, form, &mut faults);
    let addresses = read_addresses(&form.addresses, &mut faults);
    let expires_at = read_expiry(bounds, form, &mut faults);
    match (name, scopes, addresses, expires_at) {
        (Some(name), Some(scopes), Some(addresses), Some(expires_at)) => Ok(StaffDraft {
            name,
            scopes,
            addresses,
            expires_at,
        }),
        _ => Err(faults),
    }
}

fn read_scopes(bounds: &Bounds<'_>, form: &StaffTokenFields, faults: &mut Faults) -> Option<StaffScopes> {
    let scopes: Result<StaffScopes, _> = form.scope.iter().map(|text| text.parse::<StaffScope>()).collect();
    let message = match scopes {
        Ok(scopes) if scopes.is_empty() => "Choose at least one thing that it can do",
        Ok(scopes)
            if scopes
                .iter()
                .any(|scope| !bounds.allowed.contains(scope) && !bounds.has(scope)) =>
        {
            "Untick what your role does not include"
        }
        Ok(scopes) => return Some(scopes),
        Err(_) => "Choose from the list what it can do",
    };
    faults.add("scopes", message);
    None
}

fn read_expiry(bounds: &Bounds<'_>, form: &StaffTokenFields, faults: &mut Faults) -> Option<PrimitiveDateTime> {
    let kept = bounds.token.map(|token| token.expires_at);
    let (field, at) = match form.expires.as_str() {
        KEEP if kept.is_some() => return kept,
        ON_DATE if form.date.trim().is_empty() => {
            faults.add("date", "Enter the date on which the token expires");
            return None;
        }
        ON_DATE => {
            let Some(day) = times::parse_day(&form.date) else {
                let example = times::iso_day(bounds.zone.today(bounds.now));
                let words = format!("Write the date as year, month and day, such as {example}");
                faults.add("date", words);
                return None;
            };
            ("date", bounds.end_of(day))
        }
        days => {
            let days = days.parse().ok().filter(|days| PRESETS.contains(days));
            let Some(end) = days.and_then(|days| bounds.end_after(days)) else {
                faults.add("expires", "Choose when the token expires");
                return None;
            };
            ("expires", end)
        }
    };
    match check_expiry(at, bounds.created_at(), bounds.now) {
        Ok(()) => Some(at),
        Err(refusal) => {
            faults.add(field, explain_expiry(bounds, refusal));
            None
        }
    }
}

fn explain_expiry(bounds: &Bounds<'_>, refusal: ExpiryRefusal) -> String {
    match refusal {
        ExpiryRefusal::Past => {
            let first = times::day(bounds.zone.today(bounds.now));
            format!("Choose a date from {first} on")
        }
        ExpiryRefusal::TotalLifetimeOver => "This token has had its 90 days. Make a new one".to_owned(),
        ExpiryRefusal::NeverNotAllowed { .. } | ExpiryRefusal::TooLate { .. } => {
            let last = times::day(bounds.zone.local(bounds.latest()).date);
            format!("Choose a date up to {last}")
        }
    }
}

/// The field and the sentence for a rule that stands against a form; nothing for any other.
pub(super) fn explain(bounds: &Bounds<'_>, draft: &StaffDraft, rule: &Rule) -> Option<(&'static str, String)> {
    Some(match rule {
        Rule::NameTaken => (
            "name",
            format!(
                "You already have a staff token called “{}”. Choose another name, or revoke that one first",
                draft.name
            ),
        ),
        Rule::NoScope => ("scopes", "Choose at least one thing that it can do".to_owned()),
        Rule::RoleExcludes(_) => ("scopes", "Untick what your role does not include".to_owned()),
        Rule::TooManyStaffTokens { limit } => (
            "name",
            format!("You have {limit} staff tokens, which is the most. Revoke one first, then send this again"),
        ),
        Rule::Expiry(refusal) => ("expires", explain_expiry(bounds, *refusal)),
        _ => return None,
    })
}
