//! `POST /api/v1/tokens/{id}/renew`: moves a token's expiry. Its secret stays the same.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};

use super::{answer, content::Setting, expires, find_at, id, manager};
use crate::{
    app::{Rule, tokens::renew::renew as renew_token},
    domain::token::Life,
    web::api::{
        body::{JSON, Sent},
        problem::Problem,
        revision::Precondition,
    },
};

/// Renews a token.
pub async fn renew(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, "POST /api/v1/tokens/{id}/renew").await?;
    let call = &holder.call;
    let id = id(call, &path)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let precondition = Precondition::required(call, &request)?;
    let token = find_at(&holder, &request, id, Some(&precondition)).await?;
    if let Life::Revoked { at } = token.life {
        return Err(holder.refused(Rule::Revoked(at).into()));
    }
    let setting = Setting::of(&holder, &request).await?;
    let ground = setting.ground(&call.app.catalogue, Some(&token));
    let expiry = sent.read(call, |members| {
        members.required("expires", |at, json| expires::read(&ground, at, json))
    })?;
    let caller = holder.caller(&request);
    let renewed = renew_token(&call.app, &caller, &setting.account, id, token.revision, expiry).await;
    renewed.map_err(|error| holder.refused(error))?;
    answer(&holder, &request, id).await
}
