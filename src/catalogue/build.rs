//! From a catalogue file to a catalogue: every rule that a file must keep, each fault with its line.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{
    Catalogue,
    entry::{Area, Method, Route, ScopeEntry, Service, Template},
    error::{CatalogueError, Fault},
    file::{AreaRow, File, RouteRow, ServiceRow, TemplateRow},
    host,
    pattern::PathTemplate,
    routes::RouteTable,
    source::Source,
};
use crate::domain::scope::{Scope, ScopeSet};

/// The parameter that is the site unless a route names another.
const SITE: &str = "site";
/// In the list of hosts: every host that no other service names.
const EVERY_HOST: &str = "*";

/// Every scope that the file defines, and what it implies directly.
type Defined = BTreeMap<Scope, Vec<Scope>>;

/// Reads and checks a whole file.
pub(super) fn build(text: &str) -> Result<Catalogue, CatalogueError> {
    let source = Source { text };
    let file: File = toml::from_str(text)
        .map_err(|error| source.fault(error.span().unwrap_or(0..0), Fault::Syntax(error.message().to_owned())))?;
    source.unique("area", file.area.iter().map(|area| &area.id))?;
    source.unique(
        "scope",
        file.area
            .iter()
            .flat_map(|area| area.scopes.as_ref())
            .map(|scope| &scope.id),
    )?;
    source.unique("template", file.template.iter().map(|template| &template.id))?;
    source.unique("service", file.service.iter().map(|service| &service.id))?;

    let defined = source.defined(&file.area)?;
    let areas = file
        .area
        .iter()
        .map(|row| source.area(row, &defined))
        .collect::<Result<Vec<_>, _>>()?;
    let templates = file
        .template
        .iter()
        .map(|row| source.template(row, &defined))
        .collect::<Result<Vec<_>, _>>()?;
    let services = file
        .service
        .iter()
        .map(|row| source.service(row, &defined))
        .collect::<Result<Vec<_>, _>>()?;
    let routes = RouteTable::new(&services, |service, route| {
        source.line(&file.service[service].routes.as_ref()[route].path.span())
    })?;
    Ok(Catalogue::new(areas, templates, services, routes))
}

