//! `/api/v1/token`: what the token that was sent is and may do, and its end.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use time::PrimitiveDateTime;

use super::{
    bearer::{Holder, unavailable},
    kind::Kind,
    problem::Problem,
};
use crate::{
    app::{AppError, Rule, tokens, verify::Verified},
    catalogue::{Catalogue, Risk},
    domain::{
        address::AddressSet,
        secret::PublicId,
        site::SiteSet,
        token::{LastUse, Status, Token},
        usage::SecretGeneration,
    },
    web::times::iso,
};

/// What a token is and may do.
#[derive(Serialize)]
struct TokenDocument<'a> {
    id: PublicId,
    name: &'a str,
    description: String,
    account: Account<'a>,
    status: &'static str,
    scopes: Scopes<'a>,
    sites: Sites<'a>,
    addresses: Addresses,
    created_at: String,
    expires_at: Option<String>,
    last_used: Option<Used>,
    secret: Secret<'a>,
    now: String,
}

#[derive(Serialize)]
struct Account<'a> {
    id: &'a str,
    username: &'a str,
}

/// `granted` is what was chosen, `effective` what follows from it and the plan allows now, `not_in_plan` the rest.
#[derive(Serialize)]
struct Scopes<'a> {
    granted: Vec<String>,
    effective: Vec<Permission<'a>>,
    not_in_plan: Vec<String>,
}

#[derive(Serialize)]
struct Permission<'a> {
    scope: &'a str,
    can: &'a str,
    risk: &'static str,
}

/// With `all`, sites to come are included and `names` is empty.
#[derive(Serialize)]
struct Sites<'a> {
    all: bool,
    names: Vec<&'a str>,
}

/// From where a token may be used. With `any`, `ranges` is empty.
#[derive(Serialize)]
pub struct Addresses {
    any: bool,
    ranges: Vec<String>,
}

#[derive(Serialize)]
struct Used {
    at: String,
    address: String,
}

/// The secret that was sent: the token's own, or the outgoing one of a rotation and until when it works.
#[derive(Serialize)]
struct Secret<'a> {
    generation: &'static str,
    last4: &'a str,
    issued_at: Option<String>,
    valid_until: Option<String>,
}

/// `GET /api/v1/token`.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let route = "GET /api/v1/token";
    let holder = Holder::calling(&request, route).await?;
    holder.used(route);
    let app = &holder.call.app;
    let token = holder.verified.whole(app).await;
    let token = token.map_err(|error| unavailable(&holder.call, &error))?;
    let document = TokenDocument::new(&app.catalogue, &holder.verified, &token, app.now());
    Ok(HttpResponse::Ok().json(document))
}

/// `DELETE /api/v1/token`: ends the token that was sent, for good.
pub async fn revoke(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let route = "DELETE /api/v1/token";
    let holder = Holder::of(&request, route).await?;
    let Holder { call, verified, .. } = &holder;
    let token = verified.token();
    let caller = call.caller(&request, verified.actor(&call.app.catalogue));
    match tokens::revoke::revoke(&call.app, &caller, token.account, token.public_id).await {
        Ok(()) => {
            holder.used(route);
            Ok(HttpResponse::NoContent().finish())
        }
        // Somebody else was faster: the same answer as to the next request.
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {
            let mut problem = Problem::plain(call, Kind::TokenRevoked);
            problem.document().token_id = Some(token.public_id);
            Err(problem)
        }
        Err(error) => Err(unavailable(call, &error)),
    }
}

impl<'a> TokenDocument<'a> {
    fn new(catalogue: &'a Catalogue, verified: &'a Verified, token: &'a Token, now: PrimitiveDateTime) -> Self {
        let known = verified.token();
        Self {
            id: token.public_id,
            name: token.name.as_str(),
            description: token.description.to_string(),
            account: Account {
                id: &known.account_public_id,
                username: &known.username,
            },
            status: word(token.status(known.suspended, now)),
            scopes: Scopes::new(catalogue, verified),
            sites: Sites::new(&token.sites),
            addresses: Addresses::of(&token.addresses),
            created_at: iso(token.created_at),
            expires_at: token.expiry.instant().map(iso),
            last_used: token.last_use.map(Used::new),
            secret: Secret::new(token, verified.generation),
            now: iso(now),
        }
    }
}

impl<'a> Scopes<'a> {
    fn new(catalogue: &'a Catalogue, verified: &'a Verified) -> Self {
        let known = &verified.known;
        let granted = &known.scopes;
        let (held, plan) = (catalogue.closure(granted), catalogue.closure(&known.plan_scopes));
        let effective = held.intersection(&plan);
        let permission = |entry: &'a crate::catalogue::ScopeEntry| Permission {
            scope: entry.scope.as_str(),
            can: &entry.can,
            risk: match entry.risk {
                Risk::Low => "low",
                Risk::Medium => "medium",
                Risk::High => "high",
            },
        };
        Self {
            granted: granted.to_string().split(' ').map(str::to_owned).collect(),
            effective: effective
                .iter()
                .filter_map(|scope| catalogue.scope(scope))
                .map(permission)
                .collect(),
            not_in_plan: held.difference(&plan).iter().map(ToString::to_string).collect(),
        }
    }
}

impl Addresses {
    /// The addresses that a token may be used from.
    pub fn of(set: &AddressSet) -> Self {
        Self {
            any: set.is_any(),
            ranges: if set.is_any() {
                Vec::new()
            } else {
                set.iter().map(ToString::to_string).collect()
            },
        }
    }
}

impl<'a> Sites<'a> {
    fn new(sites: &'a SiteSet) -> Self {
        match sites {
            SiteSet::All => Self {
                all: true,
                names: Vec::new(),
            },
            SiteSet::Named(names) => Self {
                all: false,
                names: names.iter().map(AsRef::as_ref).collect(),
            },
        }
    }
}

impl Used {
    fn new(last: LastUse) -> Self {
        Self {
            at: iso(last.at),
            address: last.from.to_string(),
        }
    }
}

impl<'a> Secret<'a> {
    fn new(token: &'a Token, generation: SecretGeneration) -> Self {
        match (generation, &token.rotation) {
            (SecretGeneration::Previous, Some(rotation)) => Self {
                generation: "outgoing",
                last4: &rotation.last4,
                issued_at: None,
                valid_until: Some(iso(rotation.until)),
            },
            _ => Self {
                generation: "current",
                last4: &token.last4,
                issued_at: Some(iso(token.secret_issued_at)),
                valid_until: token.expiry.instant().map(iso),
            },
        }
    }
}

/// A status as programs read it.
fn word(status: Status) -> &'static str {
    match status {
        Status::Revoked(_) => "revoked",
        Status::Blocked => "blocked",
        Status::Paused(_) => "paused",
        Status::Expired(_) => "expired",
        Status::Expiring(_) => "expiring",
        Status::Replaced(_) => "replaced",
        Status::NeverUsed => "never-used",
        Status::Idle => "idle",
        Status::Active => "active",
    }
}
