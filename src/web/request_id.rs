//! A name for each request, so that what a visitor sees, what the log says and what the audit record holds can be
//! brought together.

use std::{
    fmt,
    future::{Ready, ready},
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::HeaderMap};

/// The header that carries it, in responses and from a trusted proxy.
pub const HEADER: &str = "x-request-id";

/// The longest id that is taken from a proxy.
const LONGEST: usize = 64;

/// One request's id: letters, digits, `-`, `_` and `.`, at most 64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id that a trusted proxy gave the request, if it is one that can stand in a header and a log unchanged.
    pub(super) fn from_proxy(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (!text.is_empty() && text.len() <= LONGEST && text.bytes().all(plain)).then(|| Self(text.into()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromRequest for RequestId {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.extensions().get::<Self>().cloned();
        ready(id.ok_or_else(|| actix_web::error::ErrorInternalServerError("the request has not passed the edge")))
    }
}

/// Makes request ids: all different while the process lives, and in no order that tells how busy the server is.
#[derive(Debug)]
pub struct RequestIds {
    seed: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// `seed` is random, so that two processes, or two lives of one, do not repeat each other's ids.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            next: AtomicU64::new(0),
        }
    }

    pub(super) fn next(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        // Vigna's SplitMix64: a bijection, so that distinct counts give distinct ids.
        let mut mixed = self.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId(format!("{:016x}", mixed ^ (mixed >> 31)).into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn ids_differ_within_and_between_processes() {
        let (one, two) = (RequestIds::new(1), RequestIds::new(2));
        let ids: HashSet<String> = (0..1000)
            .flat_map(|_| [one.next(), two.next()])
            .map(|id| id.to_string())
            .collect();
        assert_eq!(ids.len(), 2000);
        assert!(ids.iter().all(|id| id.len() == 16));
    }

    #[test]
    fn a_proxys_id_is_taken_only_if_it_is_plain() {
        let from = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                HeaderName::from_static(HEADER),
                HeaderValue::from_str(text).expect("a header value"),
            );
            RequestId::from_proxy(&headers)
        };
        assert_eq!(from("01J9-ab_c.d").expect("plain").as_str(), "01J9-ab_c.d");
        for odd in ["", "a b", "a\tb", "<b>", &"x".repeat(65)] {
            assert_eq!(from(odd), None, "{odd:?}");
        }
        assert_eq!(RequestId::from_proxy(&HeaderMap::new()), None);
    }
}
