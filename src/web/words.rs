//! Words for what a token is, may do and did, the same on every page.
//!
//! * here: status, permissions, sites, addresses.
//! * [`event_words`]: what happened, who did it, and what was before and after.
//! * [`staff_scope`]: what tokens of staff members may do.
//! * [`why_words`]: why a token is paused, over or shortened; [`reuse_words`]: who used it after its end.
//! * [`browser`](fn@browser): what a browser is, from what it says of itself.
//!
//! Knows no page: what is returned is text, never markup.

mod events;
mod reuse;
mod staff_scopes;
mod why;

use time::{Duration, PrimitiveDateTime};

use super::{
    sentence,
    times::{self, When},
};
use crate::{
    catalogue::{Catalogue, Risk},
    clock::TimeZone,
    domain::{
        address::AddressSet,
        scope::{Scope, ScopeSet},
        site::SiteSet,
        token::{Expiry, LastUse, PausedBy, Status},
    },
};

pub use crate::domain::browser::browser;
pub use events::{ChangeWords, EventWords, Reader, actor_words, event_words};
pub use reuse::{CallsWords, ReuseWords, reuse_in_brief, reuse_words};
pub use staff_scopes::{StaffScopeWords, staff_scope, staff_scope_named, staff_scopes, staff_scopes_in_brief};
pub use why::{WhyWords, why_in_brief, why_words};

/// As many entries of a set stand in a list; the others are counted.
const SHOWN: usize = 2;

/// A status as pages show it: an icon, a word and a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// `ok`, `warn`, `danger`, `info` or `neutral`.
    pub kind: &'static str,
    /// Id of a symbol in the icon sprite.
    pub symbol: &'static str,
    /// The words.
    pub text: String,
}

/// The badge of a status.
pub fn status(status: Status, zone: &TimeZone, now: PrimitiveDateTime) -> Badge {
    let (kind, symbol, text) = match status {
        Status::Revoked(at) => ("neutral", "trash-2", format!("Revoked {}", times::when(zone, at).day)),
        Status::Blocked => ("danger", "circle-x", "Blocked – account suspended".to_owned()),
        Status::Paused(PausedBy::Owner) => ("neutral", "circle-pause", "Paused".to_owned()),
        Status::Paused(PausedBy::Staff) => ("neutral", "circle-pause", "Paused by support".to_owned()),
        Status::Expired(_) => ("danger", "circle-x", "Expired".to_owned()),
        Status::Expiring(at) => ("warn", "triangle-alert", format!("Expires in {}", span(at - now))),
        Status::Replaced(until) => {
            let text = format!("Old secret ends in {}", span(until - now));
            ("warn", "clock", text)
        }
        Status::NeverUsed => ("info", "circle-dashed", "Never used".to_owned()),
        Status::Idle => ("info", "clock", "Not used for 90 days".to_owned()),
        Status::Active => ("ok", "circle-check", "Active".to_owned()),
    };
    Badge { kind, symbol, text }
}

/// `3 days`, `5 hours`, `12 minutes`: the largest unit that fits, rounded down, at least a minute.
pub fn span(length: Duration) -> String {
    let (count, unit) = match (length.whole_days(), length.whole_hours(), length.whole_minutes()) {
        (days, _, _) if days > 0 => (days, "day"),
        (_, hours, _) if hours > 0 => (hours, "hour"),
        (_, _, minutes) => (minutes.max(1), "minute"),
    };
    counted(count, unit)
}

/// `1 token`, `25 tokens`.
pub fn counted(count: i64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// When a token expires; nothing when it never does.
pub fn expiry(zone: &TimeZone, expiry: Expiry) -> Option<When> {
    expiry.instant().map(|at| times::when(zone, at))
}

/// When and from where something was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseWords {
    /// When.
    pub at: When,
    /// From which address.
    pub from: String,
}

/// The last use in words.
pub fn last_use(zone: &TimeZone, last: Option<LastUse>) -> Option<UseWords> {
    last.map(|last| UseWords {
        at: times::when(zone, last.at),
        from: last.from.to_string(),
    })
}

/// A part of a longer list of things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The first ones.
    pub shown: Vec<String>,
    /// The others.
    pub more: Vec<String>,
}

impl Brief {
    fn of(mut all: Vec<String>) -> Self {
        let more = all.split_off(SHOWN.min(all.len()));
        Self { shown: all, more }
    }

