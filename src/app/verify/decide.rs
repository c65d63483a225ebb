//! Deciding requests made with a verified token.

use std::{net::IpAddr, sync::Arc};

use super::{Verified, patiently};
use crate::{
    app::{App, AppError},
    catalogue::Catalogue,
    domain::{
        decision::{AccessRequest, AccountFacts, Decision, Life, RouteRefusal, SiteReach, TokenFacts, Wanted, decide},
        scope::ScopeSet,
        site::{SiteName, SiteSet},
        token,
        usage::SecretGeneration,
    },
    store,
};

/// What somebody with a token asks for.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A request to a service of the hosting company; what it needs is in the catalogue.
    Request {
        /// The method, as the request writes it.
        method: &'a str,
        /// As in the `Host` header; none: any host.
        host: Option<&'a str>,
        /// The request target as it was received, not decoded, with or without a query.
        target: &'a str,
    },
    /// Whatever needs these scopes.
    Scopes {
        /// All of them are needed; every one is in the catalogue.
        scopes: &'a ScopeSet,
        /// On this site; none: on no single site.
        site: Option<&'a str>,
    },
}

/// A decision, and what it was about.
#[derive(Debug)]
pub struct Ruling {
    /// The decision.
    pub decision: Decision,
    /// Method and path template, when the catalogue has a route for what was asked.
    pub route: Option<Arc<str>>,
    /// Id of the service that the route belongs to.
    pub service: Option<String>,
    /// Everything that is needed; empty when the catalogue has no route.
    pub required: ScopeSet,
    /// The site that it is about, in normal form where it is a domain name.
    pub site: Option<String>,
    /// Whether the token's sites include it, when it is about one.
    pub site_allowed: Option<bool>,
}

/// Whether the token may be used at all, now and from this address: its life, its expiry, its account, its addresses.
/// For calls that need no scope.
pub fn standing(app: &App, verified: &Verified, from: IpAddr) -> Ruling {
    stand(app, verified, from, Calls::Free)
}

/// [`standing`] for a call that counts among those that the token may make in a minute.
pub fn standing_for_a_call(app: &App, verified: &Verified, from: IpAddr) -> Ruling {
    stand(app, verified, from, Calls::Limited)
}

fn stand(app: &App, verified: &Verified, from: IpAddr, calls: Calls) -> Ruling {
    let nothing = ScopeSet::empty();
    let wish = Wish {
        needed: Ok(&nothing),
        route: None,
        site: None,
    };
    wish.rule(app, verified, false, (from, calls))
}

/// Whether a request counts among those that the token may make in a minute.
#[derive(Clone, Copy)]
pub(super) enum Calls {
    Free,
    Limited,
}

/// Decides a request made with a token that was verified before. Reads the database once more when it is about a site.
///
/// Errors when the database cannot be reached: never to be taken for a "yes".
pub async fn decide_for(app: &App, verified: &Verified, from: IpAddr, asked: Asked<'_>) -> Result<Ruling, AppError> {
    let wish = Wish::of(&app.catalogue, asked);
    let token = verified.token();
    let owned = match wish.site() {
        // Whose a site is that the token does not reach, the decision does not say.
        Some(site) if token.sites.contains(site) => {
            let (account, site) = (token.account, site.clone());
            let reading = app
                .store
                .read(move |connection| store::accounts::owns_site(connection, account, &site));
            patiently(reading).await?
        }
        _ => false,
    };
    Ok(wish.rule(app, verified, owned, (from, Calls::Limited)))
}

/// What is asked for, as far as the catalogue alone can tell: the token and the database come later.
pub(super) struct Wish<'a> {
    needed: Result<&'a ScopeSet, RouteRefusal>,
    /// The label of the route, and the service that has it.
    route: Option<(&'a Arc<str>, &'a str)>,
    site: Option<AskedSite>,
}

/// The site that a request is about. What is no domain name is no site of anybody, whatever the token's sites are.
enum AskedSite {
    Named(SiteName),
    Unnamable(String),
}

impl AskedSite {
    fn new(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Unnamable(text.to_owned()), Self::Named)
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Named(name) => name.as_str(),
            Self::Unnamable(text) => text,
        }
    }

    fn is_in(&self, sites: &SiteSet) -> bool {
        match self {
            Self::Named(name) => sites.contains(name),
            Self::Unnamable(_) => *sites == SiteSet::All,
        }
    }
}

