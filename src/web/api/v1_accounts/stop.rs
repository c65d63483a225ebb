//! `POST /api/v1/accounts/{id}/suspend` and `/unsuspend`, and `DELETE /api/v1/accounts/{id}`: what stops an account, and lets
//! it work again.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{because, find, optional_reason, reason};
use crate::{
    app::accounts::{remove as removal, suspend as suspension},
    domain::permission::Act,
    web::api::{
        body::{JSON, Sent},
        problem::Problem,
        staff::StaffHolder,
    },
};

/// What a suspension has stopped.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SuspendedAccount")]
pub struct SuspendedDocument {
    /// Tokens that are refused until the suspension ends.
    tokens_stopped: i64,
    /// Sessions of the holder that were ended.
    sessions_ended: usize,
}

/// What a removal has ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RemovedAccount")]
pub struct RemovedDocument {
    /// Tokens that were revoked.
    tokens_revoked: usize,
    /// Sessions of the holder that were ended.
    sessions_ended: usize,
    /// Sites that are free for other accounts.
    sites_freed: usize,
}

/// Suspends an account.
pub async fn suspend(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SuspendAccounts).await?;
    let sent = Sent::of(&holder.call, &request, payload, JSON).await?;
    let reason = sent.read(&holder.call, reason)?;
    let caller = because(&holder, &request, Some(reason));
    let account = find(&holder, &caller, Act::SuspendAccounts, &path).await?;
    let effect = suspension::suspend(&holder.call.app, &caller, account.id).await;
    let effect = effect.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::Ok().json(SuspendedDocument {
        tokens_stopped: effect.tokens,
        sessions_ended: effect.sessions,
    }))
}

/// Ends a suspension.
pub async fn unsuspend(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SuspendAccounts).await?;
    let sent = Sent::or_empty(&holder.call, &request, payload).await?;
    let reason = sent.read(&holder.call, |members| Some(optional_reason(members)))?;
    let caller = because(&holder, &request, reason);
    let account = find(&holder, &caller, Act::SuspendAccounts, &path).await?;
    let ended = suspension::unsuspend(&holder.call.app, &caller, account.id).await;
    ended.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes an account for good.
pub async fn remove(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::RemoveAccounts).await?;
    let sent = Sent::of(&holder.call, &request, payload, JSON).await?;
    let reason = sent.read(&holder.call, reason)?;
    let caller = because(&holder, &request, Some(reason));
    let account = find(&holder, &caller, Act::RemoveAccounts, &path).await?;
    let removed = removal::remove(&holder.call.app, &caller, account.id).await;
    let removed = removed.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::Ok().json(RemovedDocument {
        tokens_revoked: removed.tokens,
        sessions_ended: removed.sessions,
        sites_freed: removed.sites,
    }))
}
