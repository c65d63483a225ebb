//! `/api/v1/decide`: may the token that was sent do this, now, from here?
//!
//! A question that is answered with "no" has been answered: 200 with `allowed: false`. 401 and 403 mean that the token
//! may not be used to ask.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{
    bearer::{Holder, unavailable},
    body,
    call::Call,
    kind::Kind,
    problem::{Document, Problem, list},
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

/// What is asked: a request to a service (`method`, `path`, perhaps `host`), or scopes and perhaps a site.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    method: Option<String>,
    path: Option<String>,
    host: Option<String>,
    scopes: Option<Vec<String>>,
    site: Option<String>,
}

/// The answer. `problem` is what a service should answer its caller with.
#[derive(Serialize)]
struct Answer<'a> {
    allowed: bool,
    refusals: Vec<Because<'a>>,
    route: Option<&'a str>,
    service: Option<&'a str>,
    required_scopes: Vec<String>,
    missing_scopes: Vec<String>,
    excluded_scopes: Vec<String>,
    site: Option<&'a str>,
    site_allowed: Option<bool>,
    address: String,
    token_id: PublicId,
    token_name: &'a str,
    account: &'a str,
    decided_at: String,
    fix_url: Option<String>,
    problem: Option<Document>,
}

/// One thing that stands against it; `scopes` are those that it is about.
#[derive(Serialize)]
struct Because<'a> {
    code: &'a str,
    detail: String,
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
            token_name: verified.token().name.as_str(),
            account: &verified.known.username,
            decided_at: iso(call.app.now()),
            fix_url: refusal::fix_url(call, verified, ruling),
            problem: refusal::problem(call, verified, ruling).map(Problem::into_document),
        }
    }
}
