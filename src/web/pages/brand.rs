//! The hosting company's look as files: its logo, its colour, and the icon of the browser's tab.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data},
};
use sha2::{Digest, Sha256};

use crate::{
    settings::Company,
    web::{assets, error::WebError, packed, panel::Panel},
};

/// Kept for ever: another content has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for by another address than today's, by a page of an older start.
const NOT_KEPT: &str = "no-cache";

/// A file that the settings name.
#[derive(Clone, Debug)]
pub struct BrandFile {
    /// Path and query; the query changes with the content.
    pub url: String,
    version: String,
    media_type: &'static str,
    bytes: Bytes,
}

impl BrandFile {
    fn new(path: &str, media_type: &'static str, bytes: Bytes) -> Self {
        let version = packed::hex(&Sha256::digest(&bytes)[..6]);
        Self {
            url: format!("{path}?v={version}"),
            version,
            media_type,
            bytes,
        }
    }

    /// The company's logo, if it has one.
    pub fn logo(company: &Company) -> Option<Self> {
        let logo = company.logo.as_ref()?;
        Some(Self::new(LOGO, logo.media_type, Bytes::from(logo.bytes.clone())))
    }

    /// The style sheet with the company's colour, if it has one.
    pub fn accent(company: &Company) -> Option<Self> {
        let css = company.accent_css()?;
        Some(Self::new(ACCENT, "text/css; charset=utf-8", Bytes::from(css)))
    }

    fn response(&self, request: &HttpRequest) -> HttpResponse {
        let caching = match request.query_string().strip_prefix("v=") {
            Some(version) if version == self.version => FOR_EVER,
            _ => NOT_KEPT,
        };
        let etag = format!("\"{}\"", self.version);
        let (mut response, known) = packed::tagged(request.headers(), &etag, caching);
        if known {
            return response.finish();
        }
        response.content_type(self.media_type).body(self.bytes.clone())
    }
}

const LOGO: &str = "/brand/logo";
const ACCENT: &str = "/brand/accent.css";

/// The routes of these files. They need no session.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(LOGO).get(logo))
        .service(web::resource(ACCENT).get(accent))
        .service(web::resource("/favicon.svg").get(favicon))
        .service(web::resource("/favicon.ico").get(old_favicon));
}

async fn logo(panel: Data<Panel>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let file = panel.logo.as_ref().ok_or(WebError::NotFound)?;
    Ok(file.response(&request))
}

async fn accent(panel: Data<Panel>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let file = panel.accent.as_ref().ok_or(WebError::NotFound)?;
    Ok(file.response(&request))
}

async fn favicon(request: HttpRequest) -> Result<HttpResponse, WebError> {
    assets::file("favicon.svg", &request)
}

/// Whoever asks by this name takes any picture; a PNG is what the oldest of them can show.
async fn old_favicon(request: HttpRequest) -> Result<HttpResponse, WebError> {
    assets::file("brand/touch-icon.png", &request)
}
