//! `GET /api/v1/account`: the account that the sent token belongs to, its plan, and the rules for its tokens.

use actix_web::{HttpRequest, HttpResponse};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    bearer::Holder,
    kind::Kind,
    problem::{Problem, list},
    query,
    reference::{
        operation::{Answer, Needs, Operation, Tag},
        shape::{Id, Instant, ScopeName, Shape, SiteName},
    },
    v1_tokens::content::Setting,
};
use crate::{
    catalogue::Catalogue,
    domain::{
        account::Account,
        permission::TokenPowers,
        policy::{DEFAULT_LIFETIME_DAYS, Policy},
    },
    web::times::iso,
};

/// How the call is described.
pub const OPERATIONS: &[Operation] = &[Operation {
    id: "showAccount",
    tag: Tag::Account,
    summary: "Show the account",
    about: "The account that the sent token belongs to: its sites, what its plan allows, and the rules that new tokens have to \
            keep.",
    needs: &[Needs::Scope(TokenPowers::READ)],
    answers: &[Answer::new(
        200,
        "The account.",
        Shape::of::<AccountDocument>(),
        EXAMPLE,
    )],
    problems: &[Kind::InvalidQuery],
    ..Operation::get("/api/v1/account")
}];

const EXAMPLE: &str = r#"{
  "id": "Qm7Xk2PdA9Lz",
  "username": "priya",
  "status": "active",
  "sites": ["blog.example"],
  "time_zone": "Asia/Kolkata",
  "created_at": "2026-11-01T08:00:00Z",
  "plan": {"name": "standard", "scopes": ["backups:create", "backups:read"]},
  "policy": {
    "max_live_tokens": 100,
    "max_lifetime_days": 365,
    "max_total_lifetime_days": null,
    "never_allowed": false,
    "revoke_unused_days": null,
    "calls_per_minute": 600,
    "default_lifetime_days": 90
  },
  "live_tokens": 3
}"#;

/// An account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Account")]
struct AccountDocument {
    /// Its public id.
    #[schemars(with = "Id")]
    id: String,
    /// The user name with which its owner signs in.
    username: String,
    /// Whether it may be used: active, or suspended.
    status: &'static str,
    /// Its sites.
    #[schemars(with = "Vec<SiteName>")]
    sites: Vec<String>,
    /// The IANA name of the zone in which its days end.
    time_zone: String,
    /// When it was made.
    #[schemars(with = "Instant")]
    created_at: String,
    /// Its plan.
    plan: PlanDocument,
    /// The rules for its tokens: the hosting company's, narrowed by the plan.
    policy: PolicyDocument,
    /// How many tokens it has that are not revoked.
    live_tokens: u32,
}

/// A plan.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlanOfAccount")]
struct PlanDocument {
    /// Its name.
    name: String,
    /// Everything that a token of the account can be allowed to do.
    #[schemars(with = "Vec<ScopeName>")]
    scopes: Vec<String>,
}

/// What holds for tokens. Null where there is no such limit.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyOfAccount")]
struct PolicyDocument {
    /// As many tokens there may be that are not revoked.
    max_live_tokens: u32,
    /// The longest lifetime from now, in days.
    max_lifetime_days: Option<u16>,
    /// The longest lifetime from creation with all renewals, in days.
    max_total_lifetime_days: Option<u16>,
    /// Whether a token may be made that never expires.
    never_allowed: bool,
    /// A token is revoked after so many days without use.
    revoke_unused_days: Option<u16>,
    /// Most calls that a token may make in a minute.
    calls_per_minute: Option<u32>,
    /// The lifetime, in days, of a token of which nothing else is said.
    default_lifetime_days: u16,
}

/// Shows the account.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = Holder::allowed(&request, "GET /api/v1/account", TokenPowers::READ).await?;
    query::read(&holder.call, &request, |_| ())?;
    let setting = Setting::of(&holder, &request).await?;
    let document = AccountDocument::new(&holder.call.app.catalogue, &setting);
    Ok(HttpResponse::Ok().json(document))
}

impl AccountDocument {
    fn new(catalogue: &Catalogue, Setting { account, terms, .. }: &Setting) -> Self {
        Self {
            id: account.public_id.clone(),
            username: account.username.to_string(),
            status: status(account),
            sites: account.sites.iter().map(ToString::to_string).collect(),
            time_zone: account.time_zone.clone(),
            created_at: iso(account.created_at),
            plan: PlanDocument {
                name: terms.plan.clone(),
                scopes: list(&catalogue.closure(&terms.plan_scopes)),
            },
            policy: PolicyDocument::from(&terms.policy),
            live_tokens: terms.live,
        }
    }
}

fn status(account: &Account) -> &'static str {
    if account.is_suspended() { "suspended" } else { "active" }
}

impl From<&Policy> for PolicyDocument {
    fn from(policy: &Policy) -> Self {
        Self {
            max_live_tokens: policy.live_token_limit(),
            max_lifetime_days: policy.max_lifetime_days,
            max_total_lifetime_days: policy.max_total_lifetime_days,
            never_allowed: policy.allows_never(),
            revoke_unused_days: policy.revoke_unused_days,
            calls_per_minute: policy.calls_per_minute,
            default_lifetime_days: DEFAULT_LIFETIME_DAYS,
        }
    }
}