impl<'a> Wish<'a> {
    pub(super) fn of(catalogue: &'a Catalogue, asked: Asked<'a>) -> Self {
        match asked {
            Asked::Scopes { scopes, site } => Self {
                needed: Ok(scopes),
                route: None,
                site: site.map(AskedSite::new),
            },
            Asked::Request { method, host, target } => match catalogue.route(host, method, target) {
                Err(refused) => Self {
                    needed: Err(refused),
                    route: None,
                    site: None,
                },
                Ok(route) => Self {
                    needed: Ok(route.scopes),
                    route: Some((route.label, route.service)),
                    site: route.site.as_deref().map(AskedSite::new),
                },
            },
        }
    }

    /// The site whose owner has to be known.
    pub(super) fn site(&self) -> Option<&SiteName> {
        match &self.site {
            Some(AskedSite::Named(name)) => Some(name),
            _ => None,
        }
    }

    /// Decides. `owned` says whether the token's account has [`Wish::site`].
    pub(super) fn rule(self, app: &App, verified: &Verified, owned: bool, asker: (IpAddr, Calls)) -> Ruling {
        let in_token = self.site.as_ref().map(|site| site.is_in(&verified.token().sites));
        let site = self.site.as_ref().map(AskedSite::as_str);
        let wanted = match self.needed {
            Err(refused) => Wanted::NoRoute(refused),
            Ok(scopes) => Wanted::Access {
                scopes,
                place: app.catalogue.place(scopes, site),
            },
        };
        let reached = in_token == Some(true);
        let decision = decided(app, verified, asker, (reached, owned), wanted);
        Ruling {
            decision,
            route: self.route.map(|(label, _)| Arc::clone(label)),
            service: self.route.map(|(_, service)| service.to_owned()),
            required: self.needed.map_or_else(|_| ScopeSet::empty(), Clone::clone),
            site: site.map(str::to_owned),
            site_allowed: in_token,
        }
    }
}

/// Tells the decision all that it looks at; of the site that it is about, whether the token reaches it and whether the
/// account has it.
fn decided(
    app: &App,
    verified: &Verified,
    (from, calls): (IpAddr, Calls),
    (reached, owned): (bool, bool),
    wanted: Wanted<'_>,
) -> Decision {
    let token = verified.token();
    let nothing = ScopeSet::empty();
    let needed = match wanted {
        Wanted::Access { scopes, .. } => scopes,
        Wanted::NoRoute(_) => &nothing,
    };
    // What is listed is in the closure too, so it is made only where it can make a difference. Full access is every scope
    // of the catalogue and no other.
    let closure = |scopes: &ScopeSet| {
        if !scopes.is_full() && scopes.includes(needed) {
            scopes.clone()
        } else {
            app.catalogue.closure(scopes)
        }
    };
    let (scopes, plan_scopes) = (closure(&token.scopes), closure(&token.plan_scopes));
    let token_facts = TokenFacts {
        life: life(token.life),
        expires_at: token.expiry.instant(),
        secret_ends_at: match verified.generation {
            SecretGeneration::Current => None,
            SecretGeneration::Previous => token.outgoing.as_ref().map(|outgoing| outgoing.until),
        },
        scopes: &scopes,
        address_allowed: token.addresses.contains(from),
        sites: match token.sites {
            SiteSet::All => SiteReach::All,
            SiteSet::Named(_) => SiteReach::Named { requested: reached },
        },
    };
    let account_facts = AccountFacts {
        suspended: token.suspended,
        plan_scopes: &plan_scopes,
        owns_requested_site: owned,
    };
    let request = AccessRequest {
        from: Some(from),
        wanted,
        wait: None,
    };
    let now = app.now();
    let decision = decide(&token_facts, &account_facts, &request, now);
    let limit = match calls {
        Calls::Free => None,
        Calls::Limited => app.call_limits.of(token.plan),
    };
    // A call that is refused anyway takes none of those that the token may make.
    match app.usage.wait(token.id, limit, now, decision.is_allowed()) {
        None => decision,
        wait => decide(&token_facts, &account_facts, &AccessRequest { wait, ..request }, now),
    }
}

fn life(life: token::Life) -> Life {
    match life {
        token::Life::Live => Life::Active,
        token::Life::Paused { .. } => Life::Paused,
        token::Life::Revoked { .. } => Life::Revoked,
    }
}
