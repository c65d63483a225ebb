//! `/authz/forward`: for Traefik's `ForwardAuth` and Caddy's `forward_auth`.
//!
//! Reads `X-Forwarded-Method`, `X-Forwarded-Uri`, `X-Forwarded-Host` and `X-Forwarded-For`, which both set themselves. Both pass
//! any refusal on as it is.

use actix_web::{HttpRequest, HttpResponse, dev::RequestHead, http::header::HeaderName};

use super::{
    answer,
    question::{Fault, Question, header, stated},
};
use crate::catalogue::Catalogue;

const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Answers Traefik or Caddy.
pub(super) async fn answer(request: HttpRequest) -> HttpResponse {
    answer::answer(&request, question, answer::refusal).await
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
