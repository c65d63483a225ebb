//! `/api/v1/token`: what the token that was sent is and may do, and its end.

use actix_web::{HttpRequest, HttpResponse};
use schemars::JsonSchema;
use serde::Serialize;
use time::PrimitiveDateTime;

use super::{
    bearer::{Holder, unavailable},
    kind::Kind,
    problem::Problem,
    reference::{
        operation::{Answer, Needs, Operation, Tag},
        shape::{AddressRange, GrantedScope, Id, Instant, IpAddress, ScopeName, Shape, SiteName, TokenId},
    },
    v1_catalogue,
};
use crate::{
    app::{AppError, Rule, tokens, verify::Verified},
    catalogue::Catalogue,
    domain::{
        address::AddressSet,
        secret::PublicId,
        site::SiteSet,
        token::{LastUse, Status, Token},
        usage::SecretGeneration,
    },
    web::times::iso,
};

/// How these calls are described.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "showOwnToken",
        tag: Tag::OwnToken,
        summary: "Show the token that is sent",
        about: "What the token is and may do. Every token may ask this about itself, whatever its scopes are.",
        needs: &[Needs::Token],
        answers: &[Answer::new(200, "The token.", Shape::of::<OwnToken>(), EXAMPLE)],
        ..Operation::get("/api/v1/token")
    },
    Operation {
        id: "revokeOwnToken",
        tag: Tag::OwnToken,
        summary: "Revoke the token that is sent",
        about: "Ends the token for good; it is refused from the next request on. Every token may do this to itself, \
                whatever its scopes are.",
        needs: &[Needs::Token],
        answers: &[Answer::empty(204, "It is revoked.")],
        ..Operation::delete("/api/v1/token")
    },
];

const EXAMPLE: &str = r#"{
  "id": "EXAMPLE1",
  "name": "nightly backup",
  "description": "",
  "account": {"id": "Qm7Xk2PdA9Lz", "username": "priya"},
  "status": "active",
  "scopes": {
    "granted": ["backups:create"],
    "effective": [
      {"scope": "backups:create", "can": "create backups", "risk": "low"},
      {"scope": "backups:read", "can": "see backups", "risk": "low"}
    ],
    "not_in_plan": []
  },
  "sites": {"all": false, "names": ["blog.example"]},
  "addresses": {"any": false, "ranges": ["203.0.113.0/24"]},
  "created_at": "2026-11-23T12:00:00Z",
  "expires_at": "2027-02-21T18:29:59Z",
  "last_used": {"at": "2026-11-24T02:00:07Z", "address": "203.0.113.24"},
  "secret": {
    "generation": "current",
    "last4": "WjLP",
    "issued_at": "2026-11-23T12:00:00Z",
    "valid_until": "2027-02-21T18:29:59Z"
  },
  "now": "2026-11-24T09:30:00Z"
}"#;

/// What a token is and may do.
#[derive(Serialize, JsonSchema)]
struct OwnToken<'a> {
    /// Its public id.
    #[schemars(with = "TokenId")]
    id: PublicId,
    /// Its name, as the account's owner sees it.
    name: &'a str,
    /// What it is for; empty when nothing was said.
    description: String,
    /// Whose it is.
    account: Account<'a>,
    /// Whether it works, and how it is used.
    status: &'static str,
    /// What it may do.
    scopes: Scopes<'a>,
    /// Where it may do it.
    sites: Sites<'a>,
    /// From where it may be used.
    addresses: Addresses,
    /// When it was made.
    #[schemars(with = "Instant")]
    created_at: String,
    /// When it expires; null when it never does.
    #[schemars(with = "Option<Instant>")]
    expires_at: Option<String>,
    /// Its last use before this; null when there was none.
    last_used: Option<Used>,
    /// The secret that was sent.
    secret: Secret<'a>,
    /// The server's time.
    #[schemars(with = "Instant")]
    now: String,
}

/// The account of a token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountOfToken")]
struct Account<'a> {
    /// Its public id.
    #[schemars(with = "Id")]
    id: &'a str,
    /// The user name with which its owner signs in.
    username: &'a str,
}

/// What a token may do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ScopesOfToken")]
struct Scopes<'a> {
    /// What was chosen.
    #[schemars(with = "Vec<GrantedScope>")]
    granted: Vec<String>,
    /// What follows from it and the account's plan allows now.
    effective: Vec<Permission<'a>>,
    /// What follows from it and the plan does not allow.
    #[schemars(with = "Vec<ScopeName>")]
    not_in_plan: Vec<String>,
}

/// One thing that a token may do.
#[derive(Serialize, JsonSchema)]
struct Permission<'a> {
    /// The scope.
    #[schemars(with = "ScopeName")]
    scope: &'a str,
    /// What it lets a token do, in words: "create backups".
    can: &'a str,
    /// How much harm it can do: low, medium or high.
    risk: &'static str,
}

/// The sites of a token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SitesOfToken")]
struct Sites<'a> {
    /// Whether it is for every site of the account, also those to come.
    all: bool,
    /// The sites that it is for; empty with `all`.
    #[schemars(with = "Vec<SiteName>")]
    names: Vec<&'a str>,
}

/// From where a token may be used.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AddressesOfToken")]
pub struct Addresses {
    /// Whether it may be used from everywhere.
    any: bool,
    /// The addresses that it may be used from; empty with `any`.
    #[schemars(with = "Vec<AddressRange>")]
    ranges: Vec<String>,
}

/// A use of a token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UseOfToken")]
pub(super) struct Used {
    /// When.
    #[schemars(with = "Instant")]
    at: String,
    /// From where.
    #[schemars(with = "IpAddress")]
    address: String,
}

/// The secret that was sent: the token's own, or the outgoing one of a rotation and until when it works.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecretOfToken")]
struct Secret<'a> {
    /// current or outgoing.
    generation: &'static str,
    /// The last four characters.
    last4: &'a str,
    /// When it was made; null for an outgoing one.
    #[schemars(with = "Option<Instant>")]
    issued_at: Option<String>,
    /// Until when it works; null when that has no end.
    #[schemars(with = "Option<Instant>")]
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
    let document = OwnToken::new(&app.catalogue, &holder.verified, &token, app.now());
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

impl<'a> OwnToken<'a> {
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
            risk: v1_catalogue::word(entry.risk),
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
    /// A use as it was noted.
    pub(super) fn new(last: LastUse) -> Self {
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
pub(super) fn word(status: Status) -> &'static str {
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
