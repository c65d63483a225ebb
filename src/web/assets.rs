//! Style sheets, scripts and pictures: compiled in from `static/`, compressed once, and kept by browsers for a year.
//!
//! A file's address is `/static/<build>/<name>`, where `<build>` is a digest of all files together: so a file names
//! another by a relative path (`import "./copy.js"`), and no browser mixes the files of two releases.

use std::{collections::BTreeMap, io::Write, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web,
};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use crate::web::error::WebError;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// One file, ready to be sent.
#[derive(Debug)]
struct Asset {
    url: String,
    content_type: &'static str,
    /// Weak, because it is the same for each encoding (RFC 9110 8.8.1).
    etag: String,
    plain: web::Bytes,
    gzip: Option<web::Bytes>,
    brotli: Option<web::Bytes>,
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
        let mut response = if is_known(headers, &asset.etag) {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header((header::CACHE_CONTROL, caching))
            .insert_header((header::ETAG, asset.etag.as_str()))
            .insert_header((header::VARY, "Accept-Encoding"));
        let accepted = text(headers, header::ACCEPT_ENCODING);
        let (encoding, bytes) = match (&asset.brotli, &asset.gzip) {
            (Some(bytes), _) if accepts(accepted, "br") => (Some("br"), bytes),
            (_, Some(bytes)) if accepts(accepted, "gzip") => (Some("gzip"), bytes),
            _ => (None, &asset.plain),
        };
        let mut response = response.content_type(asset.content_type).body(bytes.clone());
        if response.status() == actix_web::http::StatusCode::NOT_MODIFIED {
            return Ok(response.drop_body().map_into_boxed_body());
        }
        if let Some(encoding) = encoding {
            let encoding = header::HeaderValue::from_static(encoding);
            response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
        }
        Ok(response)
    }
}

impl Asset {
    fn of(url: String, name: &str, plain: web::Bytes) -> Self {
        let smaller = |bytes: Vec<u8>| (bytes.len() < plain.len()).then(|| web::Bytes::from(bytes));
        let content_type = content_type(name);
        let packed = content_type.starts_with("image/") && content_type != "image/svg+xml";
        Self {
            url,
            content_type,
            etag: format!("W/\"{}\"", hex(&Sha256::digest(&plain)[..8])),
            gzip: if packed { None } else { smaller(gzip(&plain)) },
            brotli: if packed { None } else { smaller(brotli(&plain)) },
            plain,
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer
        .write_all(bytes)
        .and_then(|()| writer.finish())
        .expect("memory can be written")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer.write_all(bytes).expect("memory can be written");
    drop(writer);
    packed
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

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether `Accept-Encoding` names `encoding` and does not forbid it (RFC 9110 12.5.3).
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let zero = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim_end_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !zero
    })
}

/// Whether whoever asks has what `etag` marks (RFC 9110, section 13.1.2).
pub(in crate::web) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = text(headers, header::IF_NONE_MATCH);
    known.split(',').any(|tag| bare(tag) == bare(etag))
}

/// The bytes as hexadecimal digits.
pub(in crate::web) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_chosen_as_the_client_asks() {
        for accepted in ["br", "gzip, br", "gzip;q=0.5, BR;q=0.1"] {
            assert!(accepts(accepted, "br"), "{accepted}");
        }
        for accepted in ["", "gzip", "br;q=0", "br;q=0.000", "brotli"] {
            assert!(!accepts(accepted, "br"), "{accepted}");
        }
    }

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
            assert_ne!(asset.content_type, "application/octet-stream", "{name}");
            assert_eq!(asset.url, super::asset(name));
        }
    }
}
