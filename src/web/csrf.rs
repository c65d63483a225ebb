//! Where a form post comes from: fetch metadata, `Origin`, and a token in every form (ASVS 5.0 3.5.1).

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::clock::Clock;

const LENGTH: usize = 32;

/// Whether a request that changes something was sent by a page of ours.
///
/// A browser says so in `Sec-Fetch-Site`; an older one, and any on plain http, sends `Origin`. With neither it is
/// refused: these routes are for browsers alone. `origin` is the configured one, never the request's `Host`.
pub fn is_from_our_pages(request: &HttpRequest, origin: &str) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    text(header::ORIGIN.as_str()).is_some_and(|sent| sent.eq_ignore_ascii_case(origin))
}

/// Whether a browser says that a page that is not ours sent a request. A program says nothing about pages.
pub fn is_from_other_pages(request: &HttpRequest, origin: &str) -> bool {
    let has = |name: &str| request.headers().contains_key(name);
    (has("sec-fetch-site") || has(header::ORIGIN.as_str())) && !is_from_our_pages(request, origin)
}

/// Makes and checks form tokens.
///
/// A token is bound to a session, or to a visitor's cookie before there is one. It is masked with new random bytes
/// each time, so that compressing a page that also repeats what a visitor typed does not give it away (BREACH).
#[derive(Clone)]
pub struct FormTokens {
    key: [u8; 32],
    clock: Clock,
}

impl FormTokens {
    /// With a key that all nodes share.
    pub fn new(key: [u8; 32], clock: Clock) -> Self {
        Self { key, clock }
    }

    fn secret(&self, binding: &str) -> [u8; LENGTH] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(binding.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A token for a form that is shown to `binding`.
    pub fn issue(&self, binding: &str) -> String {
        let mut bytes = [0; LENGTH * 2];
        self.clock.fill(&mut bytes[..LENGTH]);
        let secret = self.secret(binding);
        for position in 0..LENGTH {
            bytes[LENGTH + position] = bytes[position] ^ secret[position];
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether `token` was issued to `binding`.
    pub fn check(&self, token: &str, binding: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        if bytes.len() != LENGTH * 2 {
            return false;
        }
        let (mask, masked) = bytes.split_at(LENGTH);
        let plain: Vec<u8> = mask.iter().zip(masked).map(|(mask, masked)| mask ^ masked).collect();
        plain.ct_eq(&self.secret(binding)).into()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_token_serves_whom_it_was_issued_to() {
        let tokens = FormTokens::new([7; 32], Clock::fixed(datetime!(2026-11-23 12:00), 1));
        let (one, other) = (tokens.issue("session:a"), tokens.issue("session:a"));
        assert_ne!(one, other, "masked anew each time");
        assert!(tokens.check(&one, "session:a") && tokens.check(&other, "session:a"));
        assert!(!tokens.check(&one, "session:b"));
        assert!(!tokens.check("", "session:a") && !tokens.check("AAAA", "session:a"));
    }

    #[test]
    fn only_our_own_pages_may_post() {
        let ours = |headers: &[(&str, &str)]| {
            let request = headers
                .iter()
                .fold(TestRequest::post(), |request, header| request.insert_header(*header));
            is_from_our_pages(&request.to_http_request(), "https://panel.example")
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://panel.example")]));
        assert!(!ours(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://panel.example")
        ]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        let plain = TestRequest::post().to_http_request();
        assert!(!is_from_other_pages(&plain, "https://panel.example"), "a program");
        let framed = TestRequest::post().insert_header(("origin", "null")).to_http_request();
        assert!(is_from_other_pages(&framed, "https://panel.example"));
        assert!(!ours(&[("origin", "null")]) && !ours(&[("origin", "http://panel.example")]) && !ours(&[]));
    }
}
