//! Which responses are compressed on their way out: pages and CSV, and nothing else.
//!
//! A page that holds a secret beside something that an attacker can choose must not be compressed (BREACH): its length
//! would tell. Forms hold masked tokens; a page with a secret of its own carries [`NeverCompress`].

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    http::header::{self, HeaderMap, HeaderValue},
};

/// Put into a response's extensions, it keeps the response from being compressed:
/// `response.extensions_mut().insert(NeverCompress)`.
#[derive(Clone, Copy, Debug)]
pub struct NeverCompress;

/// What is shorter than this fits into one packet anyway.
const WORTH_IT: u64 = 1024;

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Marks a response that must stay as it is, in the way that the framework's compression understands.
pub(super) fn choose<B: MessageBody>(response: &mut HttpResponse<B>) {
    let wanted = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"text/html") || kind.starts_with(b"text/csv")
    });
    let short = matches!(response.body().size(), BodySize::Sized(length) if length < WORTH_IT);
    let kept = response.extensions().get::<NeverCompress>().is_some();
    if (!wanted || short || kept) && !response.headers().contains_key(header::CONTENT_ENCODING) {
        response.headers_mut().insert(header::CONTENT_ENCODING, IDENTITY);
    }
}

/// Takes [`choose`]'s mark off again.
pub(super) fn unmark(headers: &mut HeaderMap) {
    if headers.get(header::CONTENT_ENCODING) == Some(&IDENTITY) {
        headers.remove(header::CONTENT_ENCODING);
    }
}
