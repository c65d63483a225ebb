//! `/authz/forward`: for Traefik's `ForwardAuth` and Caddy's `forward_auth`.
//!
//! Reads `X-Forwarded-Method`, `X-Forwarded-Uri`, `X-Forwarded-Host` and `X-Forwarded-For`, which both set themselves. Both pass
//! any refusal on as it is.

use actix_web::{
    dev::RequestHead,
    http::header::{HeaderName, HeaderValue},
};

use super::{
    Way,
    question::{Fault, Question, header, stated},
    refusal::as_it_is,
};
use crate::catalogue::Catalogue;

pub(super) const PATH: &str = "/authz/forward";

pub(super) const WAY: Way = Way { read, refuse: as_it_is };

const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

fn read<'a>(catalogue: &Catalogue, head: &'a RequestHead) -> Result<Question<'a>, Fault> {
    let query = head.uri.query().unwrap_or_default();
    if is_clients(query, head) {
        return Err(Fault::new(
            "The query is the client's own. In the Caddyfile, write \"uri /authz/forward?\", with the question mark.",
        ));
    }
    if let Some(stated) = stated(catalogue, query)? {
        return Ok(stated);
    }
    Ok(Question::Request {
        method: header(&head.headers, &METHOD)?,
        target: header(&head.headers, &URI)?,
        host: header(&head.headers, &HOST)?,
    })
}

/// Whether a query is what the client sent, and no word of the gateway. Caddy leaves it behind the address of the question
/// unless the address has a `?` itself, and a client that says what its request needs would name what it has.
fn is_clients(query: &str, head: &RequestHead) -> bool {
    let sent = |line: &HeaderValue| {
        let (_, sent) = line.to_str().ok()?.split_once('?')?;
        Some(sent == query)
    };
    !query.is_empty() && head.headers.get_all(&URI).any(|line| sent(line).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_own_query_says_nothing_of_what_is_needed() {
        let catalogue = Catalogue::built_in();
        let asked = |uri: &str, target: &'static str| {
            let mut head = RequestHead::default();
            head.uri = uri.parse().unwrap();
            for (name, value) in [(METHOD, "GET"), (URI, target), (HOST, "a.example")] {
                head.headers.insert(name, HeaderValue::from_static(value));
            }
            read(&catalogue, &head).map(|question| matches!(question, Question::Stated { .. }))
        };
        assert_eq!(asked("/authz/forward", "/a?scope=dns:read"), Ok(false));
        assert_eq!(asked("/authz/forward?", "/a?scope=dns:read"), Ok(false));
        assert_eq!(asked("/authz/forward?scope=files:read", "/a?scope=dns:read"), Ok(true));
        assert_eq!(asked("/authz/forward?scope=files:read", "/a"), Ok(true));
        assert!(asked("/authz/forward?scope=dns:read", "/a?scope=dns:read").is_err());
        assert!(asked("/authz/forward?x=y", "/a?x=y").is_err());
    }
}
