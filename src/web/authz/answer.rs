//! From a question to its answer, the same for every kind of gateway but for how a refusal is put.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::RequestHead,
    http::header::{self, HeaderValue},
    web::Data,
};

use super::{
    Authz, gateway, identity,
    question::{Fault, Question},
};
use crate::{
    app::verify::{self, Answered},
    catalogue::Catalogue,
    web::{
        api::{
            bearer::{no_token, presented},
            call::Call,
            kind::Kind,
            problem::Problem,
            refusal,
        },
        error::PROBLEM,
        panic,
        request_id::RequestId,
    },
};

/// Answers a question. Whatever happens on the way, it is a "yes" only when the decision was one.
pub(super) async fn answer(
    request: &HttpRequest,
    question: impl for<'a> FnOnce(&Catalogue, &'a RequestHead) -> Result<Question<'a>, Fault>,
    refuse: impl FnOnce(Problem) -> HttpResponse,
) -> HttpResponse {
    let authz = request
        .app_data::<Data<Authz>>()
        .expect("the routes have what they need");
    let head = request.head();
    let mut response = match panic::caught(decide(authz, head, question)).await {
        Ok(Ok(answered)) => allowance(authz, &answered),
        Ok(Err(problem)) => refuse(problem),
        Err(panic::Panicked) => {
            tracing::error!("answering a gateway panicked");
            refuse(Problem::plain(&call(authz, head), Kind::Unavailable))
        }
    };
    if has_body(head) {
        // Nothing reads it, so what follows on the connection could be taken for it or it for what follows.
        response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    response
}

async fn decide(
    authz: &Authz,
    head: &RequestHead,
    question: impl for<'a> FnOnce(&Catalogue, &'a RequestHead) -> Result<Question<'a>, Fault>,
) -> Result<Answered, Problem> {
    let app = &authz.app;
    if gateway::admit(authz, head).is_err() {
        if let Some(others) = authz.strangers.take(app.now()) {
            tracing::warn!(from = %gateway::peer(head), others, "an address asked that the setting gateways does not name");
        }
        return Err(Problem::plain(&call(authz, head), Kind::UnknownGateway));
    }
    let faulty = |fault: Fault| {
        if let Some(others) = authz.faults.take(app.now()) {
            tracing::warn!(from = %gateway::peer(head), %fault, others, "a gateway did not ask as it must");
        }
        Problem::new(&call(authz, head), Kind::GatewayFault, fault.to_string())
    };
    let question = question(&app.catalogue, head).map_err(faulty)?;
    let from = gateway::client(authz, head).ok_or_else(|| {
        faulty(Fault::new(
            "The header x-forwarded-for must end with the address of the client. The gateway has to set it.",
        ))
    })?;
    let call = || Call {
        address: from,
        ..call(authz, head)
    };
    let text = presented(&head.headers).map_err(|absent| Problem::plain(&call(), absent.kind()))?;
    let answered = verify::answer(app, text, from, question.asked())
        .await
        .map_err(|unverified| no_token(&call(), &unverified))?;
    if answered.ruling.decision.is_allowed() {
        return Ok(answered);
    }
    let call = call();
    let problem = refusal::problem(&call, &answered.verified, &answered.ruling);
    Err(problem.unwrap_or_else(|| Problem::plain(&call, Kind::Unavailable)))
}

/// What a refusal needs to know of the question; an allowed request does not pay for it.
fn call(authz: &Authz, head: &RequestHead) -> Call {
    Call {
        app: Arc::clone(&authz.app),
        address: gateway::peer(head),
        request_id: RequestId::from_proxy(&head.headers).unwrap_or_else(|| authz.request_ids.next()),
    }
}

fn has_body(head: &RequestHead) -> bool {
    let length = head.headers.get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length.as_bytes() != b"0") || head.headers.contains_key(header::TRANSFER_ENCODING)
}

/// "Yes", and who it is.
fn allowance(authz: &Authz, answered: &Answered) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    identity::insert(&mut response, &authz.app, &answered.verified);
    response.finish()
}

/// "No", as the client is to be told it.
pub(super) fn refusal(problem: Problem) -> HttpResponse {
    let mut response = HttpResponse::build(problem.kind().status());
    say_why(&mut response, &problem);
    response.content_type(PROBLEM).body(problem.json())
}

/// The headers of every refusal.
pub(super) fn say_why(response: &mut HttpResponseBuilder, problem: &Problem) {
    response
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    if let Some(challenge) = problem.challenge() {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = problem.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
}
