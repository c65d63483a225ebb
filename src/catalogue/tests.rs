//! The built-in catalogue, what scopes imply, and the look-up of routes.

use proptest::prelude::*;

use super::*;

mod against_model;
mod faults;
mod slow_routes;

fn scope(text: &str) -> Scope {
    text.parse().expect("a scope")
}

fn set(text: &str) -> ScopeSet {
    text.parse().expect("scopes")
}

#[test]
fn the_built_in_catalogue_has_the_areas_and_templates_of_the_product() {
    let catalogue = Catalogue::built_in();
    let areas: Vec<_> = catalogue.areas().iter().map(|area| area.id.as_str()).collect();
    assert_eq!(
        areas.join(" "),
        "websites files databases backups domains dns email certificates cron ftp statistics tokens"
    );
    let templates: Vec<_> = catalogue
        .templates()
        .iter()
        .map(|template| template.id.as_str())
        .collect();
    assert_eq!(
        templates.join(" "),
        "deploy-website nightly-backup restore-backups manage-databases dns-certificates read-only full-access"
    );
    let nightly = catalogue.template("nightly-backup").expect("built in");
    assert_eq!(
        (nightly.days.get(), nightly.scopes.contains(&scope("backups:create"))),
        (90, true)
    );
    assert!(
        catalogue
            .template("full-access")
            .is_some_and(|full| full.scopes.is_full())
    );
    assert!(catalogue.template("Nightly backup").is_none());
}

#[test]
fn built_in_scopes_separate_reading_from_destroying() {
    let catalogue = Catalogue::built_in();
    let entries = || catalogue.areas().iter().flat_map(|area| &area.scopes);
    for entry in entries() {
        let destroys = ["delete", "restore"].contains(&entry.scope.action());
        assert!(!destroys || entry.risk > Risk::Low, "{} destroys", entry.scope);
        let is_reading = |scope: &Scope| scope.action() == "read" || scope.as_str() == "dns:challenge";
        assert!(
            entry.implies.iter().all(is_reading),
            "{} implies more than reading",
            entry.scope
        );
        assert!(
            !entry.can.ends_with('.') && !entry.can.starts_with(char::is_uppercase),
            "{}",
            entry.can
        );
    }
    let read_only = catalogue.template("read-only").expect("built in");
    assert!(
        catalogue
            .closure(&read_only.scopes)
            .iter()
            .all(|scope| scope.action() == "read")
    );
}

#[test]
fn every_built_in_scope_is_needed_somewhere_and_every_route_finds_itself() {
    let catalogue = Catalogue::built_in();
    let mut needed = ScopeSet::empty();
    for service in catalogue.services() {
        for route in &service.routes {
            needed = needed.union(&route.scopes);
            let uri = route.path.as_str().replace(['{', '}', '*'], "");
            let host = service.hosts.first().map(String::as_str);
            let found = catalogue
                .route(host, route.method.as_str(), &uri)
                .expect("its own route");
            assert_eq!(
                (found.service, found.template),
                (service.id.as_str(), route.path.as_str())
            );
            assert_eq!(found.site, route.site);
        }
    }
    assert_eq!(needed, catalogue.closure(&ScopeSet::full()));
}

#[test]
fn closure_adds_what_is_implied_and_writes_full_access_out() {
    let catalogue = Catalogue::built_in();
    assert_eq!(
        catalogue.closure(&set("dns:write")),
        set("dns:challenge dns:read dns:write")
    );
    assert_eq!(catalogue.closure(&set("files:read")), set("files:read"));
    let all = catalogue.closure(&ScopeSet::full());
    assert!(!all.is_full() && all.contains(&scope("tokens:manage")) && !all.contains(&scope("no:such")));
    assert_eq!(
        catalogue.unknown(&set("files:read no:such a:b")),
        [scope("a:b"), scope("no:such")]
    );
    assert_eq!(catalogue.unknown(&ScopeSet::full()), []);
}

#[test]
fn implied_scopes_go_through_others_and_other_areas() {
    let text = AREA.replace(
        "can = \"b\", risk = \"low\"",
        "can = \"b\", risk = \"low\", implies = [\"x:c\"]",
    ) + "[[area]]\nid = \"y\"\ntitle = \"Y\"\nicon = \"i\"\n\
           scopes = [{ id = \"y:d\", can = \"d\", risk = \"low\", implies = [\"x:a\"] }]\n";
    let catalogue = Catalogue::from_toml(&text).expect("a catalogue");
    assert_eq!(catalogue.closure(&set("y:d")), set("x:a x:b x:c y:d"));
    assert_eq!(
        catalogue.scope(&scope("y:d")).map(|entry| entry.implies.clone()),
        Some(set("x:a x:b x:c"))
    );
}

#[test]
fn what_is_about_sites_is_told_by_the_area() {
    let catalogue = Catalogue::built_in();
    assert_eq!(
        catalogue.place(&set("files:read"), Some("blog.example")),
        Place::Site("blog.example")
    );
    assert_eq!(catalogue.place(&set("files:read tokens:read"), None), Place::AnySite);
    assert_eq!(catalogue.place(&set("tokens:read"), None), Place::Account);
    assert_eq!(catalogue.place(&set("no:such"), None), Place::AnySite);
    assert_eq!(catalogue.place(&ScopeSet::full(), None), Place::AnySite);
}

