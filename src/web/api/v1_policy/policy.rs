//! `/api/v1/policy`: the installation's policy.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Payload};

use super::rules::{RulesDocument, read};
use crate::{
    app::policy::{self, version},
    domain::{permission::Act, policy::Policy},
    web::api::{
        body::{JSON, Sent},
        problem::Problem,
        revision::{Etag, Precondition},
        staff::StaffHolder,
    },
};

/// Shows the policy.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ReadPolicy).await?;
    let policy = policy::show(&holder.call.app, &holder.caller(&request)).await;
    Ok(answer(&policy.map_err(|error| holder.refused(error))?))
}

/// Sets the policy: all rules at once.
pub async fn set(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SetPolicy).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let precondition = Precondition::required(call, &request)?;
    let before = policy::current(&call.app, &caller).await;
    let shown = version(&before.map_err(|error| holder.refused(error))?);
    precondition.hold(call, &shown)?;
    let after = sent.read(call, read)?;
    let changed = policy::set(&call.app, &caller, &shown, &after, None).await;
    changed.map_err(|error| holder.refused(error))?;
    Ok(answer(&after))
}

fn answer(policy: &Policy) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, Etag(version(policy)).to_string()))
        .json(RulesDocument::from(policy))
}