    /// `a.example, b.example and 3 more`.
    pub fn text(&self) -> String {
        let shown = self.shown.join(", ");
        match self.more.len() {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}

/// One permission as a sentence: `Create backups`; a scope that the catalogue no longer has stands as it is.
pub fn permission(catalogue: &Catalogue, scope: &Scope) -> String {
    match catalogue.scope(scope) {
        Some(entry) => capitalised(&entry.can),
        None => format!("{scope} (no longer offered)"),
    }
}

/// Every permission of a set as a sentence, in the order of the catalogue. Full access is one sentence.
pub fn permissions(catalogue: &Catalogue, scopes: &ScopeSet) -> Vec<String> {
    if scopes.is_full() {
        return vec!["Full access: everything that the plan allows, now and later".to_owned()];
    }
    let known = catalogue.areas().iter().flat_map(|area| &area.scopes);
    let known = known.filter(|entry| scopes.contains(&entry.scope));
    let mut all: Vec<String> = known.map(|entry| capitalised(&entry.can)).collect();
    let unknown = catalogue.unknown(scopes);
    all.extend(unknown.iter().map(|scope| permission(catalogue, scope)));
    all
}

/// What a token can do, in brief: the riskiest first, and without what another one includes.
pub fn permissions_in_brief(catalogue: &Catalogue, scopes: &ScopeSet) -> Brief {
    if scopes.is_full() {
        return Brief::of(vec!["Full access".to_owned()]);
    }
    let mut entries = sentence::telling(catalogue, scopes);
    entries.sort_by_key(|entry| match entry.risk {
        Risk::High => 0,
        Risk::Medium => 1,
        Risk::Low => 2,
    });
    let mut all: Vec<String> = entries.iter().map(|entry| capitalised(&entry.can)).collect();
    let unknown = catalogue.unknown(scopes);
    all.extend(unknown.iter().map(|scope| permission(catalogue, scope)));
    Brief::of(all)
}

/// Where a token works: each of its sites by name, `All sites` or `No site`.
pub fn sites(sites: &SiteSet) -> Vec<String> {
    match sites {
        SiteSet::All => vec!["All sites".to_owned()],
        SiteSet::Named(names) if names.is_empty() => vec!["No site".to_owned()],
        SiteSet::Named(names) => names.iter().map(ToString::to_string).collect(),
    }
}

/// Where a token works, in brief.
pub fn sites_in_brief(set: &SiteSet) -> Brief {
    Brief::of(sites(set))
}

/// From where a token works: each address or range, or `Any address`.
pub fn addresses(addresses: &AddressSet) -> Vec<String> {
    if addresses.is_any() {
        return vec!["Any address".to_owned()];
    }
    addresses.iter().map(ToString::to_string).collect()
}

/// From where a token works, in brief.
pub fn addresses_in_brief(set: &AddressSet) -> Brief {
    Brief::of(addresses(set))
}

/// From where alone a token works, in one line; empty where it is from everywhere.
pub fn only_from(set: &AddressSet) -> String {
    match set.len() {
        _ if set.is_any() => String::new(),
        1 => format!("Only from {set}"),
        many => format!("Only from {many} addresses"),
    }
}

/// A number with its thousands apart: `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A risk as `ui::risk` takes it.
pub fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

/// The text with its first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);

    #[test]
    fn a_badge_says_when() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        let text = |what| status(what, &zone, NOW).text;
        assert_eq!(text(Status::Expiring(NOW + Duration::hours(80))), "Expires in 3 days");
        assert_eq!(text(Status::Expiring(NOW + Duration::hours(25))), "Expires in 1 day");
        assert_eq!(
            text(Status::Expiring(NOW + Duration::seconds(20))),
            "Expires in 1 minute"
        );
        assert_eq!(text(Status::Revoked(datetime!(2026-11-03 20:00))), "Revoked 4 Nov 2026");
        assert_eq!(
            text(Status::Replaced(datetime!(2026-11-24 12:30))),
            "Old secret ends in 1 day"
        );
        assert_eq!(text(Status::Paused(PausedBy::Staff)), "Paused by support");
    }

    #[test]
    fn the_riskiest_permissions_stand_first_and_included_ones_are_left_out() {
        let catalogue = Catalogue::built_in();
        let brief = |text: &str| permissions_in_brief(&catalogue, &text.parse().unwrap());
        let deploy = brief("files:delete files:read files:write websites:deploy websites:read");
        assert_eq!(deploy.shown, ["Delete files", "Publish new versions of websites"]);
        assert_eq!(deploy.more, ["Upload and change files"]);
        let many = brief("backups:create dns:challenge files:read statistics:read nothing:here");
        assert_eq!((many.shown.len(), many.more.len()), (2, 3));
        assert_eq!(
            many.shown,
            [
                "List and download files",
                "Set and clear the DNS records that prove a domain for a certificate"
            ]
        );
        assert_eq!(many.more.last().unwrap(), "nothing:here (no longer offered)");
        assert_eq!(brief("*").text(), "Full access");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn sites_are_named_or_counted() {
        let text = |sites: &str| sites_in_brief(&sites.parse().unwrap()).text();
        assert_eq!(text("*"), "All sites");
        assert_eq!(text(""), "No site");
        assert_eq!(text("a.example b.example"), "a.example, b.example");
        assert_eq!(text("a.example b.example c.example"), "a.example, b.example and 1 more");
    }
}
