//! What the address of the audit page says.

use time::{Date, Duration};

use crate::{
    app::audit::search::{Group, Wanted},
    clock::TimeZone,
    domain::secret::{TokenSecret, holds_token},
    web::times,
};

/// What events are about: by the word in the address and in words.
pub(in crate::web) const GROUPS: [(Option<Group>, &str, &str); 8] = [
    (None, "all", "Everything"),
    (Some(Group::Tokens), "tokens", "Tokens"),
    (Some(Group::Security), "security", "Sign-in and passwords"),
    (Some(Group::Accounts), "accounts", "Accounts"),
    (Some(Group::Staff), "staff", "Staff members and notes"),
    (Some(Group::Rules), "rules", "Plans, policy and keys"),
    (Some(Group::Runs), "runs", "Incidents"),
    (Some(Group::Audit), "audit", "Exports"),
];

/// Who did something: by the word in the address and in words.
pub(in crate::web) const ACTORS: [(&[&str], &str, &str); 7] = [
    (&[], "all", "Anybody"),
    (&["account"], "customers", "Customers"),
    (&["staff"], "staff", "Staff"),
    (&["token"], "tokens", "Tokens"),
    (&["finder"], "finders", "Finders of tokens"),
    (&["shell"], "shell", "Command line"),
    (&["system"], "latchkey", "Latchkey"),
];

/// Longest text that is looked for.
const TEXT: usize = 200;

/// An entry of a choice: its code, its words, and whether it is the chosen one.
pub(super) type Choice = (&'static str, &'static str, bool);

pub(super) fn choices<T>(known: &[(T, &'static str, &'static str)], chosen: usize) -> Vec<Choice> {
    let numbered = known.iter().enumerate();
    numbered
        .map(|(place, (_, code, words))| (*code, *words, place == chosen))
        .collect()
}

/// What the address says. An unknown value is the default, so that an old bookmark never becomes an error.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    pub(super) text: String,
    pub(super) group: usize,
    pub(super) actor: usize,
    pub(super) since: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) before: String,
    /// Whether a whole token stands in the address.
    pub(super) has_secret: bool,
}

impl Parameters {
    pub(super) fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "q" => {
                    read.text = text(&value);
                    read.has_secret = holds_token(&value);
                }
                "kind" => read.group = GROUPS.iter().position(|(_, code, _)| *code == value).unwrap_or(0),
                "by" => read.actor = ACTORS.iter().position(|(_, code, _)| *code == value).unwrap_or(0),
                "since" => read.since = times::parse_day(&value),
                "until" => read.until = times::parse_day(&value),
                "before" => read.before = value.into_owned(),
                _ => {}
            }
        }
        read
    }

    pub(super) fn wanted(&self, zone: &TimeZone) -> Wanted {
        let end_of = |day| zone.end_of_day(day) + Duration::SECOND;
        Wanted {
            text: self.text.clone(),
            actions: GROUPS[self.group].0.map(Group::actions).unwrap_or_default(),
            actor_kinds: ACTORS[self.actor].0.to_vec(),
            since: self.since.and_then(Date::previous_day).map(end_of),
            until: self.until.map(end_of),
            ..Wanted::default()
        }
    }

    /// The same events as parameters, without where the page begins.
    pub(super) fn query(&self) -> String {
        self.address("", None).trim_start_matches('?').to_owned()
    }

    /// The address of the same events, from `before` on.
    pub(super) fn address(&self, path: &str, before: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        if self.group > 0 {
            query.append_pair("kind", GROUPS[self.group].1);
        }
        if self.actor > 0 {
            query.append_pair("by", ACTORS[self.actor].1);
        }
        for (name, day) in [("since", self.since), ("until", self.until)] {
            if let Some(day) = day {
                query.append_pair(name, &times::iso_day(day));
            }
        }
        if let Some(before) = before {
            query.append_pair("before", before);
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    pub(super) fn is_filtered(&self) -> bool {
        !self.text.is_empty() || self.group > 0 || self.actor > 0 || self.since.is_some() || self.until.is_some()
    }
}

/// What is looked for. Of a whole token only the public id: no link of the page repeats a secret.
fn text(typed: &str) -> String {
    let typed = typed.trim();
    if let Ok(secret) = TokenSecret::parse(typed) {
        return secret.public_id().to_string();
    }
    if holds_token(typed) || typed.contains('\0') {
        return String::new();
    }
    typed.chars().take(TEXT).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn days_begin_and_end_in_the_zone() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        let wanted = Parameters::read("since=2026-11-23&until=2026-11-23&by=staff").wanted(&zone);
        assert_eq!(wanted.since, Some(datetime!(2026-11-22 18:30)));
        assert_eq!(wanted.until, Some(datetime!(2026-11-23 18:30)));
        assert_eq!(wanted.actor_kinds, ["staff"]);
    }

    #[test]
    fn a_whole_token_is_looked_for_by_its_public_id() {
        let pasted = "q=+lk_EXAMPLE1_0000000000000000000000000000000019WjLP+";
        assert_eq!(Parameters::read(pasted).query(), "q=EXAMPLE1");
        let odd = Parameters::read("kind=x&by=&since=2026-02-30&colour=red");
        assert!(!odd.is_filtered() && odd.query().is_empty());
    }
}
