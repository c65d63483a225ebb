//! `/api/v1/accounts/{id}`: one account: read and changed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Path, Payload},
};

use super::{
    create::{email, sites, username},
    document::AccountDocument,
    find,
};
use crate::{
    app::{
        Caller,
        accounts::change::{self, Shape},
    },
    domain::{account::Account, permission::Act},
    web::api::{
        body::{MERGE_PATCH, Sent},
        members::Members,
        problem::Problem,
        revision::{Etag, Precondition},
        staff::StaffHolder,
    },
};

/// `GET /api/v1/accounts/{id}`.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ReadAccounts).await?;
    answer(&holder, &holder.caller(&request), Act::ReadAccounts, &path).await
}

/// `PATCH /api/v1/accounts/{id}`: a JSON Merge Patch (RFC 7396). What is left out stays as it is.
pub async fn change(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ChangeAccounts).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let sent = Sent::of(call, &request, payload, MERGE_PATCH).await?;
    let precondition = Precondition::required(call, &request)?;
    let account = find(&holder, &caller, Act::ChangeAccounts, &path).await?;
    let before = shape_of(&holder, &caller, &account).await?;
    precondition.hold(call, before.version())?;
    let version = before.version();
    let after = sent.read(call, |members| Some(patched(before, members)))?;
    let changed = change::change(&call.app, &caller, (account.id, account.login), &version, after).await;
    changed.map_err(|error| holder.refused(error))?;
    answer(&holder, &caller, Act::ChangeAccounts, &path).await
}

fn patched(before: Shape, members: &mut Members<'_>) -> Shape {
    let username = members.patched("username", username);
    let email = members.patched("email", email);
    let plan = members.patched("plan", |at, json| at.text(json));
    let sites = members.patched("sites", sites);
    Shape {
        username: username.unwrap_or(before.username),
        email: email.unwrap_or(before.email),
        plan: plan.unwrap_or(before.plan),
        sites: sites.unwrap_or(before.sites),
    }
}

/// What of an account can be changed.
pub(super) async fn shape_of(holder: &StaffHolder, caller: &Caller, account: &Account) -> Result<Shape, Problem> {
    let shape = change::current(&holder.call.app, caller, account).await;
    shape.map_err(|error| holder.refused(error))
}

async fn answer(holder: &StaffHolder, caller: &Caller, act: Act, id: &str) -> Result<HttpResponse, Problem> {
    let account = find(holder, caller, act, id).await?;
    let shape = shape_of(holder, caller, &account).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, Etag(shape.version()).to_string()))
        .json(AccountDocument::new(&account, &shape)))
}
