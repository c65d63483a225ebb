//! Deciding requests made with a verified token.

use std::net::IpAddr;

use super::{Verified, patiently};
use crate::{
    app::{App, AppError},
    domain::{
        decision::{AccessRequest, AccountFacts, Decision, Life, Place, SiteReach, TokenFacts, Wanted, decide},
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
    pub route: Option<String>,
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
    let wanted = Wanted::Access {
        scopes: &nothing,
        place: Place::Account,
    };
    let decision = rule(app, verified, from, &Site::NONE, wanted, calls);
    Site::NONE.ruling(decision, ScopeSet::empty(), None)
}

/// Whether a request counts among those that the token may make in a minute.
#[derive(Clone, Copy)]
enum Calls {
    Free,
    Limited,
}

/// Decides a request. Reads the database once more when it is about a site.
///
/// Errors when the database cannot be reached: never to be taken for a "yes".
pub async fn decide_for(app: &App, verified: &Verified, from: IpAddr, asked: Asked<'_>) -> Result<Ruling, AppError> {
    match asked {
        Asked::Scopes { scopes, site } => {
            let site = Site::of(app, verified, site.map(str::to_owned)).await?;
            let wanted = Wanted::Access {
                scopes,
                place: app.catalogue.place(scopes, site.name.as_deref()),
            };
            let decision = rule(app, verified, from, &site, wanted, Calls::Limited);
            Ok(site.ruling(decision, scopes.clone(), None))
        }
        Asked::Request { method, host, target } => match app.catalogue.route(host, method, target) {
            Err(refused) => {
                let decision = rule(
                    app,
                    verified,
                    from,
                    &Site::NONE,
                    Wanted::NoRoute(refused),
                    Calls::Limited,
                );
                Ok(Site::NONE.ruling(decision, ScopeSet::empty(), None))
            }
            Ok(route) => {
                let site = Site::of(app, verified, route.site).await?;
                let wanted = Wanted::Access {
                    scopes: route.scopes,
                    place: app.catalogue.place(route.scopes, site.name.as_deref()),
                };
                let decision = rule(app, verified, from, &site, wanted, Calls::Limited);
                let method = if method == "HEAD" { "GET" } else { method };
                let named = (format!("{method} {}", route.template), route.service.to_owned());
                Ok(site.ruling(decision, route.scopes.clone(), Some(named)))
            }
        },
    }
}

/// The site that a request is about, and what there is to know of it.
struct Site {
    name: Option<String>,
    in_token: bool,
    owned: bool,
}

impl Site {
    const NONE: Self = Self {
        name: None,
        in_token: false,
        owned: false,
    };

    /// What is no domain name is no site of anybody, whatever the token's sites are.
    async fn of(app: &App, verified: &Verified, name: Option<String>) -> Result<Self, AppError> {
        let Some(name) = name else { return Ok(Self::NONE) };
        let token = verified.token();
        let Ok(site) = name.parse::<SiteName>() else {
            return Ok(Self {
                in_token: token.sites == SiteSet::All,
                name: Some(name),
                owned: false,
            });
        };
        let (name, in_token) = (Some(site.to_string()), token.sites.contains(&site));
        // Whose a site is that the token does not reach, the decision does not say.
        let owned = in_token && {
            let account = token.account;
            let reading = app
                .store
                .read(move |connection| store::accounts::owns_site(connection, account, &site));
            patiently(reading).await?
        };
        Ok(Self { name, in_token, owned })
    }

    fn ruling(self, decision: Decision, required: ScopeSet, route: Option<(String, String)>) -> Ruling {
        let (route, service) = route.unzip();
        Ruling {
            decision,
            route,
            service,
            required,
            site_allowed: self.name.is_some().then_some(self.in_token),
            site: self.name,
        }
    }
}

fn rule(app: &App, verified: &Verified, from: IpAddr, site: &Site, wanted: Wanted<'_>, calls: Calls) -> Decision {
    let (known, token) = (&verified.known, verified.token());
    let needs_scopes = matches!(wanted, Wanted::Access { scopes, .. } if !scopes.is_empty());
    // What needs no scope is not to pay for finding out which there are.
    let closure = |scopes| {
        if needs_scopes {
            app.catalogue.closure(scopes)
        } else {
            ScopeSet::empty()
        }
    };
    let (scopes, plan_scopes) = (closure(&token.scopes), closure(&known.plan_scopes));
    let token_facts = TokenFacts {
        life: life(token.life),
        expires_at: token.expiry.instant(),
        secret_ends_at: match verified.generation {
            SecretGeneration::Current => None,
            SecretGeneration::Previous => token.rotation.as_ref().map(|rotation| rotation.until),
        },
        scopes: &scopes,
        address_allowed: token.addresses.contains(from),
        sites: match token.sites {
            SiteSet::All => SiteReach::All,
            SiteSet::Named(_) => SiteReach::Named {
                requested: site.in_token,
            },
        },
    };
    let account_facts = AccountFacts {
        suspended: known.suspended,
        plan_scopes: &plan_scopes,
        owns_requested_site: site.owned,
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
        Calls::Limited => app.call_limits.of(known.plan),
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
