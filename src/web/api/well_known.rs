//! `/.well-known/api-tokens.json`: how programs that look for secrets know a token for one, and where they report it.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;

use super::{call::Call, leaks};
use crate::{
    app::tokens::leaked::MOST_REPORTED,
    domain::secret::{BASE62, CHECKSUM_LENGTH, EXAMPLE, OfStaff, OfToken, PublicId, Reported, SECRET_LENGTH, Secret},
};

/// For so long, in seconds, may an answer be kept.
const KEPT: &str = "public, max-age=3600";

#[derive(Serialize)]
struct Document {
    tokens: [Token; 2],
    checksum: Checksum,
    report: Report,
    page: String,
}

/// What one kind of token looks like.
#[derive(Serialize)]
struct Token {
    name: String,
    prefix: &'static str,
    length: usize,
    pattern: String,
    example: &'static str,
}

/// How the checksum of either kind is made.
#[derive(Serialize)]
struct Checksum {
    algorithm: &'static str,
    of: String,
    written_as: String,
    alphabet: &'static str,
}

#[derive(Serialize)]
struct Report {
    url: String,
    method: &'static str,
    content_type: &'static str,
    /// A body with an example in place of what was found.
    body: serde_json::Value,
    most_tokens: usize,
    /// The status that every report is answered with, whether a token was real or not.
    status: u16,
}

impl Token {
    fn of<K: Reported>(name: String) -> Self {
        Self {
            name,
            prefix: K::PREFIX,
            length: Secret::<K>::LENGTH,
            pattern: pattern::<K>(),
            example: K::EXAMPLE,
        }
    }
}

/// Adds the route.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/.well-known/api-tokens.json").get(show));
}

async fn show(request: HttpRequest) -> HttpResponse {
    let call = Call::of(&request);
    let company = &call.app.settings.company.name;
    let document = Document {
        tokens: [
            Token::of::<OfToken>(format!("API token of {company}")),
            Token::of::<OfStaff>(format!("staff token of {company}")),
        ],
        checksum: Checksum {
            algorithm: "CRC-32 (IEEE 802.3)",
            of: format!("all characters but the last {CHECKSUM_LENGTH}, as bytes"),
            written_as: format!(
                "the last {CHECKSUM_LENGTH} characters: a base62 number, most significant digit first, padded on the \
                 left with 0"
            ),
            alphabet: BASE62,
        },
        report: Report {
            url: call.url(leaks::PATH),
            method: "POST",
            content_type: "application/json",
            body: serde_json::json!({ "tokens": [EXAMPLE] }),
            most_tokens: MOST_REPORTED,
            status: 202,
        },
        page: call.url(leaks::PATH),
    };
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, KEPT))
        .json(document)
}

/// A regular expression that every token of a kind matches, and little else.
fn pattern<K: Reported>() -> String {
    let (prefix, id, rest) = (K::PREFIX, PublicId::LENGTH, SECRET_LENGTH + CHECKSUM_LENGTH);
    format!(r"\b{prefix}[0-9A-Za-z]{{{id}}}_[0-9A-Za-z]{{{rest}}}\b")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTATION: &str = include_str!("../../../docs/leaks.md");

    fn is_documented<K: Reported>(expected: &str) {
        assert_eq!(pattern::<K>(), expected);
        assert!(Secret::<K>::parse(K::EXAMPLE).is_ok());
        for said in [expected, K::EXAMPLE, K::PREFIX] {
            assert!(DOCUMENTATION.contains(said), "docs/leaks.md has to say {said}");
        }
    }

    #[test]
    fn the_patterns_and_the_examples_are_those_of_the_documentation() {
        is_documented::<OfToken>(r"\blk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}\b");
        is_documented::<OfStaff>(r"\blka_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}\b");
        for said in [
            r"\b(lka?_[0-9A-Za-z]{8}_[0-9A-Za-z]{38})\b",
            "/.well-known/api-tokens.json",
        ] {
            assert!(DOCUMENTATION.contains(said), "docs/leaks.md has to say {said}");
        }
    }
}
