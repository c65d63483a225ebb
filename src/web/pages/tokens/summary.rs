//! What a token is, may do and where, as review and answer show it: each part in words, nothing shortened.

use super::fields::risk_word;
use crate::{
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{draft::Draft, site::SiteSet, token::Expiry},
    web::{
        times::{self, When},
        words::capitalised,
    },
};

/// One ability.
#[derive(Clone, Debug)]
pub struct Ability {
    /// "Create backups".
    pub label: String,
    /// `low`, `medium` or `high`.
    pub risk: &'static str,
}

/// The parts of a token.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// Whether it has full access.
    pub full: bool,
    /// What it can do, with what is implied.
    pub abilities: Vec<Ability>,
    /// Whether sites limit what it can do.
    pub about_sites: bool,
    /// Its sites, unless they are all.
    pub sites: Option<Vec<String>>,
    /// Its addresses, unless any will do.
    pub addresses: Option<Vec<String>>,
    /// Its last instant, unless it never expires.
    pub until: Option<When>,
    /// The same in UTC, where the account has another zone.
    pub until_utc: String,
}

impl Summary {
    /// The parts of a token with this content, with times in `zone`.
    pub fn of(catalogue: &Catalogue, draft: &Draft, zone: &TimeZone) -> Self {
        let closed = catalogue.closure(&draft.scopes);
        let entries = catalogue.areas().iter().flat_map(|area| &area.scopes);
        let held = entries.filter(|entry| !draft.scopes.is_full() && closed.contains(&entry.scope));
        let abilities = held.map(|entry| Ability {
            label: capitalised(&entry.can),
            risk: risk_word(entry.risk),
        });
        let until = match draft.expiry {
            Expiry::Never => None,
            Expiry::At(at) => Some((times::when(zone, at), times::when(&TimeZone::default(), at))),
        };
        let (until, utc) = until.unzip();
        Self {
            name: draft.name.to_string(),
            description: draft.description.to_string(),
            full: draft.scopes.is_full(),
            abilities: abilities.collect(),
            about_sites: catalogue.about_sites(&draft.scopes),
            sites: match &draft.sites {
                SiteSet::All => None,
                SiteSet::Named(names) => Some(names.iter().map(ToString::to_string).collect()),
            },
            addresses: (!draft.addresses.is_any()).then(|| draft.addresses.iter().map(ToString::to_string).collect()),
            until_utc: match (&until, utc) {
                (Some(local), Some(utc)) if local.text != utc.text => utc.text,
                _ => String::new(),
            },
            until,
        }
    }
}
