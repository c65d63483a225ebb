//! The look-up of routes against a slow and obvious one, which reads every route of every service segment by segment and
//! compares templates by listing the paths that they have.

use proptest::prelude::*;

use super::AREA;
use crate::{catalogue::Catalogue, domain::decision::RouteRefusal};

/// One route as the file writes it.
#[derive(Debug, Clone)]
struct Row {
    service: usize,
    method: &'static str,
    template: String,
}

/// The hosts of each service; none: every host that no service names.
const HOSTS: [&[&str]; 3] = [&[], &["one.example"], &["one.example", "two.example"]];

fn text(rows: &[Row]) -> String {
    let mut text = AREA.to_owned();
    for (service, hosts) in HOSTS.iter().enumerate() {
        let own: Vec<String> = rows
            .iter()
            .filter(|row| row.service == service)
            .map(|row| {
                format!(
                    "{{ method = \"{}\", path = \"{}\", scopes = [\"x:a\"] }}",
                    row.method, row.template
                )
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let hosts: Vec<String> = hosts.iter().map(|host| format!("\"{host}\"")).collect();
        let hosts = if hosts.is_empty() {
            "\"*\"".to_owned()
        } else {
            hosts.join(", ")
        };
        text.extend([format!(
            "[[service]]\nid = \"s{service}\"\nhosts = [{hosts}]\nroutes = [\n{}\n]\n",
            own.join(",\n")
        )]);
    }
    text
}

fn split(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (split(template), split(path));
    loop {
        match (template.first().copied(), path.first().copied()) {
            (None, None) => return true,
            (None, Some(_)) | (Some(_), None) => return false,
            (Some(part), Some(_)) if part.ends_with("*}") => return true,
            (Some(part), Some(segment)) if !part.starts_with('{') && part != segment => return false,
            (Some(_), Some(_)) => {
                template.remove(0);
                path.remove(0);
            }
        }
    }
}

/// Every path of up to five segments out of three words, one of which no template has.
fn every_path() -> Vec<String> {
    let mut longest = vec![String::new()];
    let mut all = vec!["/".to_owned()];
    for _ in 0..5 {
        longest = longest
            .iter()
            .flat_map(|path| ["a", "b", "z"].map(|word| format!("{path}/{word}")))
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// The rows that answer on a host.
fn on_host<'a>(rows: &'a [Row], host: Option<&str>) -> Vec<&'a Row> {
    let named = |row: &&Row| host.is_some_and(|host| HOSTS[row.service].contains(&host));
    let own: Vec<&Row> = rows.iter().filter(named).collect();
    if own.is_empty() {
        rows.iter().filter(|row| HOSTS[row.service].is_empty()).collect()
    } else {
        own
    }
}

/// How many of the paths belong to a template: of two that lie one in the other the more exact has fewer.
fn size(template: &str, paths: &[String]) -> usize {
    paths.iter().filter(|path| fits(template, path)).count()
}

/// Whether two rows of one method on one host share a path and neither lies wholly inside the other.
fn clash(rows: &[Row], paths: &[String]) -> bool {
    [None, Some("one.example"), Some("two.example")].iter().any(|host| {
        let rows = on_host(rows, *host);
        rows.iter().enumerate().any(|(place, one)| {
            rows[..place]
                .iter()
                .filter(|other| other.method == one.method)
                .any(|other| {
                    let shared = paths
                        .iter()
                        .filter(|path| fits(&one.template, path) && fits(&other.template, path));
                    let (shared, one, other) =
                        (shared.count(), size(&one.template, paths), size(&other.template, paths));
                    shared > 0 && (one == other || shared < one.min(other))
                })
        })
    })
}

fn find<'a>(
    rows: &'a [Row],
    paths: &[String],
    (host, method, path): (Option<&str>, &str, &str),
) -> Result<&'a Row, RouteRefusal> {
    let rows = on_host(rows, host);
    if rows.is_empty() {
        return Err(RouteRefusal::UnknownHost);
    }
    let fitting: Vec<&Row> = rows.into_iter().filter(|row| fits(&row.template, path)).collect();
    let method = if method == "HEAD" { "GET" } else { method };
    let own = fitting.iter().filter(|row| row.method == method);
    match own.min_by_key(|row| size(&row.template, paths)) {
        Some(row) => Ok(row),
        None if fitting.is_empty() => Err(RouteRefusal::UnknownPath),
        None => Err(RouteRefusal::UnknownMethod),
    }
}

fn some_template() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "{}"]);
    (prop::collection::vec(part, 0..4), prop::bool::weighted(0.3)).prop_map(|(parts, has_rest)| {
        let mut text = String::new();
        for (place, part) in parts.iter().enumerate() {
            match *part {
                "{}" => text.extend([format!("/{{p{place}}}")]),
                word => text.extend([format!("/{word}")]),
            }
        }
        if has_rest {
            text.push_str("/{rest*}");
        }
        if text.is_empty() { "/".to_owned() } else { text }
    })
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    let methods = prop::sample::select(vec!["GET", "POST"]);
    let row = (0..HOSTS.len(), methods, some_template()).prop_map(|(service, method, template)| Row {
        service,
        method,
        template,
    });
    prop::collection::vec(row, 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_route_is_found_as_by_reading_them_all(
        rows in some_rows(),
        method in prop::sample::select(vec!["GET", "POST", "HEAD", "DELETE"]),
        host in prop::sample::select(vec![None, Some("one.example"), Some("two.example"), Some("three.example")]),
    ) {
        let paths = every_path();
        let catalogue = Catalogue::from_toml(&text(&rows));
        prop_assert_eq!(catalogue.is_err(), clash(&rows, &paths), "{:?}", catalogue.err());
        if let Ok(catalogue) = catalogue {
            for path in paths.iter().step_by(3) {
                let real = catalogue.route(host, method, path);
                let real = real.map(|found| (found.service.to_owned(), found.template));
                let expected = find(&rows, &paths, (host, method, path));
                let expected = expected.map(|row| (format!("s{}", row.service), row.template.as_str()));
                prop_assert_eq!(real, expected, "{:?} {} {}", host, method, path);
            }
        }
    }
}