impl Source<'_> {
    fn used_scope(&self, scope: &Spanned<String>, defined: &Defined) -> Result<Scope, CatalogueError> {
        let known = self.scope(scope)?;
        if defined.contains_key(&known) {
            Ok(known)
        } else {
            Err(self.fault(scope.span(), Fault::UndefinedScope(known)))
        }
    }

    /// At least one defined scope.
    fn used_scopes(&self, list: &Spanned<Vec<Spanned<String>>>, defined: &Defined) -> Result<ScopeSet, CatalogueError> {
        self.some("scope", list)?;
        list.as_ref()
            .iter()
            .map(|scope| self.used_scope(scope, defined))
            .collect()
    }

    /// What each scope of the file implies directly: all defined, none back to itself.
    fn defined(&self, areas: &[AreaRow]) -> Result<Defined, CatalogueError> {
        let mut defined = Defined::new();
        let rows = || areas.iter().flat_map(|area| area.scopes.as_ref());
        for row in rows() {
            defined.insert(self.scope(&row.id)?, Vec::new());
        }
        for row in rows() {
            let direct = row
                .implies
                .iter()
                .map(|scope| self.used_scope(scope, &defined))
                .collect::<Result<Vec<_>, _>>()?;
            defined.insert(self.scope(&row.id)?, direct);
        }
        for row in rows() {
            let scope = self.scope(&row.id)?;
            let reached = reach(&scope, &defined);
            if let Some(through) = reached.iter().find(|through| defined[through].contains(&scope)) {
                let through = through.clone();
                return Err(self.fault(row.id.span(), Fault::ImpliesCycle { scope, through }));
            }
        }
        Ok(defined)
    }

    fn area(&self, row: &AreaRow, defined: &Defined) -> Result<Area, CatalogueError> {
        let id = self.id(&row.id)?;
        self.some("scope", &row.scopes)?;
        let mut scopes = Vec::new();
        for entry in row.scopes.as_ref() {
            let scope = self.scope(&entry.id)?;
            if scope.area() != id {
                return Err(self.fault(entry.id.span(), Fault::ForeignScope { scope, area: id }));
            }
            let implies = reach(&scope, defined)
                .into_iter()
                .filter(|other| *other != scope)
                .collect();
            scopes.push(ScopeEntry {
                scope,
                can: self.words(&entry.can)?,
                risk: entry.risk,
                implies,
            });
        }
        let (title, icon) = (self.words(&row.title)?, self.id(&row.icon)?);
        Ok(Area {
            id,
            title,
            icon,
            about_sites: row.about_sites,
            scopes,
        })
    }

    fn template(&self, row: &TemplateRow, defined: &Defined) -> Result<Template, CatalogueError> {
        let is_full = matches!(row.scopes.as_ref().as_slice(), [only] if only.as_ref() == ScopeSet::FULL);
        Ok(Template {
            id: self.id(&row.id)?,
            name: self.words(&row.name)?,
            sentence: self.words(&row.sentence)?,
            scopes: if is_full {
                ScopeSet::full()
            } else {
                self.used_scopes(&row.scopes, defined)?
            },
            days: row.days,
        })
    }

    fn service(&self, row: &ServiceRow, defined: &Defined) -> Result<Service, CatalogueError> {
        self.some("host", &row.hosts)?;
        self.some("route", &row.routes)?;
        self.unique("host", row.hosts.as_ref().iter())?;
        let routes = row
            .routes
            .as_ref()
            .iter()
            .map(|route| self.route(route, defined))
            .collect::<Result<_, _>>()?;
        Ok(Service {
            id: self.id(&row.id)?,
            hosts: self.hosts(row.hosts.as_ref())?,
            routes,
        })
    }

    /// Empty for every host.
    fn hosts(&self, rows: &[Spanned<String>]) -> Result<Vec<String>, CatalogueError> {
        if let Some(every) = rows.iter().find(|row| row.as_ref() == EVERY_HOST) {
            let is_alone = rows.len() == 1;
            return if is_alone {
                Ok(Vec::new())
            } else {
                Err(self.fault(every.span(), Fault::EveryHostWithOthers))
            };
        }
        rows.iter()
            .map(|row| match host::normalise(row.as_ref()) {
                Some(normal) if normal == *row.as_ref() => Ok(row.as_ref().clone()),
                _ => Err(self.fault(row.span(), Fault::BadHost(row.as_ref().clone()))),
            })
            .collect()
    }

    fn route(&self, row: &RouteRow, defined: &Defined) -> Result<Route, CatalogueError> {
        let method = Method::find(row.method.as_ref())
            .ok_or_else(|| self.fault(row.method.span(), Fault::BadMethod(row.method.as_ref().clone())))?;
        let path = PathTemplate::parse(row.path.as_ref()).map_err(|reason| {
            self.fault(
                row.path.span(),
                Fault::BadPath {
                    path: row.path.as_ref().clone(),
                    reason,
                },
            )
        })?;
        let site = match &row.site {
            None => path.has_parameter(SITE).then(|| SITE.to_owned()),
            Some(name) if path.has_parameter(name.as_ref()) => Some(name.as_ref().clone()),
            Some(name) => {
                let (path, parameter) = (row.path.as_ref().clone(), name.as_ref().clone());
                return Err(self.fault(name.span(), Fault::NoSuchParameter { path, parameter }));
            }
        };
        Ok(Route {
            label: format!("{} {}", method.as_str(), path.as_str()).into(),
            method,
            path,
            scopes: self.used_scopes(&row.scopes, defined)?,
            site,
        })
    }
}

/// Everything that a scope implies, directly or not, and the scope itself.
fn reach(scope: &Scope, defined: &Defined) -> Vec<Scope> {
    let mut reached = vec![scope.clone()];
    let mut next = 0;
    while let Some(direct) = reached.get(next).and_then(|scope| defined.get(scope)) {
        for other in direct {
            if !reached.contains(other) {
                reached.push(other.clone());
            }
        }
        next += 1;
    }
    reached
}
