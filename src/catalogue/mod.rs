//! The catalogue: the one list of areas, scopes, templates and routes, from which the create form, the help, the
//! documentation of the API and the enforcement are made.
//!
//! It is read from one TOML file and checked whole: a catalogue that exists has no fault. It knows no account and no
//! token, and the only words in it that people read come from the file.

use std::collections::BTreeMap;

use crate::domain::{
    decision::{Place, RouteRefusal},
    scope::{Scope, ScopeSet},
};

mod build;
mod entry;
mod error;
mod file;
mod host;
mod path;
mod pattern;
mod routes;
mod source;

pub use entry::{Area, Method, Risk, Route, ScopeEntry, Service, Template};
pub use error::{CatalogueError, Fault};
pub use pattern::{PathTemplate, PathTemplateError};
pub use routes::RouteMatch;

/// The file that is compiled in; the form of any other one is explained at its top.
const DEFAULT: &str = include_str!("default.toml");

/// A checked catalogue.
#[derive(Debug, Clone)]
pub struct Catalogue {
    areas: Vec<Area>,
    templates: Vec<Template>,
    services: Vec<Service>,
    routes: routes::RouteTable,
    /// Where each scope stands: its area, and its place therein.
    places: BTreeMap<Scope, (usize, usize)>,
    everything: ScopeSet,
}

impl Catalogue {
    /// The catalogue that is compiled in. It is read anew each time: keep it.
    ///
    /// # Panics
    /// If the file that is compiled in has a fault; a test makes sure that it has none.
    pub fn built_in() -> Self {
        Self::from_toml(DEFAULT).expect("the built-in catalogue has no fault")
    }

    /// Reads a catalogue, or names the first fault and its line.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        build::build(text)
    }

    fn new(areas: Vec<Area>, templates: Vec<Template>, services: Vec<Service>, routes: routes::RouteTable) -> Self {
        let places: BTreeMap<_, _> = areas
            .iter()
            .enumerate()
            .flat_map(|(area, entry)| {
                entry
                    .scopes
                    .iter()
                    .enumerate()
                    .map(move |(place, entry)| (entry.scope.clone(), (area, place)))
            })
            .collect();
        let everything = places.keys().cloned().collect();
        Self {
            areas,
            templates,
            services,
            routes,
            places,
            everything,
        }
    }

    /// The areas in the order of the file.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The templates in the order of the file.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The services in the order of the file.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// What a scope means; none: the catalogue has no such scope.
    pub fn scope(&self, scope: &Scope) -> Option<&ScopeEntry> {
        self.places
            .get(scope)
            .map(|(area, place)| &self.areas[*area].scopes[*place])
    }

    /// The area of a scope; none: the catalogue has no such scope.
    pub fn area_of(&self, scope: &Scope) -> Option<&Area> {
        self.places.get(scope).map(|(area, _)| &self.areas[*area])
    }

    /// The template with this id.
    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    /// The set with everything that it implies; for full access every scope of the catalogue.
    ///
    /// The result is never full access. Scopes that the catalogue does not have stay as they are and imply nothing.
    pub fn closure(&self, scopes: &ScopeSet) -> ScopeSet {
        if scopes.is_full() {
            return self.everything.clone();
        }
        let implied = scopes
            .iter()
            .filter_map(|scope| self.scope(scope))
            .map(|entry| &entry.implies);
        implied.fold(scopes.clone(), |closed, more| {
            if closed.includes(more) {
                closed
            } else {
                closed.union(more)
            }
        })
    }

    /// The scopes of the set that the catalogue does not have, in order. A set with any must be refused, not trimmed.
    pub fn unknown(&self, scopes: &ScopeSet) -> Vec<Scope> {
        scopes
            .iter()
            .filter(|scope| !self.places.contains_key(scope))
            .cloned()
            .collect()
    }

    /// Whether any of the scopes acts on sites. An unknown scope counts as one that does.
    pub fn about_sites(&self, scopes: &ScopeSet) -> bool {
        scopes.is_full()
            || scopes
                .iter()
                .any(|scope| self.area_of(scope).is_none_or(|area| area.about_sites))
    }

    /// What a request that needs these scopes is about, for the decision: the site it names, any site, or the
    /// account alone.
    pub fn place<'a>(&self, scopes: &ScopeSet, site: Option<&'a str>) -> Place<'a> {
        match site {
            Some(site) => Place::Site(site),
            None if self.about_sites(scopes) => Place::AnySite,
            None => Place::Account,
        }
    }

    /// Finds the route of a request: host as in the `Host` header (with or without a port), method, and request
    /// target as received, not decoded, with or without a query.
    ///
    /// A host that a service names is answered by the routes of such services alone; any other, and a request that
    /// names none, by the services for every host. Of several routes that match, the most exact one is taken. HEAD
    /// is looked up as GET.
    pub fn route(&self, host: Option<&str>, method: &str, raw_uri: &str) -> Result<RouteMatch<'_>, RouteRefusal> {
        self.routes.find(&self.services, host, method, raw_uri)
    }
}

#[cfg(test)]
mod tests;
