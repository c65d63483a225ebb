//! The parameters of the list of accounts: what stands in its address, so that it can be bookmarked.

use crate::{
    app::accounts::list::Wanted,
    domain::{
        account::{EmailAddress, Username},
        site::SiteName,
    },
    store::accounts::list::{Place, Which},
    web::cursor,
};

/// Each status by its parameter and its words.
pub(super) const STATUSES: [(Which, &str, &str); 3] = [
    (Which::All, "", "Any status"),
    (Which::Active, "active", "Active"),
    (Which::Suspended, "suspended", "Suspended"),
];

/// Whether tokens expire soon, by its parameter and its words.
pub(super) const TOKENS: [(bool, &str, &str); 2] =
    [(false, "", "Any tokens"), (true, "7", "Tokens expire within 7 days")];

/// How long nobody has signed in, by its parameter and its words.
pub(super) const QUIET: [(Option<u16>, &str, &str); 4] = [
    (None, "", "Any last sign-in"),
    (Some(30), "30", "No sign-in for 30 days"),
    (Some(90), "90", "No sign-in for 90 days"),
    (Some(180), "180", "No sign-in for 180 days"),
];

/// Longest text to search for, in characters: the longest e-mail address fits.
const LONGEST_SEARCH: usize = 254;

/// The parameters of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// What to look for, as it was typed.
    pub(super) typed: String,
    /// Which accounts.
    pub(super) wanted: Wanted,
}

impl Parameters {
    /// Reads a query; what it does not know it passes over.
    pub(super) fn read(query: &str) -> Self {
        let mut read = Self::default();
        let wanted = &mut read.wanted;
        let place = |value: &str, of: fn(_) -> Place| cursor::parse_account(value).map_or(Place::First, of);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "q" => {
                    let shown = value.chars().filter(|character| !character.is_control());
                    let shown: String = shown.take(LONGEST_SEARCH).collect();
                    shown.trim().clone_into(&mut read.typed);
                }
                "status" => {
                    let known = STATUSES.iter().find(|(_, code, _)| *code == value);
                    wanted.which = known.map_or_else(Which::default, |(which, ..)| *which);
                }
                "plan" => wanted.plan = Some(value.into_owned()).filter(|plan| !plan.is_empty()),
                "expiring" => wanted.expiring = value == "7",
                "quiet" => {
                    let known = QUIET.iter().find(|(_, code, _)| *code == value);
                    wanted.quiet_days = known.and_then(|(days, ..)| *days);
                }
                "after" => wanted.place = place(&value, Place::After),
                "before" => wanted.place = place(&value, Place::Before),
                _ => {}
            }
        }
        read.wanted.search.clone_from(&read.typed);
        read
    }

    /// The address with these parameters, as short as can be.
    pub(super) fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        let wanted = &self.wanted;
        add("q", &self.typed);
        let status = STATUSES.iter().find(|(which, ..)| *which == wanted.which);
        add("status", status.map_or("", |(_, code, _)| code));
        add("plan", wanted.plan.as_deref().unwrap_or_default());
        add("expiring", if wanted.expiring { "7" } else { "" });
        let quiet = QUIET.iter().find(|(days, ..)| *days == wanted.quiet_days);
        add("quiet", quiet.map_or("", |(_, code, _)| code));
        match &wanted.place {
            Place::First => {}
            Place::After(key) => add("after", &cursor::account(key)),
            Place::Before(key) => add("before", &cursor::account(key)),
        }
        match query.finish() {
            query if query.is_empty() => "/staff/accounts".to_owned(),
            query => format!("/staff/accounts?{query}"),
        }
    }

    /// The same from another place on.
    pub(super) fn at(&self, place: Place) -> Self {
        let mut other = self.clone();
        other.wanted.place = place;
        other
    }

    /// The same without a search, from its beginning.
    pub(super) fn unsearched(&self) -> Self {
        let mut other = self.at(Place::First);
        other.typed.clear();
        other.wanted.search.clear();
        other
    }

    /// Whether anything but a search limits the list.
    pub(super) fn is_filtered(&self) -> bool {
        let wanted = &self.wanted;
        wanted.which != Which::All || wanted.plan.is_some() || wanted.expiring || wanted.quiet_days.is_some()
    }

    /// Where an account is made that has what was searched for; empty when that is nothing an account can have.
    pub(super) fn create_address(&self) -> String {
        let typed = self.typed.to_lowercase();
        let field = if typed.parse::<Username>().is_ok() {
            "username"
        } else if typed.parse::<SiteName>().is_ok() {
            "sites"
        } else if typed.parse::<EmailAddress>().is_ok() {
            "email"
        } else {
            return String::new();
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(field, &typed);
        format!("/staff/accounts/new?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        for query in [
            "",
            "?q=a+%26+b&status=suspended&plan=gold+%26+more&expiring=7&quiet=90",
            "?status=active&after=priya.1795435200000000",
            "?quiet=30&before=a1.1795435200000001",
        ] {
            let parameters = Parameters::read(query.trim_start_matches('?'));
            assert_eq!(parameters.address(), format!("/staff/accounts{query}"));
        }
    }

    #[test]
    fn what_is_not_known_is_the_default() {
        let odd = Parameters::read("status=%00&plan=&expiring=x&quiet=31&after=&before=A..&colour=red&q=%0a");
        assert_eq!(odd, Parameters::default());
    }

    #[test]
    fn a_search_may_mean_a_new_account() {
        let create = |typed: &str| Parameters::read(&format!("q={typed}")).create_address();
        assert_eq!(create("Priya"), "/staff/accounts/new?username=priya");
        assert_eq!(create("shop.example"), "/staff/accounts/new?sites=shop.example");
        assert_eq!(create("a%40b.example"), "/staff/accounts/new?email=a%40b.example");
        assert_eq!(create("%25"), "");
    }
}
