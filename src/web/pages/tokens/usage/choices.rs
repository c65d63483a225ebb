//! What the page of a token's usage can be narrowed to.

use super::{Parameters, why};
use crate::{
    domain::{
        decision::Reason,
        usage::{ALLOWED, OTHER},
    },
    store::usage::{OutcomeFilter, UsageChoices, UsageFilter},
    web::words::Reader,
};

/// What `outcome` says when any refusal will do.
const REFUSED: &str = "refused";

/// One thing to choose.
pub(super) struct Select {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    /// Value, words, and whether it is the one that is chosen.
    pub(super) options: Vec<(String, String, bool)>,
}

impl Parameters {
    /// The calls that are asked for; what cannot be read asks for nothing.
    pub(super) fn filter(&self) -> UsageFilter {
        let outcome = match self.outcome.as_str() {
            ALLOWED => OutcomeFilter::Allowed,
            REFUSED => OutcomeFilter::Refused,
            other => other.parse().map_or(OutcomeFilter::All, OutcomeFilter::Because),
        };
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        UsageFilter {
            outcome,
            route: text(&self.call),
            site: text(&self.site),
            address: text(&self.from),
        }
    }

    /// Whether not every call is asked for.
    pub(super) fn is_filter(&self) -> bool {
        self.filter() != UsageFilter::default()
    }

    /// The same choice on another page, as an address has it.
    pub(super) fn question(&self, page: i64) -> String {
        let parameters = Self {
            page: if page > 1 { page.to_string() } else { String::new() },
            ..self.clone()
        };
        let query = serde_html_form::to_string(&parameters).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// What somebody can choose from, and has chosen.
pub(super) struct Choices<'a> {
    pub(super) reader: Reader,
    pub(super) chosen: &'a Parameters,
    pub(super) offered: &'a UsageChoices,
}

impl Choices<'_> {
    /// Whatever has more than one thing to choose from, or one that was chosen.
    pub(super) fn selects(&self) -> Vec<Select> {
        let plain = |text: &str| text.to_owned();
        let (chosen, offered) = (self.chosen, self.offered);
        let all = [
            self.answers(),
            select("call", "Call", "Every call", &chosen.call, &offered.routes, plain),
            select("site", "Site", "Every site", &chosen.site, &offered.sites, site_words),
            select(
                "from",
                "From",
                "Every address",
                &chosen.from,
                &offered.addresses,
                address_words,
            ),
        ];
        all.into_iter().flatten().collect()
    }

    fn answers(&self) -> Option<Select> {
        let reasons: Vec<Reason> = self
            .offered
            .outcomes
            .iter()
            .filter_map(|code| code.parse().ok())
            .collect();
        let because = |reason: &Reason| (reason.code().to_owned(), why(self.reader, *reason).to_owned());
        let mut answers = vec![
            (ALLOWED.to_owned(), "Allowed".to_owned()),
            (REFUSED.to_owned(), "Refused".to_owned()),
        ];
        answers.extend(reasons.iter().map(because));
        let chosen = &self.chosen.outcome;
        let is_wanted = !chosen.is_empty() || !reasons.is_empty();
        is_wanted.then(|| Select {
            id: "outcome",
            label: "Answer",
            options: options("Every answer", chosen, answers),
        })
    }
}

fn select(
    id: &'static str,
    label: &'static str,
    every: &str,
    chosen: &str,
    offered: &[String],
    words: fn(&str) -> String,
) -> Option<Select> {
    let mut offered: Vec<&str> = offered
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    if !chosen.is_empty() && !offered.contains(&chosen) {
        offered.push(chosen);
    }
    let is_wanted = offered.len() > 1 || !chosen.is_empty();
    let offered = offered.iter().map(|text| ((*text).to_owned(), words(text)));
    is_wanted.then(|| Select {
        id,
        label,
        options: options(every, chosen, offered.collect()),
    })
}

fn options(every: &str, chosen: &str, offered: Vec<(String, String)>) -> Vec<(String, String, bool)> {
    let first = (String::new(), every.to_owned(), chosen.is_empty());
    let offered = offered.into_iter().map(|(value, words)| {
        let is_chosen = value == chosen;
        (value, words, is_chosen)
    });
    std::iter::once(first).chain(offered).collect()
}

/// A site; those that there was no room for are not named.
pub(super) fn site_words(site: &str) -> String {
    if site == OTHER { "Other sites" } else { site }.to_owned()
}

/// An address; those that there was no room for are not named.
pub(super) fn address_words(address: &str) -> String {
    if address == OTHER { "Other addresses" } else { address }.to_owned()
}
