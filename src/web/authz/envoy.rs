//! `/authz/envoy/…`: for Envoy's external authorization over HTTP, with `/authz/envoy` as its `path_prefix`.
//!
//! Envoy asks with the client's own method, host and path, the prefix before it, and passes any refusal on as it is. The
//! query is the client's, so a gateway that says itself what a request needs says it in the prefix:
//! `/authz/envoy-for/scope=databases:write&site=blog.example`. That is one segment, which the client's path comes behind and
//! cannot reach.

use actix_web::{
    dev::RequestHead,
    http::{Uri, header::HOST, uri::PathAndQuery},
};

use super::{
    Way,
    question::{Fault, Question, header, stated},
    refusal::as_it_is,
};
use crate::catalogue::Catalogue;

/// Before the client's path.
const PREFIX: &str = "/authz/envoy";
/// Before the segment that says what the request needs.
const STATED_PREFIX: &str = "/authz/envoy-for";

/// The way at an address; none when neither of the prefixes stands before it.
pub(super) fn way(path: &str) -> Option<Way> {
    let is_below = |prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let read = if is_below(PREFIX) {
        read
    } else if is_below(STATED_PREFIX) {
        read_stated
    } else {
        return None;
    };
    Some(Way { read, refuse: as_it_is })
}

/// A request to which the catalogue's routes apply.
fn read<'a>(_: &Catalogue, head: &'a RequestHead) -> Result<Question<'a>, Fault> {
    Ok(Question::Request {
        method: head.method.as_str(),
        target: after(&head.uri, PREFIX)?,
        host: header(&head.headers, &HOST)?,
    })
}

/// A request of which Envoy's configuration says what it needs.
fn read_stated<'a>(catalogue: &Catalogue, head: &'a RequestHead) -> Result<Question<'a>, Fault> {
    let rest = after(&head.uri, STATED_PREFIX)?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let statement = rest.split(['/', '?']).next().unwrap_or_default();
    stated(catalogue, statement)?.ok_or_else(|| Fault::new(format!("{STATED_PREFIX}/ must be followed by scope=.")))
}

/// What stands behind the prefix, just as it was received.
fn after<'a>(uri: &'a Uri, prefix: &str) -> Result<&'a str, Fault> {
    let origin_form = uri.scheme().is_none() && uri.authority().is_none();
    let target = uri.path_and_query().map(PathAndQuery::as_str);
    let rest = target
        .filter(|_| origin_form)
        .and_then(|target| target.strip_prefix(prefix));
    rest.ok_or_else(|| Fault::new(format!("The path does not begin with {prefix}/.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str, prefix: &str) -> Option<String> {
        after(&text.parse().unwrap(), prefix).ok().map(str::to_owned)
    }

    #[test]
    fn only_what_stands_below_a_prefix_is_asked_by_envoy() {
        for path in ["/authz/envoy", "/authz/envoy/a", "/authz/envoy-for/a/b"] {
            assert!(way(path).is_some(), "{path}");
        }
        for path in ["/authz/envoya", "/authz/envoy-fora", "/authz/", "/authz/Envoy/a"] {
            assert!(way(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_clients_path_is_taken_as_it_is() {
        for path in ["/", "/a%2e%2e/b?c=/d", "//a", "/../a", "/%2fa", ""] {
            assert_eq!(target(&format!("/authz/envoy{path}"), PREFIX).as_deref(), Some(path));
        }
        for odd in ["/%61uthz/envoy/a", "http://a.example/authz/envoy/a", "*", "/authz"] {
            assert_eq!(target(odd, PREFIX), None, "{odd}");
        }
    }

    #[test]
    fn what_a_request_needs_is_out_of_its_clients_reach() {
        let catalogue = Catalogue::built_in();
        let asked = |uri: &str| {
            let mut head = RequestHead::default();
            head.uri = uri.parse().unwrap();
            read_stated(&catalogue, &head).map(|question| match question {
                Question::Stated { scopes, site } => format!("{scopes} {site:?}"),
                Question::Request { .. } => panic!("it is stated"),
            })
        };
        let plain = asked("/authz/envoy-for/scope=files:read&site=a.b/x").unwrap();
        for client in [
            "",
            "/",
            "/../scope=dns:read/x",
            "/a&scope=dns:read",
            "?scope=dns:read",
            "/?site=c.d",
        ] {
            let found = asked(&format!("/authz/envoy-for/scope=files:read&site=a.b{client}"));
            assert_eq!(found.as_ref(), Ok(&plain), "{client}");
        }
        for client in ["*", "&site=c.d", "%2f", "x@y"] {
            let uri = format!("/authz/envoy-for/scope=files:read&site=a.b{client}");
            assert!(asked(&uri).is_err(), "{client}");
        }
        for none in [
            "/authz/envoy-for",
            "/authz/envoy-for/",
            "/authz/envoy-for//x",
            "/authz/envoy-for/?scope=files:read",
        ] {
            assert!(asked(none).is_err(), "{none}");
        }
    }
}
