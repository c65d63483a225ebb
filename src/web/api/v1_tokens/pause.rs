//! `POST /api/v1/tokens/{id}/pause` and `/resume`: switch a token off and on. One that is so already stays so: 200, as
//! often as it is asked.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};

use super::{answer, find_at, id, manager};
use crate::{
    app::{
        AppError, Rule,
        tokens::pause::{pause as pause_token, resume as resume_token},
    },
    web::api::{body::Sent, problem::Problem, revision::Precondition},
};

/// Switches a token off.
pub async fn pause(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    switch(&request, &path, payload, false).await
}

/// Switches a token on.
pub async fn resume(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    switch(&request, &path, payload, true).await
}

async fn switch(
    request: &HttpRequest,
    path: &Path<String>,
    payload: Payload,
    on: bool,
) -> Result<HttpResponse, Problem> {
    let route = if on {
        "POST /api/v1/tokens/{id}/resume"
    } else {
        "POST /api/v1/tokens/{id}/pause"
    };
    let holder = manager(request, route).await?;
    let call = &holder.call;
    let id = id(call, path)?;
    let sent = Sent::or_empty(call, request, payload).await?;
    sent.read(call, |_| Some(()))?;
    let precondition = Precondition::given(call, request)?;
    let token = find_at(&holder, request, id, precondition.as_ref()).await?;
    let caller = holder.caller(request);
    let done = if on {
        resume_token(&call.app, &caller, token.account, id).await
    } else {
        pause_token(&call.app, &caller, token.account, id).await
    };
    match done {
        Ok(()) => {}
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Paused(by) if by.is_some() != on) => {}
        Err(error) => return Err(holder.refused(error)),
    }
    answer(&holder, request, id).await
}
