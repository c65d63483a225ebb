//! `/api/v1/decide`: may the token that was sent do this, now, from here?
//!
//! A question that is answered with "no" has been answered: 200 with `allowed: false`. 401 and 403 mean that the token
//! may not be used to ask.

use actix_web::{HttpRequest, HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    bearer::{Holder, unavailable},
    body,
    call::Call,
    kind::Kind,
    problem::{Document, Problem, list},
    reference::{
        operation::{self, Needs, Operation, Tag},
        shape::{Instant, IpAddress, PageUrl, ScopeName, Shape, SiteName as Site, TokenId},
    },
    refusal,
};
use crate::{
    app::{
        usage,
        verify::{Asked, Ruling, Verified, decide_for},
    },
    domain::{
        decision::Refusal,
        scope::{Scope, ScopeSet},
        secret::PublicId,
        site::SiteName,
    },
    web::times::iso,
};

const ROUTE: &str = "POST /api/v1/decide";

/// How the call is described.
pub const OPERATIONS: &[Operation] = &[Operation {
    id: "decide",
    tag: Tag::Decisions,
    summary: "Ask whether the token may do something",
    about: "Send method and path, and host if there is one, to ask about a request to a hosting service; or scopes, and \
            site if there is one, to ask about permissions. A question that is answered with no has been answered: 200 with \
            allowed false. A call to this address does not count among those that the token may make in a minute.",
    needs: &[Needs::Token],
    body: Some(operation::Body::new(
        Shape::of::<Question>(),
        r#"{"scopes": ["backups:create"], "site": "blog.example"}"#,
    )),
    answers: &[operation::Answer::new(
        200,
        "The decision.",
        Shape::of::<Answer>(),
        EXAMPLE,
    )],
    problems: &[Kind::UnknownScope],
    ..Operation::post("/api/v1/decide")
}];

const EXAMPLE: &str = r#"{
  "allowed": true,
  "refusals": [],
  "route": null,
  "service": null,
  "required_scopes": ["backups:create"],
  "missing_scopes": [],
  "excluded_scopes": [],
  "site": "blog.example",
  "site_allowed": true,
  "address": "203.0.113.24",
  "token_id": "EXAMPLE1",
  "token_name": "nightly backup",
  "account": "priya",
  "decided_at": "2026-11-24T09:30:00Z",
  "fix_url": null,
  "problem": null
}"#;

/// What is asked: a request to a service (`method`, `path`, perhaps `host`), or scopes and perhaps a site.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The method of the request, such as POST.
    method: Option<String>,
    /// Its path and query, as it goes over the wire.
    path: Option<String>,
    /// The host that it goes to.
    host: Option<String>,
    /// What the token would have to be allowed to do, one scope or more.
    #[schemars(with = "Option<Vec<ScopeName>>")]
    scopes: Option<Vec<String>>,
    /// For which site.
    #[schemars(with = "Option<Site>")]
    site: Option<String>,
}

/// The answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Decision")]
struct Answer<'a> {
    /// Whether the token may do it, now and from here.
    allowed: bool,
    /// Everything that stands against it.
    refusals: Vec<Because<'a>>,
    /// The service's route that the request takes, method and path template.
    route: Option<&'a str>,
    /// The service.
    service: Option<&'a str>,
    /// Every scope that is needed.
    #[schemars(with = "Vec<ScopeName>")]
    required_scopes: Vec<String>,
    /// Those of them that the token lacks.
    #[schemars(with = "Vec<ScopeName>")]
    missing_scopes: Vec<String>,
    /// Those of them that the account's plan does not allow.
    #[schemars(with = "Vec<ScopeName>")]
    excluded_scopes: Vec<String>,
    /// The site that it is about.
    site: Option<&'a str>,
    /// Whether the token is for that site.
    site_allowed: Option<bool>,
    /// The address that the call came from.
    #[schemars(with = "IpAddress")]
    address: String,
    /// The token.
    #[schemars(with = "TokenId")]
    token_id: PublicId,
    /// Its name.
    token_name: &'a str,
    /// The user name of its account.
    account: &'a str,
    /// When this was decided.
    #[schemars(with = "Instant")]
    decided_at: String,
    /// Page of the panel on which the token's owner can put it right.
    #[schemars(with = "Option<PageUrl>")]
    fix_url: Option<String>,
    /// What a service should answer its caller with; null when it is allowed.
    problem: Option<Document>,
}

