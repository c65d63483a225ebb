//! `/authz/nginx`: for nginx's `auth_request`.
//!
//! Reads `X-Original-Method`, `X-Original-URI`, `X-Original-Host` and `X-Forwarded-For`, all of which the configuration must
//! set: nginx hands the client's own headers of these names on where it does not.
//!
//! nginx passes 2xx on as "yes", 401 and 403 as "no", and takes everything else for a failure, so these are all that it is
//! answered: what the client is to be told stands in `X-Error-Status` and `X-Error-Body`, for the configuration to repeat.

use std::fmt::Write;

use actix_web::{
    HttpRequest, HttpResponse,
    dev::RequestHead,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use super::{
    answer,
    question::{Fault, Question, header, stated},
};
use crate::{catalogue::Catalogue, web::api::problem::Problem};

const METHOD: HeaderName = HeaderName::from_static("x-original-method");
const URI: HeaderName = HeaderName::from_static("x-original-uri");
const HOST: HeaderName = HeaderName::from_static("x-original-host");

/// The status that the client is to be answered with.
const ERROR_STATUS: HeaderName = HeaderName::from_static("x-error-status");
/// The problem document for the client, in one line.
const ERROR_BODY: HeaderName = HeaderName::from_static("x-error-body");

/// Most bytes of [`ERROR_BODY`]: nginx keeps 4096 for all headers of an answer unless it is told otherwise.
const LONGEST_BODY: usize = 2000;

/// Answers nginx.
pub(super) async fn answer(request: HttpRequest) -> HttpResponse {
    answer::answer(&request, question, refusal).await
}

fn question<'a>(catalogue: &Catalogue, head: &'a RequestHead) -> Result<Question<'a>, Fault> {
    if let Some(stated) = stated(catalogue, head.uri.query().unwrap_or_default())? {
        return Ok(stated);
    }
    Ok(Question::Request {
        method: header(&head.headers, &METHOD)?,
        target: header(&head.headers, &URI)?,
        host: header(&head.headers, &HOST)?,
    })
}

/// A refusal that nginx passes on.
fn refusal(mut problem: Problem) -> HttpResponse {
    let meant = problem.kind().status();
    let status = match meant {
        StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE => meant,
        _ => StatusCode::FORBIDDEN,
    };
    let mut response = HttpResponse::build(status);
    answer::say_why(&mut response, &problem);
    response.insert_header((ERROR_STATUS, HeaderValue::from(meant.as_u16())));
    if let Ok(body) = HeaderValue::try_from(line(&mut problem)) {
        response.insert_header((ERROR_BODY, body));
    }
    response.finish()
}

/// The document in one line that fits: with less in it, if it has to be.
fn line(problem: &mut Problem) -> String {
    let whole = ascii(&problem.json());
    if whole.len() <= LONGEST_BODY {
        return whole;
    }
    let title = problem.kind().title();
    problem.document().detail = format!("{title}.");
    let shorter = ascii(&problem.json());
    if shorter.len() <= LONGEST_BODY {
        return shorter;
    }
    let document = problem.document();
    document.required_scopes.clear();
    document.missing_scopes.clear();
    document.fix_url = None;
    ascii(&problem.json())
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
