//! `/.well-known/api-tokens.json`: how programs that look for secrets know a token for one, and where they report it.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;

use super::{call::Call, leaks};
use crate::{
    app::tokens::leaked::MOST_REPORTED,
    domain::secret::{BASE62, CHECKSUM_LENGTH, EXAMPLE, PREFIX, PublicId, SECRET_LENGTH, TOKEN_LENGTH},
};

/// For so long, in seconds, may an answer be kept.
const KEPT: &str = "public, max-age=3600";

#[derive(Serialize)]
struct Document {
    name: String,
    prefix: &'static str,
    length: usize,
    pattern: String,
    example: &'static str,
    checksum: Checksum,
    report: Report,
    page: String,
}

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
    /// A body with the example in place of what was found.
    body: serde_json::Value,
    most_tokens: usize,
    /// The status that every report is answered with, whether a token was real or not.
    status: u16,
}

/// Adds the route.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/.well-known/api-tokens.json").get(show));
}

async fn show(request: HttpRequest) -> HttpResponse {
    let call = Call::of(&request);
    let company = &call.app.settings.company.name;
    let checked = TOKEN_LENGTH - CHECKSUM_LENGTH;
    let document = Document {
        name: format!("API token of {company}"),
        prefix: PREFIX,
        length: TOKEN_LENGTH,
        pattern: pattern(),
        example: EXAMPLE,
        checksum: Checksum {
            algorithm: "CRC-32 (IEEE 802.3)",
            of: format!("the first {checked} characters as bytes"),
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

/// A regular expression that every token matches, and little else.
fn pattern() -> String {
    let (id, rest) = (PublicId::LENGTH, SECRET_LENGTH + CHECKSUM_LENGTH);
    format!(r"\b{PREFIX}[0-9A-Za-z]{{{id}}}_[0-9A-Za-z]{{{rest}}}\b")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::TokenSecret;

    const DOCUMENTATION: &str = include_str!("../../../docs/leaks.md");

    #[test]
    fn the_pattern_and_the_example_are_those_of_the_documentation() {
        assert_eq!(pattern(), r"\blk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}\b");
        assert!(TokenSecret::parse(EXAMPLE).is_ok());
        for said in [
            &pattern(),
            EXAMPLE,
            r"\b(lk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38})\b",
            "/.well-known/api-tokens.json",
        ] {
            assert!(DOCUMENTATION.contains(said), "docs/leaks.md has to say {said}");
        }
    }
}
