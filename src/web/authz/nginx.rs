//! `/authz/nginx`: for nginx's `auth_request`.
//!
//! Reads `X-Original-Method`, `X-Original-URI`, `X-Original-Host` and `X-Forwarded-For`, all of which the configuration must
//! set: nginx hands the client's own headers of these names on where it does not.
//!
//! nginx passes 2xx on as "yes", 401 and 403 as "no", and takes everything else for a failure. So a refusal is 401 or 403,
//! and what cannot be found out is 503; what the client is to be told stands in `X-Error-Status` and `X-Error-Body`, for the
//! configuration to repeat.

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use super::{
    Way,
    question::{Fault, Question, header, stated},
    refusal::Refusal,
};
use crate::catalogue::Catalogue;

pub(super) const PATH: &str = "/authz/nginx";

pub(super) const WAY: Way = Way { read, refuse };

const METHOD: HeaderName = HeaderName::from_static("x-original-method");
const URI: HeaderName = HeaderName::from_static("x-original-uri");
const HOST: HeaderName = HeaderName::from_static("x-original-host");

/// The status that the client is to be answered with.
const ERROR_STATUS: HeaderName = HeaderName::from_static("x-error-status");
/// The problem document for the client, in one line.
const ERROR_BODY: HeaderName = HeaderName::from_static("x-error-body");

/// Most bytes of [`ERROR_BODY`]: nginx keeps 4096 for all headers of an answer unless it is told otherwise.
const LONGEST_BODY: usize = 2000;

fn read<'a>(catalogue: &Catalogue, head: &'a RequestHead) -> Result<Question<'a>, Fault> {
    if let Some(stated) = stated(catalogue, head.uri.query().unwrap_or_default())? {
        return Ok(stated);
    }
    Ok(Question::Request {
        method: header(&head.headers, &METHOD)?,
        target: header(&head.headers, &URI)?,
        host: header(&head.headers, &HOST)?,
    })
}

fn refuse(refusal: Refusal<'_>) -> HttpResponse {
    let meant = refusal.kind().status();
    let status = match meant {
        StatusCode::UNAUTHORIZED | StatusCode::SERVICE_UNAVAILABLE => meant,
        _ => StatusCode::FORBIDDEN,
    };
    let mut response = HttpResponse::build(status);
    refusal.explain(&mut response);
    response.insert_header((ERROR_STATUS, HeaderValue::from(meant.as_u16())));
    if let Ok(body) = HeaderValue::try_from(refusal.document_within(LONGEST_BODY)) {
        response.insert_header((ERROR_BODY, body));
    }
    response.finish()
}