#[test]
fn a_request_finds_its_route() {
    let catalogue = Catalogue::built_in();
    let found = catalogue
        .route(None, "POST", "/sites/blog%2Eexample/%62ackups?note=/../x")
        .expect("a route");
    assert_eq!((found.service, found.template), ("hosting", "/sites/{site}/backups"));
    assert_eq!(
        (found.scopes, found.site.as_deref()),
        (&set("backups:create"), Some("blog.example"))
    );
    let found = catalogue
        .route(Some("other.example:8443"), "DELETE", "/databases/shop")
        .expect("a route");
    assert_eq!((found.template, found.site), ("/databases/{database}", None));
    let found = catalogue
        .route(Some("DNS.hosting.example:443"), "GET", "/v1/zones/a.example/records")
        .expect("a route");
    assert_eq!((found.service, found.site.as_deref()), ("dns", Some("a.example")));
    let head = catalogue.route(None, "HEAD", "/sites").expect("as GET");
    assert_eq!(head.scopes, &set("websites:read"));
    let deep = catalogue
        .route(Some("dav.hosting.example"), "GET", "/a.example/css/main.css")
        .expect("a route");
    assert_eq!(
        (deep.template, deep.site.as_deref()),
        ("/{site}/{path*}", Some("a.example"))
    );
}

#[test]
fn a_request_without_a_route_is_refused_with_the_reason() {
    let catalogue = Catalogue::built_in();
    for (host, method, uri, refusal) in [
        (None, "POST", "/nowhere", RouteRefusal::UnknownPath),
        (None, "DELETE", "/sites", RouteRefusal::UnknownMethod),
        (None, "get", "/sites", RouteRefusal::UnknownMethod),
        (None, "PROPFIND", "/nowhere", RouteRefusal::UnknownPath),
        (None, "GET", "/sites/a/../b", RouteRefusal::DotSegment),
        (None, "GET", "/sites/a%2fbackups", RouteRefusal::EncodedSlash),
        (Some("dns.hosting.example"), "GET", "/sites", RouteRefusal::UnknownPath),
        (
            Some("dns.hosting.example/x"),
            "GET",
            "/sites",
            RouteRefusal::MalformedHost,
        ),
        (Some(""), "GET", "/sites", RouteRefusal::MalformedHost),
    ] {
        assert_eq!(
            catalogue.route(host, method, uri),
            Err(refusal),
            "{host:?} {method} {uri}"
        );
    }
    let one_host = format!("{AREA}{}", service("\"one.example\"", &[("GET", "/a")]));
    let catalogue = Catalogue::from_toml(&one_host).expect("a catalogue");
    assert_eq!(
        catalogue.route(Some("two.example"), "GET", "/a"),
        Err(RouteRefusal::UnknownHost)
    );
    assert_eq!(catalogue.route(None, "GET", "/a"), Err(RouteRefusal::UnknownHost));
    assert!(catalogue.route(Some("one.example."), "GET", "/a").is_ok());
}

#[test]
fn the_most_exact_route_is_taken_whatever_the_order() {
    let routes = [
        ("GET", "/{rest*}"),
        ("GET", "/a/{x}"),
        ("GET", "/a/b"),
        ("POST", "/a/b"),
        ("GET", "/a/{x}/c"),
    ];
    let catalogue = Catalogue::from_toml(&format!("{AREA}{}", service("\"*\"", &routes))).expect("a catalogue");
    for (uri, template) in [
        ("/a/b", "/a/b"),
        ("/a/c", "/a/{x}"),
        ("/a/b/c", "/a/{x}/c"),
        ("/b", "/{rest*}"),
        ("/a/b/d", "/{rest*}"),
    ] {
        assert_eq!(
            catalogue.route(None, "GET", uri).map(|found| found.template),
            Ok(template),
            "{uri}"
        );
    }
    assert_eq!(catalogue.route(None, "GET", "/"), Err(RouteRefusal::UnknownPath));
}

/// Lines 1 to 8: the area "x" with the scopes a, b and c, where a implies b.
const AREA: &str = r#"[[area]]
id = "x"
title = "X"
icon = "i"
scopes = [{ id = "x:a", can = "a", risk = "low", implies = ["x:b"] },
  { id = "x:b", can = "b", risk = "low" },
  { id = "x:c", can = "c", risk = "high" }]

"#;

/// A service whose first route stands on its fifth line.
fn service(hosts: &str, routes: &[(&str, &str)]) -> String {
    let row = |(method, path): &(&str, &str)| {
        format!("  {{ method = \"{method}\", path = \"{path}\", scopes = [\"x:a\"] }},\n")
    };
    let rows: Vec<_> = routes.iter().map(row).collect();
    format!(
        "[[service]]\nid = \"s\"\nhosts = [{hosts}]\nroutes = [\n{}]\n",
        rows.concat()
    )
}

proptest! {
    #[test]
    fn closure_is_a_closure(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let catalogue = Catalogue::built_in();
        let all: Vec<_> = catalogue.closure(&ScopeSet::full()).iter().cloned().collect();
        let picked: ScopeSet = picks.iter().map(|pick| pick.get(&all).clone()).collect();
        let closed = catalogue.closure(&picked);
        prop_assert!(closed.includes(&picked));
        prop_assert_eq!(catalogue.closure(&closed), closed);
    }
}
