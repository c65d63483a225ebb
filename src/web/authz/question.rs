//! What a gateway asks: the request as its client sent it, or what the request needs by the gateway's own word.

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::{
    app::verify::Asked,
    catalogue::Catalogue,
    domain::{
        scope::{Scope, ScopeSet},
        site::SiteName,
    },
};

/// Longest statement, in bytes as it is written.
const LONGEST_STATEMENT: usize = 1000;

/// A question that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question<'a> {
    /// What the request needs is in the catalogue.
    Request {
        method: &'a str,
        host: &'a str,
        target: &'a str,
    },
    /// What it needs is what the gateway says.
    Stated { scopes: ScopeSet, site: Option<SiteName> },
}

/// What is wrong with a question: a sentence for whoever runs the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(String);

impl Fault {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Question<'_> {
    /// The same for the decision.
    pub(super) fn asked(&self) -> Asked<'_> {
        match self {
            Self::Request { method, host, target } => Asked::Request {
                method,
                host: Some(host),
                target,
            },
            Self::Stated { scopes, site } => Asked::Scopes {
                scopes,
                site: site.as_ref().map(SiteName::as_str),
            },
        }
    }
}

/// The one value of a header that the gateway has to set. One that it leaves to the client, who may send another, or a
/// second one, is what a forged request would be made with.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Fault> {
    let mut lines = headers.get_all(name);
    match (lines.next(), lines.next()) {
        (Some(line), None) => match line.to_str() {
            Ok(text) if !text.is_empty() => Ok(text),
            _ => Err(Fault(format!(
                "The header {name} holds something else than printable ASCII."
            ))),
        },
        (None, _) => Err(Fault(format!(
            "The header {name} is missing. The gateway has to set it."
        ))),
        (Some(_), Some(_)) => Err(Fault(format!("The header {name} stands there more than once."))),
    }
}

/// What the gateway says that the request needs: `scope=databases:write&site=blog.example`. Several scopes are all needed,
/// so that nothing that is added makes it less. Empty: it says nothing.
pub(super) fn stated(catalogue: &Catalogue, text: &str) -> Result<Option<Question<'static>>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_STATEMENT {
        return Err(Fault(format!(
            "What the request needs is said in at most {LONGEST_STATEMENT} characters."
        )));
    }
    let (mut scopes, mut site) = (Vec::new(), None);
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        match &*name {
            "scope" => scopes.extend(
                value
                    .split_ascii_whitespace()
                    .map(scope)
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            "site" if site.is_none() => {
                let named: Result<SiteName, _> = value.parse();
                site = Some(named.map_err(|_| Fault(format!("The site {value:?} is no domain name.")))?);
            }
            "site" => return Err(Fault::new("The parameter site stands there more than once.")),
            _ => {
                return Err(Fault(format!(
                    "There is no parameter {name:?}. There are scope and site."
                )));
            }
        }
    }
    let scopes: ScopeSet = scopes.into_iter().collect();
    if scopes.is_empty() {
        return Err(Fault::new("The parameter scope must name one scope or more."));
    }
    match catalogue.unknown(&scopes).first() {
        Some(unknown) => Err(Fault(format!("There is no scope {unknown}."))),
        None => Ok(Some(Question::Stated { scopes, site })),
    }
}

fn scope(word: &str) -> Result<Scope, Fault> {
    let scope = word.parse();
    scope.map_err(|_| Fault(format!("{word:?} is no scope: one is written as area:action.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_scopes_and_perhaps_a_site() {
        let catalogue = Catalogue::built_in();
        for (text, scopes, site) in [
            ("scope=files:read", "files:read", None),
            (
                "scope=files:read+dns:read&site=Blog.Example",
                "dns:read files:read",
                Some("blog.example"),
            ),
            (
                "site=a.b&scope=files:read&scope=dns%3Aread%20",
                "dns:read files:read",
                Some("a.b"),
            ),
        ] {
            let stated = stated(&catalogue, text).unwrap().unwrap();
            let Question::Stated {
                scopes: found,
                site: named,
            } = stated
            else {
                panic!("{text} is a statement")
            };
            assert_eq!(found.to_string(), scopes);
            assert_eq!(named.as_ref().map(SiteName::as_str), site);
        }
        assert_eq!(stated(&catalogue, ""), Ok(None));
    }

    #[test]
    fn whatever_else_is_said_is_a_fault() {
        let catalogue = Catalogue::built_in();
        for text in [
            "scope",
            "scope=",
            "scope=+",
            "scope=*",
            "scope=files:reed",
            "scope=files:read+nothing",
            "scope=files:read&site=",
            "scope=files:read&site=localhost",
            "scope=files:read&site=*",
            "scope=files:read&site=a.b&site=a.b",
            "scope=files:read&Scope=dns:read",
            "scope=files:read&access_token=x",
            "site=a.b",
            "files:read",
            "&",
            "scope=files:read%00",
            "scope=%ff",
        ] {
            assert!(stated(&catalogue, text).is_err(), "{text}");
        }
        let long = format!("scope=files:read{}", "+files:read".repeat(100));
        assert!(stated(&catalogue, &long).is_err());
    }

    #[test]
    fn a_header_is_there_once_or_not_at_all() {
        let name = HeaderName::from_static("x-original-uri");
        let mut headers = HeaderMap::new();
        let mut with = |value: &[u8]| {
            headers.append(
                name.clone(),
                actix_web::http::header::HeaderValue::from_bytes(value).unwrap(),
            );
            header(&headers, &name).map(str::to_owned)
        };
        assert_eq!(with(b"/a").as_deref(), Ok("/a"));
        assert!(with(b"/a").is_err());
        headers.clear();
        assert!(header(&headers, &name).is_err());
        for odd in [&b""[..], b"/caf\xc3\xa9"] {
            headers.insert(
                name.clone(),
                actix_web::http::header::HeaderValue::from_bytes(odd).unwrap(),
            );
            assert!(header(&headers, &name).is_err());
        }
    }
}
