//! The headers that make browsers careful with our responses. They are set last, on everything that leaves the
//! application, errors and redirects included (ASVS 3.4).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::web::{
    origin::Origin,
    request_id::{self, RequestId},
};

/// What our pages may load and do: only what comes from this server, no inline script or style.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What JSON may do when somebody opens it directly: nothing.
pub const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Completes the headers of a response. A handler's own `Cache-Control` and `Referrer-Policy` stand; everything else
/// here is not for handlers to choose.
pub(super) fn complete(headers: &mut HeaderMap, has_body: bool, origin: &Origin, id: &RequestId) {
    for (name, value) in ALWAYS {
        if name != header::REFERRER_POLICY || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if has_body && !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
    }
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"application/json") || kind.starts_with(b"application/problem+json")
    });
    let policy = if json { DATA_POLICY } else { PAGE_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if origin.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    let id = HeaderValue::from_str(id.as_str()).expect("an id is made of plain characters");
    headers.insert(HeaderName::from_static(request_id::HEADER), id);
}