/// One thing that stands against it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
struct Because<'a> {
    /// What it is, for programs.
    code: &'a str,
    /// What it is, in a sentence.
    detail: String,
    /// The scopes that it is about.
    #[schemars(with = "Vec<ScopeName>")]
    scopes: Vec<String>,
}

/// A question that can be decided.
enum Checked<'a> {
    Request(Asked<'a>),
    Scopes(ScopeSet, Option<String>),
}

/// `POST /api/v1/decide`.
pub async fn decide(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let Holder { call, verified, .. } = Holder::of(&request, ROUTE).await?;
    let question: Question = body::read(&call, &request, payload).await?;
    let checked = question.check(&call)?;
    let asked = match &checked {
        Checked::Request(asked) => *asked,
        Checked::Scopes(scopes, site) => Asked::Scopes {
            scopes,
            site: site.as_deref(),
        },
    };
    let ruling = decide_for(&call.app, &verified, call.address, asked)
        .await
        .map_err(|error| unavailable(&call, &error))?;
    usage::note(&call.app, &verified, &ruling, call.address, "");
    Ok(HttpResponse::Ok().json(Answer::new(&call, &verified, &ruling)))
}

impl Question {
    fn check(&self, call: &Call) -> Result<Checked<'_>, Problem> {
        let invalid = |detail: &str| Problem::new(call, Kind::InvalidBody, detail);
        match self {
            Self {
                method: Some(method),
                path: Some(target),
                host,
                scopes: None,
                site: None,
            } => Ok(Checked::Request(Asked::Request {
                method,
                host: host.as_deref(),
                target,
            })),
            Self {
                method: None,
                path: None,
                host: None,
                scopes: Some(words),
                site,
            } => {
                let site = site.as_deref().map(str::parse::<SiteName>).transpose();
                let site = site.map_err(|_| invalid("The member site must be a domain name, such as blog.example."))?;
                Ok(Checked::Scopes(scopes(call, words)?, site.map(String::from)))
            }
            _ => Err(invalid(
                "Send method and path, and host if there is one; or scopes, and site if there is one.",
            )),
        }
    }
}

/// Scopes that the catalogue has. One that it has not is refused, never left out.
fn scopes(call: &Call, words: &[String]) -> Result<ScopeSet, Problem> {
    if words.is_empty() || words.iter().any(|word| word == ScopeSet::FULL) {
        let detail = "The member scopes must name one scope or more. Full access (*) is nothing that can be needed.";
        return Err(Problem::new(call, Kind::InvalidBody, detail));
    }
    let known: Option<ScopeSet> = words.iter().map(|word| word.parse::<Scope>().ok()).collect();
    match known {
        Some(scopes) if call.app.catalogue.unknown(&scopes).is_empty() => Ok(scopes),
        Some(scopes) => {
            let unknown: Vec<String> = call
                .app
                .catalogue
                .unknown(&scopes)
                .iter()
                .map(ToString::to_string)
                .collect();
            let detail = format!("There is no scope {}.", unknown.join(", "));
            Err(Problem::new(call, Kind::UnknownScope, detail))
        }
        None => Err(Problem::new(
            call,
            Kind::UnknownScope,
            "A scope is written as area:action, such as backups:create.",
        )),
    }
}

impl<'a> Answer<'a> {
    fn new(call: &Call, verified: &'a Verified, ruling: &'a Ruling) -> Self {
        let because = |refused: &'a Refusal| Because {
            code: refused.code(),
            detail: refusal::detail(call, verified, ruling, refused),
            scopes: match refused {
                Refusal::MissingScopes(scopes) | Refusal::PlanExcludesScopes(scopes) => list(scopes),
                _ => Vec::new(),
            },
        };
        Self {
            allowed: ruling.decision.is_allowed(),
            refusals: ruling.decision.refusals().iter().map(because).collect(),
            route: ruling.route.as_deref(),
            service: ruling.service.as_deref(),
            required_scopes: list(&ruling.required),
            missing_scopes: list(&refusal::missing(ruling)),
            excluded_scopes: list(&refusal::excluded(ruling)),
            site: ruling.site.as_deref(),
            site_allowed: ruling.site_allowed,
            address: call.address.to_string(),
            token_id: verified.token().public_id,
            token_name: &verified.token().name,
            account: &verified.known.username,
            decided_at: iso(call.app.now()),
            fix_url: refusal::fix_url(call, verified, ruling),
            problem: refusal::problem(call, verified, ruling).map(Problem::into_document),
        }
    }
}
