//! The decision: may this token do this, now, from here? One pure function, [`decide`], for enforcement, for trying
//! out and for replaying past requests.
//!
//! It is told plain facts. How a token is stored, how its secret was found right, how addresses compare and which
//! route a path belongs to is known elsewhere; so is every word that people read about a refusal.

use std::net::IpAddr;

use time::{Duration, PrimitiveDateTime};

use super::scope::ScopeSet;

mod refusal;
mod route;

pub use refusal::{Reason, Refusal, UnknownReason};
pub use route::RouteRefusal;

/// Whether somebody has switched the token off. That time has passed is [`TokenFacts::expires_at`]'s matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Neither paused nor revoked.
    Active,
    /// Switched off until it is resumed.
    Paused,
    /// Ended for good.
    Revoked,
}

/// How far a token's sites reach, seen from the site that the request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteReach {
    /// Every site of the account, also future ones.
    All,
    /// Named sites only.
    Named {
        /// Whether the requested site is one of them; meaningless when the request is about no single site.
        requested: bool,
    },
}

/// What is known about the token whose secret was presented and found right.
#[derive(Debug, Clone, Copy)]
pub struct TokenFacts<'a> {
    /// Paused, revoked or neither.
    pub life: Life,
    /// The first instant (UTC) at which it is no longer good; none: it never expires.
    pub expires_at: Option<PrimitiveDateTime>,
    /// The first instant (UTC) at which the presented secret is no longer good: the end of a rotation's overlap
    /// for the outgoing secret, none for the current one.
    pub secret_ends_at: Option<PrimitiveDateTime>,
    /// Its scopes with all that they imply, full access written out: what `Catalogue::closure` returns.
    pub scopes: &'a ScopeSet,
    /// Whether it may be used from the request's address. False when it is limited and the address is not known.
    pub address_allowed: bool,
    /// Its sites.
    pub sites: SiteReach,
}

/// What is known about the account that the token belongs to.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Whether the account is suspended.
    pub suspended: bool,
    /// What its plan allows at this moment, with all that is implied, full access written out.
    pub plan_scopes: &'a ScopeSet,
    /// Whether the requested site is one of its sites; meaningless when the request is about no single site.
    pub owns_requested_site: bool,
}

/// What the request is about: the thing that a token's sites limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// One site, by its name.
    Site(&'a str),
    /// No site is named and the scopes are about sites, so it may touch any of them. A token for named sites is
    /// refused: otherwise its limit would hold only where the caller is kind enough to name a site.
    AnySite,
    /// The scopes are not about sites (`Catalogue::about_sites` is false): a token's sites do not matter.
    Account,
}

/// What the request wants.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// To do what needs these scopes.
    Access {
        /// All of them are needed. Never full access, which nothing can need.
        scopes: &'a ScopeSet,
        /// Where.
        place: Place<'a>,
    },
    /// Something that the catalogue has no route for, so that what it needs is not known.
    NoRoute(RouteRefusal),
}

/// One request made with a token.
#[derive(Debug, Clone, Copy)]
pub struct AccessRequest<'a> {
    /// The address it came from, if it is known. Only repeated in the refusal; whether it is allowed is a fact
    /// about the token.
    pub from: Option<IpAddr>,
    /// What it wants.
    pub wanted: Wanted<'a>,
    /// How long the token has to wait because it has made all the calls that it may make in a minute; none: it may make
    /// one now.
    pub wait: Option<Duration>,
}

/// The answer to one request: allowed, or everything that stands against it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    refusals: Vec<Refusal>,
}

impl Decision {
    /// Whether nothing stands against it.
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }

    /// What is logged, counted and answered with when there is room for one reason only.
    pub fn first(&self) -> Option<&Refusal> {
        self.refusals.first()
    }

    /// Everything that stands against it, in the order of [`Reason`]; each reason at most once.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

/// Decides one request. `now` is UTC.
///
/// What a token may do is the intersection of its scopes with what the plan allows. Nothing stops at the first
/// refusal: the order is that of [`Reason`], the list is complete. An allowed request allocates nothing.
pub fn decide(
    token: &TokenFacts<'_>,
    account: &AccountFacts<'_>,
    request: &AccessRequest<'_>,
    now: PrimitiveDateTime,
) -> Decision {
    let mut refusals = Vec::new();
    match token.life {
        Life::Active => {}
        Life::Paused => refusals.push(Refusal::Paused),
        Life::Revoked => refusals.push(Refusal::Revoked),
    }
    if let Some(at) = token.expires_at.filter(|at| *at <= now) {
        refusals.push(Refusal::Expired { at });
    }
    if let Some(at) = token.secret_ends_at.filter(|at| *at <= now) {
        refusals.push(Refusal::SecretReplaced { at });
    }
    if account.suspended {
        refusals.push(Refusal::AccountSuspended);
    }
    if !token.address_allowed {
        refusals.push(Refusal::AddressNotAllowed { from: request.from });
    }
    match request.wanted {
        Wanted::NoRoute(reason) => refusals.push(Refusal::NoSuchRoute(reason)),
        Wanted::Access { scopes, place } => {
            if !token.scopes.includes(scopes) {
                refusals.push(Refusal::MissingScopes(scopes.difference(token.scopes)));
            }
            if !account.plan_scopes.includes(scopes) {
                refusals.push(Refusal::PlanExcludesScopes(scopes.difference(account.plan_scopes)));
            }
            refusals.extend(site_refusal(token.sites, account.owns_requested_site, place));
        }
    }
    if let Some(retry_after) = request.wait {
        refusals.push(Refusal::TooManyCalls { retry_after });
    }
    Decision { refusals }
}

/// Whether a site that is not the token's belongs to the account is not told: a token for one site is no means to
/// find out which others there are.
fn site_refusal(reach: SiteReach, owned: bool, place: Place<'_>) -> Option<Refusal> {
    match (place, reach) {
        (Place::Account, _) | (Place::AnySite, SiteReach::All) => None,
        (Place::AnySite, SiteReach::Named { .. }) => Some(Refusal::SiteRequired),
        (Place::Site(site), SiteReach::Named { requested: false }) => Some(Refusal::SiteNotAllowed(site.to_owned())),
        (Place::Site(site), _) => (!owned).then(|| Refusal::NoSuchSite(site.to_owned())),
    }
}

#[cfg(test)]
pub(crate) mod model;
#[cfg(test)]
mod tests;
