//! The files of `static/` over HTTP, and the names by which templates call them.

use std::{fs, path::Path};

use latchkey::web::assets;

use super::server::{Server, edge};
use crate::support::{Request, Response};

fn get(server: &Server, target: &str, headers: &[(&str, &str)]) -> Response {
    let request = Request::new("GET", target).header("Host", "panel.example");
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, value))
        .send(server.address)
}

#[test]
fn a_file_is_kept_for_a_year_and_asked_for_once() {
    let server = Server::start(edge());
    let url = assets::asset("robots.txt");
    let first = get(&server, url, &[]);
    assert_eq!(first.status, 200);
    assert_eq!(first.body, fs::read("static/robots.txt").expect("the file"));
    assert_eq!(
        first.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(first.header("content-type"), Some("text/plain; charset=utf-8"));
    let again = get(
        &server,
        url,
        &[("If-None-Match", first.header("etag").expect("an ETag"))],
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("cache-control"), first.header("cache-control"));
    let head = Request::new("HEAD", url)
        .header("Host", "panel.example")
        .send(server.address);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), first.header("content-length"));
}

#[test]
fn another_releases_address_gives_the_file_but_is_not_kept() {
    let server = Server::start(edge());
    let other = get(&server, "/static/000000000000/robots.txt", &[]);
    assert_eq!(other.status, 200);
    assert_eq!(other.header("cache-control"), Some("no-cache"));
}

#[test]
fn there_is_nothing_beside_the_files() {
    let server = Server::start(edge());
    let folder = assets::asset("robots.txt").trim_end_matches("robots.txt");
    for name in [
        "",
        "nothing.css",
        "../Cargo.toml",
        "%2e%2e/Cargo.toml",
        "..%2fCargo.toml",
        "/robots.txt",
    ] {
        let response = get(&server, &format!("{folder}{name}"), &[]);
        assert_eq!(response.status, 404, "{name}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{name}");
    }
}

#[test]
fn every_file_that_a_template_names_exists() {
    let mut folders = vec![Path::new("templates").to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of templates") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a template is text");
            let names = text.split("asset(\"").skip(1).filter_map(|call| call.split('"').next());
            for name in names {
                assert!(assets::exists(name), "{}: there is no static/{name}", path.display());
            }
        }
    }
}
