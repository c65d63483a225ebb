//! What stands in a "no": a problem document and its headers, made ready beforehand where they are always the same.

use std::{fmt::Write, net::Ipv6Addr, sync::Arc};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
};

use crate::{
    app::App,
    web::{
        api::{call::Call, kind::Kind, problem::Problem},
        error::PROBLEM,
        request_id::{RequestId, RequestIds},
    },
};

/// Kinds of which nothing depends on the token. Whoever tries tokens out gets these, as many as there are tries.
const PLAIN: [Kind; 3] = [Kind::MissingToken, Kind::InvalidRequest, Kind::InvalidToken];

/// A refusal, before it is put as a kind of proxy wants it.
pub(super) enum Refusal<'a> {
    /// One of those that are the same for everybody but for the request's id.
    Plain(&'a Plain, RequestId),
    /// What there is to say this time.
    Told(Problem),
}

/// A refusal that is the same for everybody.
pub(super) struct Plain {
    kind: Kind,
    challenge: Option<HeaderValue>,
    /// The document, before and behind the request's id.
    document: (String, String),
}

/// Every refusal that is the same for everybody.
pub(super) struct Prepared([Plain; PLAIN.len()]);

impl Prepared {
    pub(super) fn new(app: &Arc<App>, request_ids: &RequestIds) -> Self {
        let call = Call {
            app: Arc::clone(app),
            address: Ipv6Addr::UNSPECIFIED.into(),
            request_id: request_ids.next(),
        };
        Self(PLAIN.map(|kind| {
            let problem = Problem::plain(&call, kind);
            let document = ascii(&problem.json());
            let (before, behind) = document
                .split_once(call.request_id.as_str())
                .expect("every document names the request");
            Plain {
                kind,
                challenge: problem.challenge(),
                document: (before.to_owned(), behind.to_owned()),
            }
        }))
    }

    pub(super) fn find(&self, kind: Kind) -> Option<&Plain> {
        self.0.iter().find(|plain| plain.kind == kind)
    }
}

impl Refusal<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Plain(plain, _) => plain.kind,
            Self::Told(problem) => problem.kind(),
        }
    }

    /// The document as JSON, in printable ASCII and so in one line.
    pub(super) fn document(&self) -> String {
        match self {
            Self::Plain(plain, id) => [&plain.document.0, id.as_str(), &plain.document.1].concat(),
            Self::Told(problem) => ascii(&problem.json()),
        }
    }

    /// The same with at most `most` bytes, if leaving out what can be left out is enough for that.
    pub(super) fn document_within(mut self, most: usize) -> String {
        let whole = self.document();
        let Self::Told(problem) = &mut self else { return whole };
        if whole.len() <= most {
            return whole;
        }
        let title = problem.kind().title();
        problem.document().detail = format!("{title}.");
        let shorter = ascii(&problem.json());
        if shorter.len() <= most {
            return shorter;
        }
        let document = problem.document();
        document.required_scopes.clear();
        document.missing_scopes.clear();
        document.fix_url = None;
        ascii(&problem.json())
    }

    /// Sets the headers that every refusal has.
    pub(super) fn explain(&self, response: &mut HttpResponseBuilder) {
        response
            .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
        let (challenge, retry_after) = match self {
            Self::Plain(plain, _) => (plain.challenge.clone(), None),
            Self::Told(problem) => (problem.challenge(), problem.retry_after),
        };
        if let Some(challenge) = challenge {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
    }
}

/// The answer for a proxy that passes any refusal on as it is.
pub(super) fn as_it_is(refusal: Refusal<'_>) -> HttpResponse {
    let mut response = HttpResponse::build(refusal.kind().status());
    refusal.explain(&mut response);
    response
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM)))
        .body(refusal.document())
}

/// JSON in which every character beyond printable ASCII is escaped. Outside of its texts JSON has none.
fn ascii(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            line.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(line, "\\u{unit:04x}").expect("writing to a text cannot fail");
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_becomes_one_line_that_says_the_same(text in any::<String>()) {
            let line = ascii(&serde_json::to_string(&text).unwrap());
            prop_assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        }
    }
}
