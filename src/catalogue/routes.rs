//! From a request to its route.

use std::{collections::HashMap, sync::Arc};

use super::{
    entry::{Method, Route, Service},
    error::{CatalogueError, Fault},
    host, path,
};
use crate::domain::{decision::RouteRefusal, scope::ScopeSet};

/// The route that a request belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteMatch<'a> {
    /// Id of the service that answers.
    pub service: &'a str,
    /// The path template.
    pub template: &'a str,
    /// Method and path template, as usage is kept by.
    pub label: &'a Arc<str>,
    /// Everything that the request needs, as the catalogue has it written.
    pub scopes: &'a ScopeSet,
    /// The site that the path names, as it is written there; it may not exist.
    pub site: Option<String>,
}

/// A route, as the places of its service and of itself therein.
type Address = (usize, usize);

/// Which routes answer on which host.
#[derive(Debug, Clone)]
pub(super) struct RouteTable {
    /// For each host that a service names: its routes, the most exact first.
    named: HashMap<String, Vec<Address>>,
    /// For every other host, and for requests that name none.
    everywhere: Vec<Address>,
}

impl RouteTable {
    /// Refuses two routes that clash on one host; `line` tells where a route stands in the file.
    pub(super) fn new(services: &[Service], line: impl Fn(usize, usize) -> usize) -> Result<Self, CatalogueError> {
        let mut table = Self {
            named: HashMap::new(),
            everywhere: Vec::new(),
        };
        for (place, service) in services.iter().enumerate() {
            let routes = (0..service.routes.len()).map(|route| (place, route));
            if service.hosts.is_empty() {
                table.everywhere.extend(routes.clone());
            }
            for host in &service.hosts {
                table.named.entry(host.clone()).or_default().extend(routes.clone());
            }
        }
        // In the order of the services, so that the same fault is found first each time.
        let hosts = services
            .iter()
            .flat_map(|service| &service.hosts)
            .map(|host| &table.named[host]);
        for routes in hosts.chain([&table.everywhere]) {
            find_clash(services, routes, &line)?;
        }
        for routes in table.named.values_mut().chain([&mut table.everywhere]) {
            routes.sort_by(|a, b| at(services, *a).path.by_exactness(&at(services, *b).path));
        }
        Ok(table)
    }

    /// Finds the most exact route for a request; see [`super::Catalogue::route`].
    pub(super) fn find<'a>(
        &self,
        services: &'a [Service],
        host: Option<&str>,
        method: &str,
        raw_uri: &str,
    ) -> Result<RouteMatch<'a>, RouteRefusal> {
        let routes = self.on_host(host)?;
        let path = path::normalise(raw_uri)?;
        let segments: Vec<&str> = path::segments(&path).collect();
        let method = if method == "HEAD" {
            Some(Method::Get)
        } else {
            Method::find(method)
        };
        let is_match = |route: &Route| Some(route.method) == method && route.path.matches(&segments);
        let Some((service, route)) = routes.iter().find(|place| is_match(at(services, **place))) else {
            let is_path_known = routes.iter().any(|place| at(services, *place).path.matches(&segments));
            return Err(if is_path_known {
                RouteRefusal::UnknownMethod
            } else {
                RouteRefusal::UnknownPath
            });
        };
        let (service, route) = (&services[*service], at(services, (*service, *route)));
        let site = route.site.as_deref().and_then(|name| route.path.value(name, &segments));
        Ok(RouteMatch {
            service: &service.id,
            template: route.path.as_str(),
            label: &route.label,
            scopes: &route.scopes,
            site: site.map(str::to_owned),
        })
    }

    fn on_host(&self, host: Option<&str>) -> Result<&[Address], RouteRefusal> {
        let named = match host {
            None => None,
            Some(raw) => self
                .named
                .get(&*host::normalise(raw).ok_or(RouteRefusal::MalformedHost)?),
        };
        let routes = named.unwrap_or(&self.everywhere);
        if routes.is_empty() {
            Err(RouteRefusal::UnknownHost)
        } else {
            Ok(routes)
        }
    }
}

fn at(services: &[Service], (service, route): Address) -> &Route {
    &services[service].routes[route]
}

fn find_clash(
    services: &[Service],
    routes: &[Address],
    line: impl Fn(usize, usize) -> usize,
) -> Result<(), CatalogueError> {
    for (count, later) in routes.iter().enumerate() {
        let route = at(services, *later);
        let earlier = routes[..count].iter().find(|earlier| {
            let other = at(services, **earlier);
            other.method == route.method && other.path.clashes(&route.path)
        });
        if let Some(earlier) = earlier {
            let fault = Fault::RouteClash {
                method: route.method,
                path: route.path.as_str().to_owned(),
                other: at(services, *earlier).path.as_str().to_owned(),
                other_line: line(earlier.0, earlier.1),
            };
            return Err(CatalogueError {
                line: line(later.0, later.1),
                fault,
            });
        }
    }
    Ok(())
}
