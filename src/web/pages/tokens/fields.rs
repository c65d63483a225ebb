//! The fields of a token's form, which making one and changing one share: what they send, how they are read, and how
//! they are shown.

mod expiry;
mod read;
mod show;

use serde::Deserialize;
use time::PrimitiveDateTime;

use crate::{
    app::tokens::content::Terms,
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        account::Account,
        scope::ScopeSet,
        site::SiteSet,
        token::{Expiry, Token},
    },
    web::times,
};

pub use expiry::{Lifetimes, Preset, Proposal, days_label, latest_day, proposal, read_expiry};
pub use read::{explain, read, read_addresses, read_name};
pub use show::{AreaField, Fields, ScopeField, SiteField, areas, risk_word};

/// What `where` says for all sites, and for those that are ticked.
pub const ALL_SITES: &str = "all";
/// See [`ALL_SITES`].
pub const SOME_SITES: &str = "some";
/// What `expires` says when a date follows in `date`.
pub const ON_DATE: &str = "date";
/// What `expires` says for a token that does not expire.
pub const NEVER: &str = "never";

/// What the form of a token sends. Each page adds what it needs and says with its own type where the form belongs.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenForm {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The scopes that are ticked; `*` for full access.
    pub scope: Vec<String>,
    /// [`ALL_SITES`] or [`SOME_SITES`].
    #[serde(rename = "where")]
    pub place: String,
    /// The sites that are ticked.
    pub site: Vec<String>,
    /// The addresses, as they were typed.
    pub addresses: String,
    /// Days, [`ON_DATE`] or [`NEVER`].
    pub expires: String,
    /// The date, as it was typed.
    pub date: String,
    /// Names the act of creation.
    pub creation_key: String,
    /// The revision of the token that the form shows.
    pub revision: String,
    /// Not empty: go back to the form instead of on.
    pub change: String,
    /// The password, where it is asked for. Never shown again.
    pub password: String,
}

impl TokenForm {
    /// The form filled in with a token as it is.
    pub fn of(token: &Token, zone: &TimeZone) -> Self {
        let (place, site) = match &token.sites {
            SiteSet::All => (ALL_SITES, Vec::new()),
            SiteSet::Named(names) => (SOME_SITES, names.iter().map(ToString::to_string).collect()),
        };
        let (expires, date) = match token.expiry {
            Expiry::Never => (NEVER, String::new()),
            Expiry::At(at) => (ON_DATE, times::iso_day(zone.local(at).date)),
        };
        let ranges: Vec<String> = token.addresses.iter().map(ToString::to_string).collect();
        Self {
            name: token.name.to_string(),
            description: token.description.to_string(),
            scope: scope_values(&token.scopes),
            place: place.to_owned(),
            site,
            addresses: if token.addresses.is_any() {
                String::new()
            } else {
                ranges.join("\n")
            },
            expires: expires.to_owned(),
            date,
            revision: token.revision.to_string(),
            ..Self::default()
        }
    }

    /// Every answer as a hidden field, but neither the password nor which button was pressed.
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        let single = [
            ("name", &self.name),
            ("description", &self.description),
            ("where", &self.place),
            ("addresses", &self.addresses),
            ("expires", &self.expires),
            ("date", &self.date),
            ("creation_key", &self.creation_key),
            ("revision", &self.revision),
        ];
        let filled = single.into_iter().filter(|(_, value)| !value.is_empty());
        let mut hidden: Vec<_> = filled.map(|(name, value)| (name, value.clone())).collect();
        hidden.extend(self.scope.iter().map(|scope| ("scope", scope.clone())));
        hidden.extend(self.site.iter().map(|site| ("site", site.clone())));
        hidden
    }
}

/// The values of the boxes that stand for a set of scopes.
pub fn scope_values(scopes: &ScopeSet) -> Vec<String> {
    if scopes.is_full() {
        return vec![ScopeSet::FULL.to_owned()];
    }
    scopes.iter().map(ToString::to_string).collect()
}

/// What a form is read and shown against.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// What there is to choose from.
    pub catalogue: &'a Catalogue,
    /// What the plan and the policy allow.
    pub terms: &'a Terms,
    /// Whose token it is.
    pub account: &'a Account,
    /// The account's zone.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: PrimitiveDateTime,
    /// The token that is to be changed; none when one is to be made.
    pub token: Option<&'a Token>,
}

impl Bounds<'_> {
    /// When the token was or will be made.
    pub fn created_at(&self) -> PrimitiveDateTime {
        self.token.map_or(self.now, |token| token.created_at)
    }
}
