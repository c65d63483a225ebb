//! `POST /api/v1/tokens/{id}/rotate`: a new secret, while the old one goes on working for a chosen time; and `/retire`,
//! which ends that time early.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};

use super::{answer, create::with_secret, find_at, id, manager};
use crate::{
    app::{
        Rule,
        tokens::rotate::{Overlap, retire as retire_secret, rotate as rotate_token},
    },
    web::api::{
        body::{JSON, Sent},
        problem::Problem,
        revision::Precondition,
    },
};

/// How long the old secret goes on working, by the word for it.
pub const OVERLAPS: [(&str, Overlap); 4] = [
    ("none", Overlap::None),
    ("hour", Overlap::Hour),
    ("day", Overlap::Day),
    ("week", Overlap::Week),
];

/// Gives a token a new secret.
pub async fn rotate(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, "POST /api/v1/tokens/{id}/rotate").await?;
    let call = &holder.call;
    let id = id(call, &path)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let precondition = Precondition::required(call, &request)?;
    let overlap = sent.read(call, |members| {
        members.required("overlap", |at, json| at.word(json, &OVERLAPS))
    })?;
    let token = find_at(&holder, &request, id, Some(&precondition)).await?;
    let caller = holder.caller(&request);
    let rotated = rotate_token(&call.app, &caller, token.account, id, token.revision, overlap).await;
    let rotated = rotated.map_err(|error| holder.refused(error))?;
    Ok(with_secret(
        &holder,
        &rotated.token,
        Some(&rotated.secret),
        HttpResponse::Ok(),
    ))
}

/// Ends the old secret of a rotation before its time.
pub async fn retire(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, "POST /api/v1/tokens/{id}/retire").await?;
    let call = &holder.call;
    let id = id(call, &path)?;
    let sent = Sent::or_empty(call, &request, payload).await?;
    sent.read(call, |_| Some(()))?;
    let precondition = Precondition::given(call, &request)?;
    let token = find_at(&holder, &request, id, precondition.as_ref()).await?;
    let Some(rotation) = token.overlap(call.app.now()) else {
        return Err(holder.refused(Rule::NoOverlap.into()));
    };
    let caller = holder.caller(&request);
    let retired = retire_secret(&call.app, &caller, token.account, id, rotation.last4.clone()).await;
    retired.map_err(|error| holder.refused(error))?;
    answer(&holder, &request, id).await
}
