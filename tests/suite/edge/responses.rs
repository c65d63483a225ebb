//! What every response carries, and how failures look.

use std::sync::Arc;

use latchkey::web::{edge::Edge, error::ErrorPage};

use super::server::{Server, edge};
use crate::support::{Request, Response};

const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

fn get(server: &Server, target: &str) -> Response {
    Request::new("GET", target)
        .header("Host", "panel.example")
        .send(server.address)
}

#[test]
fn every_response_is_complete() {
    let server = Server::start(edge());
    for (target, status) in [
        ("/page", 200),
        ("/json", 200),
        ("/text", 200),
        ("/empty", 303),
        ("/healthz", 200),
        ("/nowhere", 404),
        ("/forbidden", 403),
        ("/failed", 500),
        ("/panic", 500),
        ("/echo", 405),
        ("/static/nothing/here.css", 404),
        ("/robots.txt", 200),
    ] {
        let response = get(&server, target);
        assert_eq!(response.status, status, "{target}");
        let policy = if target == "/json" {
            "default-src 'none'; frame-ancestors 'none'; sandbox"
        } else {
            PAGE
        };
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(response.header(name), Some(value), "{target}");
        }
        assert_eq!(response.header("x-request-id").map(str::len), Some(16), "{target}");
        assert!(response.header("permissions-policy").is_some(), "{target}");
        assert!(response.header("server").is_none(), "{target}");
        assert!(
            response.body.is_empty() || response.header("content-type").is_some(),
            "{target}"
        );
        let kept = response.header("cache-control");
        assert!(
            kept == Some("no-store") || target == "/robots.txt",
            "{target}: {kept:?}"
        );
    }
    assert_eq!(
        get(&server, "/kept").header("cache-control"),
        Some("private, max-age=60")
    );
    assert_eq!(
        get(&server, "/text").header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn failures_have_a_page_with_the_reference_and_no_cause() {
    let server = Server::start(edge());
    for (target, status, heading) in [
        ("/forbidden", 403, "You don&#39;t have permission to do this."),
        ("/nowhere", 404, "We can&#39;t find that page."),
        ("/many", 429, "Too many tries."),
        ("/failed", 500, "Something went wrong on our side."),
        ("/panic", 500, "Something went wrong on our side."),
        ("/busy", 503, "We can&#39;t do that right now."),
    ] {
        let response = get(&server, target);
        let page = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!(response.status, status);
        assert_eq!(
            response.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{target}"
        );
        assert!(page.contains(heading), "{target}: {page}");
        assert!(
            page.contains(response.header("x-request-id").expect("an id")),
            "{target}: {page}"
        );
        assert!(!page.contains("cause") && !page.contains("demand"), "{target}: {page}");
    }
    assert_eq!(get(&server, "/many").header("retry-after"), Some("40"));
    assert!(String::from_utf8_lossy(&get(&server, "/many").body).contains("in 40 seconds"));
}

#[test]
fn programs_get_problem_documents() {
    let server = Server::start(edge());
    let asked = Request::new("GET", "/forbidden")
        .header("Host", "panel.example")
        .header("Accept", "application/json")
        .send(server.address);
    for (response, status, kind) in [
        (
            get(&server, "/api/nowhere"),
            404,
            "https://panel.example/problems/not-found",
        ),
        (
            get(&server, "/api/failed"),
            500,
            "https://panel.example/problems/internal",
        ),
        (get(&server, "/api/panic"), 500, "about:blank"),
        (asked, 403, "https://panel.example/problems/forbidden"),
    ] {
        assert_eq!(response.status, status);
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(
            response.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'; sandbox")
        );
        let problem: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(problem["type"], kind);
        assert_eq!(problem["status"], status);
        let id = response.header("x-request-id").expect("an id");
        assert_eq!(problem["instance"], format!("urn:request:{id}"));
        assert!(problem["title"].is_string());
        assert!(!problem.to_string().contains("cause"));
    }
}

#[test]
fn a_panic_in_a_compatible_call_is_told_in_its_own_form() {
    let server = Server::start(edge());
    for (path, place) in [
        ("/execute/Tokens/list", "/errors/0"),
        ("/cpsess0123456789/execute/Tokens/list", "/errors/0"),
        ("/json-api/cpanel", "/cpanelresult/error"),
        ("/json-api/listaccts", "/metadata/reason"),
        ("/login/", "/message"),
    ] {
        let response = get(&server, path);
        assert_eq!(response.status, 500, "{path}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{path}");
        assert!(response.header("x-request-id").is_some());
        let said: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(
            said.pointer(place).and_then(serde_json::Value::as_str),
            Some("Something went wrong on our side."),
            "{path}: {said}"
        );
        assert!(!said.to_string().contains("on demand"), "{said}");
    }
    assert_eq!(get(&server, "/page").status, 200);
}

#[test]
fn a_panic_fails_one_request_only() {
    let server = Server::start(edge());
    for _ in 0..20 {
        assert_eq!(get(&server, "/panic").status, 500);
    }
    assert_eq!(get(&server, "/page").status, 200);
}

#[test]
fn pages_and_csv_are_compressed_and_nothing_else() {
    let server = Server::start(edge());
    for (target, asked, encoding) in [
        ("/long", "gzip, deflate, br", Some("br")),
        ("/long", "gzip", Some("gzip")),
        ("/csv", "br", Some("br")),
        ("/long", "zstd", None),
        ("/secret", "gzip, deflate, br", None),
        ("/json", "gzip, deflate, br", None),
        ("/page", "gzip, deflate, br", None),
        ("/nowhere", "identity", None),
    ] {
        let request = Request::new("GET", target).header("Host", "panel.example");
        let response = request.header("Accept-Encoding", asked).send(server.address);
        assert_eq!(response.header("content-encoding"), encoding, "{target} {asked}");
    }
}

#[test]
fn the_application_can_show_errors_in_its_own_layout() {
    let page: ErrorPage =
        Arc::new(|view, _| (view.code == "forbidden").then(|| format!("<h1>ours: {}</h1>", view.title)));
    let server = Server::start(Edge {
        error_page: Some(page),
        ..edge()
    });
    assert!(get(&server, "/forbidden").text().starts_with("<h1>ours: "));
    assert!(get(&server, "/nowhere").text().starts_with("<!doctype html>"));
}
