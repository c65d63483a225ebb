//! A token as it is answered: written as it is asked for, so that what was read can be sent back changed.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::{
    bearer::Holder,
    problem::list,
    reference::shape::{AddressRange, EtagText, GrantedScope, Instant, ScopeName, SiteName, TokenId},
    revision::Etag,
    v1_token::{Used, word},
};
use crate::{
    app::App,
    domain::{
        address::AddressSet,
        scope::ScopeSet,
        secret::PublicId,
        site::SiteSet,
        token::{Life, PausedBy, Token},
    },
    web::times::iso,
};

/// A token of the account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
pub struct TokenDocument {
    /// Its public id.
    #[schemars(with = "TokenId")]
    id: PublicId,
    /// Its name.
    name: String,
    /// What it is for; empty when nothing was said.
    description: String,
    /// Whether it works, and how it is used.
    status: &'static str,
    /// What was chosen for it; * for everything that the account's plan allows.
    #[schemars(with = "Vec<GrantedScope>")]
    scopes: Vec<String>,
    /// What follows from that and the plan allows now.
    #[schemars(with = "Vec<ScopeName>")]
    effective_scopes: Vec<String>,
    /// The sites that it is for.
    sites: Sites,
    /// From where it may be used.
    addresses: Addresses,
    /// When it was made.
    #[schemars(with = "Instant")]
    created_at: String,
    /// Who made it.
    created_by: String,
    /// When it expires; null when it never does.
    #[schemars(with = "Option<Instant>")]
    expires_at: Option<String>,
    /// Who paused it, owner or staff; null when nobody did.
    paused_by: Option<&'static str>,
    /// When it was revoked; null when it was not.
    #[schemars(with = "Option<Instant>")]
    revoked_at: Option<String>,
    /// Its last use; null when there was none.
    last_used: Option<Used>,
    /// The secret that it has now.
    secret: SecretDocument,
    /// The secret before it, while that goes on working; null when it does not.
    outgoing_secret: Option<OutgoingDocument>,
    /// What to send as If-Match with a change of it.
    #[schemars(with = "EtagText")]
    etag: String,
}

/// The sites of a token: all of the account, also those to come, or these.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Sites {
    /// All of them.
    All(All),
    /// These.
    Named(#[schemars(with = "Vec<SiteName>")] Vec<String>),
}

/// The word for all sites.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "AllSites")]
pub enum All {
    /// All of them.
    All,
}

/// From where a token may be used: any address, or these.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Addresses {
    /// From everywhere.
    Any(Any),
    /// From these.
    Ranges(#[schemars(with = "Vec<AddressRange>")] Vec<String>),
}

/// The word for any address.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "AnyAddress")]
pub enum Any {
    /// From everywhere.
    Any,
}

/// The secret of a token, as far as it is ever told again.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CurrentSecret")]
struct SecretDocument {
    /// Its last four characters.
    last4: String,
    /// When it was made.
    #[schemars(with = "Instant")]
    issued_at: String,
    /// Its last use; null when there was none.
    last_used: Option<Used>,
}

/// The secret of a token that a rotation replaced.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OutgoingSecret")]
struct OutgoingDocument {
    /// Its last four characters.
    last4: String,
    /// Until when it works.
    #[schemars(with = "Instant")]
    valid_until: String,
    /// Its last use; null when there was none.
    last_used: Option<Used>,
}

/// Scopes as they are asked for: `*`, or one after another.
pub fn granted(scopes: &ScopeSet) -> Vec<String> {
    if scopes.is_full() {
        vec![ScopeSet::FULL.to_owned()]
    } else {
        list(scopes)
    }
}

impl TokenDocument {
    /// A token of the account of the holder's token.
    pub fn new(holder: &Holder, token: &Token) -> Self {
        let known = holder.verified.token();
        Self::of(&holder.call.app, token, &known.plan_scopes, known.suspended)
    }

    /// A token of an account whose plan allows `plan_scopes`.
    pub fn of(app: &App, token: &Token, plan_scopes: &ScopeSet, suspended: bool) -> Self {
        let (catalogue, now) = (&app.catalogue, app.now());
        let effective = catalogue
            .closure(&token.scopes)
            .intersection(&catalogue.closure(plan_scopes));
        let outgoing = token.overlap(now).map(|rotation| OutgoingDocument {
            last4: rotation.last4.clone(),
            valid_until: iso(rotation.until),
            last_used: rotation.last_use.map(Used::new),
        });
        Self {
            id: token.public_id,
            name: token.name.to_string(),
            description: token.description.to_string(),
            status: word(token.status(suspended, now)),
            scopes: granted(&token.scopes),
            effective_scopes: list(&effective),
            sites: Sites::from(&token.sites),
            addresses: Addresses::from(&token.addresses),
            created_at: iso(token.created_at),
            created_by: token.created_by.clone(),
            expires_at: token.expiry.instant().map(iso),
            paused_by: match token.life {
                Life::Paused { by, .. } => Some(side(by)),
                Life::Live | Life::Revoked { .. } => None,
            },
            revoked_at: match token.life {
                Life::Revoked { at } => Some(iso(at)),
                Life::Live | Life::Paused { .. } => None,
            },
            last_used: token.last_use.map(Used::new),
            secret: SecretDocument {
                last4: token.last4.clone(),
                issued_at: iso(token.secret_issued_at),
                last_used: token.secret_use.map(Used::new),
            },
            outgoing_secret: outgoing,
            etag: Etag(token.revision).to_string(),
        }
    }
}

fn side(by: PausedBy) -> &'static str {
    match by {
        PausedBy::Owner => "owner",
        PausedBy::Staff => "staff",
    }
}

impl From<&SiteSet> for Sites {
    fn from(sites: &SiteSet) -> Self {
        match sites {
            SiteSet::All => Self::All(All::All),
            SiteSet::Named(names) => Self::Named(names.iter().map(ToString::to_string).collect()),
        }
    }
}

impl From<&AddressSet> for Addresses {
    fn from(addresses: &AddressSet) -> Self {
        if addresses.is_any() {
            Self::Any(Any::Any)
        } else {
            Self::Ranges(addresses.iter().map(ToString::to_string).collect())
        }
    }
}
