//! What somebody answers who wants to change many tokens, and what is wrong with it.

use serde::Deserialize;
use time::PrimitiveDateTime;

use crate::{
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        address::AddressRange,
        run::{Criteria, RunKind, WIDEST_IPV4, WIDEST_IPV6},
    },
    web::{
        form::{Faults, Form},
        times,
    },
};

/// The parameters of the form and the fields of its confirmation: one address shows both.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    pub(super) action: String,
    pub(super) issued_before: String,
    pub(super) scope: String,
    pub(super) used_from: String,
    /// Names the wish for a run.
    pub(super) run: String,
    /// How many tokens the page has told of.
    pub(super) count: String,
    pub(super) understood: String,
    pub(super) reason: String,
    pub(super) password: String,
}

impl Form for Answers {
    const HAS_PAGE: bool = true;
    const PAGE: Option<&'static str> = Some("/staff/incidents/new");
}

impl Answers {
    /// Whether the form was sent, and not only opened.
    pub(super) fn is_given(&self) -> bool {
        !self.action.is_empty()
    }

    /// What is to be done to which tokens; nothing when something is wrong, which `faults` then says.
    pub(super) fn read(
        &self,
        catalogue: &Catalogue,
        zone: &TimeZone,
        now: PrimitiveDateTime,
        faults: &mut Faults,
    ) -> Option<(RunKind, Criteria)> {
        let kind = self.action.parse::<RunKind>();
        if kind.is_err() {
            faults.add("action-revoke", "Choose whether to revoke or to pause the tokens");
        }
        let criteria = Criteria {
            issued_before: self.issued_before(zone, now, faults),
            scope: match self.scope.parse() {
                Ok(scope) if catalogue.scope(&scope).is_some() => Some(scope),
                _ if self.scope.is_empty() => None,
                _ => {
                    faults.add("scope", "Choose a permission from the list");
                    None
                }
            },
            used_from: self.used_from(faults),
            ..Criteria::default()
        };
        if faults.is_empty() && criteria.is_empty() {
            faults.add(
                "issued_before",
                "Say which tokens: a time, a permission or an address. Without any, every token would be meant",
            );
        }
        kind.ok().filter(|_| faults.is_empty()).map(|kind| (kind, criteria))
    }

    fn issued_before(&self, zone: &TimeZone, now: PrimitiveDateTime, faults: &mut Faults) -> Option<PrimitiveDateTime> {
        if self.issued_before.trim().is_empty() {
            return None;
        }
        let Some(wall) = times::parse_wall(&self.issued_before) else {
            faults.add(
                "issued_before",
                "Enter a date and a time, such as 2026-11-23 14:30, or leave it empty",
            );
            return None;
        };
        let at = zone.instant(wall);
        if at > now {
            faults.add("issued_before", "Enter a time that has passed");
            return None;
        }
        Some(at)
    }

    fn used_from(&self, faults: &mut Faults) -> Option<AddressRange> {
        let typed = self.used_from.trim();
        if typed.is_empty() {
            return None;
        }
        let Ok(range) = typed.parse::<AddressRange>() else {
            faults.add(
                "used_from",
                "Enter one IP address or range, such as 203.0.113.24 or 2001:db8::/32",
            );
            return None;
        };
        if let Some(words) = too_wide(range) {
            faults.add("used_from", words);
            return None;
        }
        Some(range)
    }
}

/// What to do about a range that is too wide to be one incident's.
pub(crate) fn too_wide(range: AddressRange) -> Option<String> {
    let widest = if range.is_ipv4() { WIDEST_IPV4 } else { WIDEST_IPV6 };
    (range.prefix_length() < widest).then(|| format!("Enter a narrower range: /{widest} is the widest"))
}
