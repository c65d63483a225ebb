//! What a token means, in one plain sentence: "Anyone who has this token can create backups and read files on 2 sites,
//! from anywhere, until 21 Feb 2027, 23:59 IST."

use std::cmp::Reverse;

use crate::{
    catalogue::{Catalogue, Risk, ScopeEntry},
    clock::TimeZone,
    domain::{
        address::AddressSet,
        draft::Draft,
        scope::{Scope, ScopeSet},
        site::SiteSet,
        token::Expiry,
    },
    web::{times, words::Reader},
};

/// So many abilities are named; of more, the most dangerous ones and how many there are besides.
const NAMED: usize = 5;

/// The whole sentence about a token with this content, with times in `zone`, as its holder reads it.
pub fn sentence(catalogue: &Catalogue, draft: &Draft, zone: &TimeZone) -> String {
    sentence_for(Reader::Holder, catalogue, draft, zone)
}

/// [`sentence`] as `reader` reads it: to staff plan and sites are the account's.
pub fn sentence_for(reader: Reader, catalogue: &Catalogue, draft: &Draft, zone: &TimeZone) -> String {
    let (plan, sites, never) = match reader {
        Reader::Holder => ("your plan", "your sites", "you revoke it"),
        Reader::Staff => ("the account’s plan", "sites of the account", "it is revoked"),
    };
    let can = can(catalogue, &draft.scopes, plan);
    let place = if catalogue.about_sites(&draft.scopes) {
        format!(" {}", on(&draft.sites, sites))
    } else {
        String::new()
    };
    let (from, until) = (from(&draft.addresses), until(draft.expiry, zone, never));
    format!("Anyone who has this token can {can}{place}, {from}, {until}.")
}

/// What a holder can do: "create backups and list and download files".
fn can(catalogue: &Catalogue, scopes: &ScopeSet, plan: &str) -> String {
    if scopes.is_full() {
        return format!("do everything that {plan} allows, now and later, deleting included,");
    }
    let mut entries = telling(catalogue, scopes);
    if entries.len() <= NAMED {
        return joined(&entries.iter().map(|entry| entry.can.as_str()).collect::<Vec<_>>());
    }
    // Stable: within a risk the catalogue's order stays.
    entries.sort_by_key(|entry| Reverse(entry.risk));
    let rest = format!("do {} other things", entries.len() - NAMED + 1);
    let mut named: Vec<&str> = entries.iter().take(NAMED - 1).map(|entry| entry.can.as_str()).collect();
    named.push(&rest);
    joined(&named)
}

/// The entries of a set in the catalogue's order, without those that another one of the set implies.
pub fn telling<'a>(catalogue: &'a Catalogue, scopes: &ScopeSet) -> Vec<&'a ScopeEntry> {
    let implied = |scope: &Scope| {
        let entries = scopes.iter().filter_map(|other| catalogue.scope(other));
        entries.into_iter().any(|other| other.implies.contains(scope))
    };
    let entries = catalogue.areas().iter().flat_map(|area| &area.scopes);
    entries
        .filter(|entry| scopes.contains(&entry.scope) && !implied(&entry.scope))
        .collect()
}

/// The abilities of high risk in a set, with those that are implied.
pub fn dangers<'a>(catalogue: &'a Catalogue, scopes: &ScopeSet) -> Vec<&'a ScopeEntry> {
    let closed = catalogue.closure(scopes);
    let entries = catalogue.areas().iter().flat_map(|area| &area.scopes);
    entries
        .filter(|entry| entry.risk == Risk::High && closed.contains(&entry.scope))
        .collect()
}

/// Where: "on 2 sites".
fn on(sites: &SiteSet, all: &str) -> String {
    match sites {
        SiteSet::All => format!("on all {all}"),
        SiteSet::Named(names) => match (names.len(), names.first()) {
            (1, Some(name)) => format!("on {name}"),
            (0, _) => "on no site".to_owned(),
            (count, _) => format!("on {count} sites"),
        },
    }
}

/// From where: "from anywhere".
fn from(addresses: &AddressSet) -> String {
    if addresses.is_any() {
        return "from anywhere".to_owned();
    }
    match (addresses.len(), addresses.iter().next()) {
        (1, Some(range)) => format!("from {range} only"),
        (count, _) => format!("from {count} addresses or ranges only"),
    }
}

/// Until when: "until 21 Feb 2027, 23:59 IST".
fn until(expiry: Expiry, zone: &TimeZone, never: &str) -> String {
    match expiry {
        Expiry::Never => format!("until {never}"),
        Expiry::At(at) => format!("until {}", times::when(zone, at).text),
    }
}

/// "a, b and c".
pub fn joined(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::token::Description;

    fn draft(scopes: &str) -> Draft {
        Draft {
            name: "Backup".parse().unwrap(),
            description: Description::default(),
            scopes: scopes.parse().unwrap(),
            sites: "a.example b.example".parse().unwrap(),
            addresses: AddressSet::any(),
            expiry: Expiry::At(datetime!(2027-02-21 18:29:59)),
        }
    }

    fn say(draft: &Draft) -> String {
        sentence(&Catalogue::built_in(), draft, &"Asia/Kolkata".parse().unwrap())
    }

    #[test]
    fn it_says_what_where_from_where_and_until_when() {
        assert_eq!(
            say(&draft("backups:create backups:read files:read")),
            "Anyone who has this token can list and download files and create backups on 2 sites, from anywhere, \
             until 21 Feb 2027, 23:59 IST."
        );
    }

    #[test]
    fn it_holds_its_shape_at_the_ends() {
        let mut full = draft("*");
        full.sites = SiteSet::All;
        full.expiry = Expiry::Never;
        full.addresses = "203.0.113.7".parse().unwrap();
        assert_eq!(
            say(&full),
            "Anyone who has this token can do everything that your plan allows, now and later, deleting included, \
             on all your sites, from 203.0.113.7 only, until you revoke it."
        );
        let tokens = say(&draft("tokens:read"));
        assert!(
            tokens.contains("but no secrets, from anywhere"),
            "not about sites: {tokens}"
        );
    }

    #[test]
    fn of_many_the_worst_are_named() {
        let many = can(
            &Catalogue::built_in(),
            &"websites:read files:delete databases:read backups:delete domains:read dns:read email:read"
                .parse()
                .unwrap(),
            "your plan",
        );
        assert!(many.starts_with("delete files, delete backups, "), "{many}");
        assert!(many.ends_with(" and do 3 other things"), "{many}");
    }
}
