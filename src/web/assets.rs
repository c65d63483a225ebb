//! Style sheets, scripts and pictures: compiled in from `static/`, compressed once, and kept by browsers for a year.
//!
//! A file's address is `/static/<build>/<name>`, where `<build>` is a digest of all files together: so a file names
//! another by a relative path (`import "./copy.js"`), and no browser mixes the files of two releases.

use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderMap, web};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::packed::{Packed, hex};
use crate::web::error::WebError;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// One file, ready to be sent.
#[derive(Debug)]
struct Asset {
    url: String,
    packed: Packed,
}

#[derive(Debug)]
struct Assets {
    build: String,
    files: BTreeMap<String, Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    Assets::of(Files::iter().filter_map(|name| {
        let file = Files::get(&name)?;
        Some((name.into_owned(), web::Bytes::from(file.data.into_owned())))
    }))
});

/// The address of the file `static/<name>`, for templates: `{{ crate::web::assets::asset("css/app.css") }}`. A name that
/// does not exist gives an address that is not found; a test looks at every name in the templates.
pub fn asset(name: &str) -> &'static str {
    ASSETS
        .files
        .get(name)
        .map_or("/static/missing", |asset| asset.url.as_str())
}

/// Whether `static/<name>` exists.
pub fn exists(name: &str) -> bool {
    ASSETS.files.contains_key(name)
}

/// Reads and compresses the files now, so that the first visitor need not wait.
pub fn prepare() {
    LazyLock::force(&ASSETS);
}

/// The response with the file `static/<name>`, for the few addresses that are given (`/favicon.ico`): kept for a day.
pub fn file(name: &str, request: &HttpRequest) -> Result<HttpResponse, WebError> {
    ASSETS.response(name, request.headers(), "public, max-age=86400")
}

/// The routes of the files.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/static/{build}/{name:.+}").route(web::get().to(versioned)))
        .service(web::resource("/robots.txt").route(web::get().to(robots)));
}

async fn robots(request: HttpRequest) -> Result<HttpResponse, WebError> {
    file("robots.txt", &request)
}

async fn versioned(path: web::Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let (build, name) = path.into_inner();
    // A page of another release, from another node or an open window, still gets its file, but nobody keeps it.
    let caching = if build == ASSETS.build {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    ASSETS.response(&name, request.headers(), caching)
}

impl Assets {
    fn of(files: impl Iterator<Item = (String, web::Bytes)>) -> Self {
        let files: BTreeMap<String, web::Bytes> = files.collect();
        let mut all = Sha256::new();
        for (name, bytes) in &files {
            all.update(Sha256::digest(name));
            all.update(Sha256::digest(bytes));
        }
        let build = hex(&all.finalize()[..6]);
        let files = files.into_iter().map(|(name, plain)| {
            let asset = Asset::of(format!("/static/{build}/{name}"), &name, plain);
            (name, asset)
        });
        Self {
            files: files.collect(),
            build: build.clone(),
        }
    }

    fn response(&self, name: &str, headers: &HeaderMap, caching: &'static str) -> Result<HttpResponse, WebError> {
        let asset = self.files.get(name).ok_or(WebError::NotFound)?;
        Ok(asset.packed.response(headers, caching))
    }
}

impl Asset {
    fn of(url: String, name: &str, plain: web::Bytes) -> Self {
        let packed = Packed::new(content_type(name), plain);
        packed.pack();
        Self { url, packed }
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_change_with_any_content_and_only_with_it() {
        let build = |body: &'static str| {
            let files = [("a.css", "a{}"), ("b.js", body)];
            Assets::of(
                files
                    .into_iter()
                    .map(|(name, body)| (name.to_owned(), web::Bytes::from(body))),
            )
            .build
        };
        assert_eq!(build("1"), build("1"));
        assert_ne!(build("1"), build("2"));
    }

    #[test]
    fn what_is_embedded_has_an_address_and_a_type() {
        assert!(exists("robots.txt"));
        assert!(!exists("../Cargo.toml"));
        for (name, asset) in &ASSETS.files {
            assert_ne!(asset.packed.content_type(), "application/octet-stream", "{name}");
            assert_eq!(asset.url, super::asset(name));
        }
    }
}
