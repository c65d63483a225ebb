//! `GET /api/v1/catalogue`: everything that a token can be allowed to do, ready choices of it, and what the hosting
//! services need for which request.

use actix_web::{HttpRequest, HttpResponse};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    bearer::Holder,
    problem::{Problem, list},
    reference::{
        operation::{Answer, Needs, Operation, Tag},
        shape::{GrantedScope, ScopeName, Shape},
    },
    v1_tokens::document::granted,
};
use crate::catalogue::{Area, Catalogue, Risk, Route, ScopeEntry, Service, Template};

/// How the call is described.
pub const OPERATIONS: &[Operation] = &[Operation {
    id: "showCatalogue",
    tag: Tag::Catalogue,
    summary: "Show the catalogue",
    about: "Everything that a token can be allowed to do, ready choices of it, and what the hosting services need for which \
            request. Every token may ask, whatever its scopes are.",
    needs: &[Needs::Token],
    answers: &[Answer::new(
        200,
        "The catalogue.",
        Shape::of::<CatalogueDocument<'_>>(),
        EXAMPLE,
    )],
    ..Operation::get("/api/v1/catalogue")
}];

const EXAMPLE: &str = r#"{
  "areas": [
    {
      "id": "backups",
      "title": "Backups",
      "about_sites": true,
      "scopes": [
        {"scope": "backups:read", "can": "see backups", "risk": "low", "implies": []},
        {"scope": "backups:create", "can": "create backups", "risk": "low", "implies": ["backups:read"]}
      ]
    }
  ],
  "templates": [
    {
      "id": "nightly-backup",
      "name": "Nightly backup",
      "sentence": "Creates a backup each night and looks whether it is there.",
      "scopes": ["backups:create"],
      "days": 365
    }
  ],
  "services": [
    {
      "id": "backups",
      "hosts": [],
      "routes": [
        {"method": "POST", "path": "/sites/{site}/backups", "scopes": ["backups:create"], "site": "site"}
      ]
    }
  ]
}"#;

/// What there is to choose from.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Catalogue")]
struct CatalogueDocument<'a> {
    /// What a token can be allowed to do, by what it is about.
    areas: Vec<AreaDocument<'a>>,
    /// Ready choices for a common purpose.
    templates: Vec<TemplateDocument<'a>>,
    /// The programs of the hosting company that answer requests made with tokens.
    services: Vec<ServiceDocument<'a>>,
}

/// A group of scopes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Area")]
struct AreaDocument<'a> {
    /// The part of its scopes before the colon.
    id: &'a str,
    /// Its heading.
    title: &'a str,
    /// Whether its scopes act on sites, so that naming a token's sites limits them.
    about_sites: bool,
    /// Its scopes.
    scopes: Vec<ScopeDocument<'a>>,
}

/// One thing that a token can be allowed to do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ScopeOfCatalogue")]
struct ScopeDocument<'a> {
    /// The scope.
    #[schemars(with = "ScopeName")]
    scope: &'a str,
    /// What it lets a token do, in words: "create backups".
    can: &'a str,
    /// How much harm somebody with a stolen token could do: low, medium or high.
    risk: &'static str,
    /// What else a token with it may do.
    #[schemars(with = "Vec<ScopeName>")]
    implies: Vec<String>,
}

/// A ready choice of scopes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Template")]
struct TemplateDocument<'a> {
    /// Names it.
    id: &'a str,
    /// Its name for people.
    name: &'a str,
    /// What it is for.
    sentence: &'a str,
    /// Its scopes; * for everything that the account's plan allows.
    #[schemars(with = "Vec<GrantedScope>")]
    scopes: Vec<String>,
    /// The lifetime that it proposes, in days.
    days: u16,
}

/// A program of the hosting company.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Service")]
struct ServiceDocument<'a> {
    /// Names it.
    id: &'a str,
    /// The hosts on which it answers; empty for every host that no other service names.
    hosts: &'a [String],
    /// What it answers.
    routes: Vec<RouteDocument<'a>>,
}

/// One method on one path template.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Route")]
struct RouteDocument<'a> {
    /// The method.
    method: &'static str,
    /// The path template.
    path: &'a str,
    /// All of these are needed.
    #[schemars(with = "Vec<ScopeName>")]
    scopes: Vec<String>,
    /// The part of the path that names the site; null where it is about no single one.
    site: Option<&'a str>,
}

/// Shows the catalogue to the holder of any token.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let route = "GET /api/v1/catalogue";
    let holder = Holder::calling(&request, route).await?;
    holder.used(route);
    let document = CatalogueDocument::from(&*holder.call.app.catalogue);
    Ok(HttpResponse::Ok().json(document))
}

/// A risk as programs read it.
pub fn word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

impl<'a> From<&'a Catalogue> for CatalogueDocument<'a> {
    fn from(catalogue: &'a Catalogue) -> Self {
        Self {
            areas: catalogue.areas().iter().map(AreaDocument::from).collect(),
            templates: catalogue.templates().iter().map(TemplateDocument::from).collect(),
            services: catalogue.services().iter().map(ServiceDocument::from).collect(),
        }
    }
}

impl<'a> From<&'a Area> for AreaDocument<'a> {
    fn from(area: &'a Area) -> Self {
        Self {
            id: &area.id,
            title: &area.title,
            about_sites: area.about_sites,
            scopes: area.scopes.iter().map(ScopeDocument::from).collect(),
        }
    }
}

impl<'a> From<&'a ScopeEntry> for ScopeDocument<'a> {
    fn from(entry: &'a ScopeEntry) -> Self {
        Self {
            scope: entry.scope.as_str(),
            can: &entry.can,
            risk: word(entry.risk),
            implies: list(&entry.implies),
        }
    }
}

impl<'a> From<&'a Template> for TemplateDocument<'a> {
    fn from(template: &'a Template) -> Self {
        Self {
            id: &template.id,
            name: &template.name,
            sentence: &template.sentence,
            scopes: granted(&template.scopes),
            days: template.days.get(),
        }
    }
}

impl<'a> From<&'a Service> for ServiceDocument<'a> {
    fn from(service: &'a Service) -> Self {
        Self {
            id: &service.id,
            hosts: &service.hosts,
            routes: service.routes.iter().map(RouteDocument::from).collect(),
        }
    }
}

impl<'a> From<&'a Route> for RouteDocument<'a> {
    fn from(route: &'a Route) -> Self {
        Self {
            method: route.method.as_str(),
            path: route.path.as_str(),
            scopes: list(&route.scopes),
            site: route.site.as_deref(),
        }
    }
}
