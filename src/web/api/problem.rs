//! What the API answers instead of what was asked for: a problem document (RFC 9457) and, where the token is the
//! matter, a challenge (RFC 6750).

use std::fmt::{self, Write};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{
    call::Call,
    kind::Kind,
    members::{Fault, Faults},
    reference::shape::{PageUrl, ScopeName, TokenId},
};
use crate::{
    domain::{scope::ScopeSet, secret::PublicId},
    web::{error::PROBLEM, words::counted},
};

/// What every challenge names as the place that it is for.
const REALM: &str = "Bearer realm=\"panel\"";

/// The members of every problem document, those that do not apply as null or as an empty list. One that was found before
/// the token was looked at has the first five alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem", transform = first_five)]
pub struct Document {
    /// Address of the page that explains this kind of problem.
    #[schemars(with = "PageUrl")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// Names the request in the log.
    pub instance: String,
    /// The token, where its whole secret was presented.
    #[schemars(with = "Option<TokenId>")]
    pub token_id: Option<PublicId>,
    /// Every scope that was needed.
    #[schemars(with = "Vec<ScopeName>")]
    pub required_scopes: Vec<String>,
    /// Those of them that the token lacks.
    #[schemars(with = "Vec<ScopeName>")]
    pub missing_scopes: Vec<String>,
    /// What the request was about, such as site:blog.example.
    pub resource: Option<String>,
    /// Whether the token reaches it.
    pub resource_allowed: Option<bool>,
    /// Page of the panel on which the token's owner can put it right.
    #[schemars(with = "Option<PageUrl>")]
    pub fix_url: Option<String>,
    /// Everything that is wrong with what was sent, member by member.
    pub errors: Vec<Fault>,
}

/// What every problem document has.
fn first_five(schema: &mut Schema) {
    let members = ["type", "title", "status", "detail", "instance"];
    schema.insert("required".to_owned(), members.as_slice().into());
}

/// A call that is answered with a problem document.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    document: Box<Document>,
    /// After how many seconds it is worth trying again, where that is known.
    pub retry_after: Option<u64>,
    /// What the thing that was to be changed is now, where that is the matter.
    pub etag: Option<String>,
}

impl Problem {
    /// A problem with a call; everything about a token is left empty.
    pub fn new(call: &Call, kind: Kind, detail: impl Into<String>) -> Self {
        let document = Document {
            kind: call.url(&format!("/problems/{}", kind.code())),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            instance: format!("urn:request:{}", call.request_id),
            token_id: None,
            required_scopes: Vec::new(),
            missing_scopes: Vec::new(),
            resource: None,
            resource_allowed: None,
            fix_url: None,
            errors: Vec::new(),
        };
        Self {
            kind,
            document: Box::new(document),
            retry_after: (kind == Kind::Unavailable).then_some(5),
            etag: None,
        }
    }

    /// A problem that its title says everything about.
    pub fn plain(call: &Call, kind: Kind) -> Self {
        Self::new(call, kind, format!("{}. {}", kind.title(), kind.help()))
    }

    /// A problem with these members of what was sent.
    pub fn with_faults(call: &Call, kind: Kind, faults: Faults) -> Self {
        let errors = faults.into_list();
        let detail = match errors.as_slice() {
            [] => format!("{}.", kind.title()),
            [only] => format!("{}: {}", only.member, only.detail),
            [first, rest @ ..] => {
                let more = counted(i64::try_from(rest.len()).unwrap_or(i64::MAX), "more fault");
                format!("{}: {} There are {more}: see errors.", first.member, first.detail)
            }
        };
        let mut problem = Self::new(call, kind, detail);
        problem.document.errors = errors;
        problem
    }

    /// The document, to complete it or to hand it on.
    pub fn document(&mut self) -> &mut Document {
        &mut self.document
    }

    /// The document.
    pub fn into_document(self) -> Document {
        *self.document
    }

    /// The document as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(&self.document).expect("texts and lists of texts are JSON")
    }

    /// The kind of problem.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The value of `WWW-Authenticate`, if there is to be one.
    pub fn challenge(&self) -> Option<HeaderValue> {
        let mut text = REALM.to_owned();
        match self.kind.bearer_error() {
            None if self.kind == Kind::MissingToken => {}
            None => return None,
            Some(error) => {
                let written = write!(text, ", error=\"{error}\"");
                written.expect("writing to a text cannot fail");
                if error == "insufficient_scope" {
                    if !self.document.required_scopes.is_empty() {
                        text.extend([", scope=\"", &self.document.required_scopes.join(" "), "\""]);
                    }
                } else {
                    text.extend([", error_description=\"", self.kind.title(), "\""]);
                }
            }
        }
        HeaderValue::try_from(text).ok()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.code())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status());
        if let Some(challenge) = self.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(etag) = &self.etag {
            response.insert_header((header::ETAG, etag.as_str()));
        }
        response.content_type(PROBLEM).body(self.json())
    }
}

/// Scopes as a document lists them.
pub(super) fn list(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_titles_fit_a_challenge() {
        for (position, kind) in Kind::ALL.iter().enumerate() {
            assert!(
                Kind::ALL[..position]
                    .iter()
                    .all(|earlier| earlier.code() != kind.code()),
                "{kind:?}"
            );
            assert_eq!(Kind::find(kind.code()), Some(*kind));
            // RFC 6750, 3: %x20-21 / %x23-5B / %x5D-7E.
            let fits = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
            assert!(kind.title().chars().all(fits), "{}", kind.title());
        }
    }
}
