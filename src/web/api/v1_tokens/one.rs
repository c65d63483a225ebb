//! `/api/v1/tokens/{id}`: one token: read, changed, revoked.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};

use super::{
    answer,
    content::{self, Ground, Setting},
    find_at, id, manager, reader,
};
use crate::{
    app::{
        AppError, Rule,
        tokens::{edit::edit, revoke::revoke as revoke_token},
    },
    domain::{
        draft::Draft,
        token::{Description, Life, Token},
    },
    web::api::{
        body::{MERGE_PATCH, Sent},
        json::Json,
        members::Members,
        problem::Problem,
        query,
        revision::Precondition,
    },
};

/// `GET /api/v1/tokens/{id}`.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = reader(&request, "GET /api/v1/tokens/{id}").await?;
    query::read(&holder.call, &request, |_| ())?;
    let id = id(&holder.call, &path)?;
    answer(&holder, &request, id).await
}

/// `PATCH /api/v1/tokens/{id}`: a JSON Merge Patch (RFC 7396). What is left out stays as it is.
pub async fn change(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, "PATCH /api/v1/tokens/{id}").await?;
    let call = &holder.call;
    let id = id(call, &path)?;
    let sent = Sent::of(call, &request, payload, MERGE_PATCH).await?;
    let precondition = Precondition::required(call, &request)?;
    let token = find_at(&holder, &request, id, Some(&precondition)).await?;
    if let Life::Revoked { at } = token.life {
        return Err(holder.refused(Rule::Revoked(at).into()));
    }
    let setting = Setting::of(&holder, &request).await?;
    let ground = setting.ground(&call.app.catalogue, Some(&token));
    let draft = sent.read(call, |members| Some(changed(&ground, &token, members)))?;
    let caller = holder.caller(&request);
    let changed = edit(&call.app, &caller, &setting.account, id, token.revision, draft).await;
    changed.map_err(|error| holder.refused(error))?;
    answer(&holder, &request, id).await
}

/// The token as the patch has it. Only a description can be taken away.
fn changed(ground: &Ground<'_>, token: &Token, members: &mut Members<'_>) -> Draft {
    let name = members.patched("name", |at, json| at.written(json));
    let description = members.patched("description", |at, json| match json {
        Json::Null => Some(Description::default()),
        json => content::description(at, json),
    });
    let scopes = members.patched("scopes", |at, json| content::scopes(ground, at, json));
    let sites = members.patched("sites", |at, json| content::sites(ground, at, json));
    let addresses = members.patched("addresses", content::addresses);
    let before = Draft::from(token);
    Draft {
        name: name.unwrap_or(before.name),
        description: description.unwrap_or(before.description),
        scopes: scopes.unwrap_or(before.scopes),
        sites: sites.unwrap_or(before.sites),
        addresses: addresses.unwrap_or(before.addresses),
        expiry: before.expiry,
    }
}

/// `DELETE /api/v1/tokens/{id}`: ends a token for good. One that is over already is so: 204, as often as it is asked.
pub async fn revoke(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, "DELETE /api/v1/tokens/{id}").await?;
    let id = id(&holder.call, &path)?;
    let precondition = Precondition::given(&holder.call, &request)?;
    let token = find_at(&holder, &request, id, precondition.as_ref()).await?;
    let caller = holder.caller(&request);
    match revoke_token(&holder.call.app, &caller, token.account, id).await {
        Ok(()) => {}
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {}
        Err(error) => return Err(holder.refused(error)),
    }
    Ok(HttpResponse::NoContent().finish())
}
