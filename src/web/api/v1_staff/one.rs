//! `/api/v1/staff/tokens/{id}`: one token of the same staff member: read, changed, revoked.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Path, Payload},
};

use super::{content, document::StaffTokenDocument, find};
use crate::{
    app::{AppError, Rule, staff_tokens},
    domain::{permission::Act, staff_token::StaffToken},
    web::api::{
        body::{MERGE_PATCH, Sent},
        problem::Problem,
        revision::{Etag, Precondition, changed},
        staff::StaffHolder,
    },
};

/// `GET /api/v1/staff/tokens/{id}`.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ManageStaffTokens).await?;
    let token = find(&holder, &holder.caller(&request), &path).await?;
    Ok(answer(&holder, &token))
}

/// `PATCH /api/v1/staff/tokens/{id}`: a JSON Merge Patch (RFC 7396). What is left out stays as it is.
pub async fn change(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ManageStaffTokens).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let sent = Sent::of(call, &request, payload, MERGE_PATCH).await?;
    let precondition = Precondition::required(call, &request)?;
    let token = find(&holder, &caller, &path).await?;
    if let Some(at) = token.revoked_at {
        return Err(holder.refused(Rule::Revoked(at).into()));
    }
    precondition.hold(call, token.revision)?;
    let draft = sent.read(call, |members| Some(content::changed(&call.app, &token, members)))?;
    let (member, id, revision) = (token.member, token.public_id, token.revision);
    match staff_tokens::change(&call.app, &caller, member, id, revision, draft).await {
        Ok((token, _)) => Ok(answer(&holder, &token)),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Outdated) => {
            let now = find(&holder, &caller, &path).await?;
            Err(changed(call, now.revision))
        }
        Err(error) => Err(holder.refused(error)),
    }
}

/// `DELETE /api/v1/staff/tokens/{id}`: ends a token for good, the one that asks too. One that is over already is so: 204, as
/// often as it is asked.
pub async fn revoke(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ManageStaffTokens).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let token = find(&holder, &caller, &path).await?;
    if let Some(precondition) = Precondition::given(call, &request)? {
        precondition.hold(call, token.revision)?;
    }
    match staff_tokens::revoke(&call.app, &caller, token.member, token.public_id).await {
        Ok(_) => {}
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {}
        Err(error) => return Err(holder.refused(error)),
    }
    Ok(HttpResponse::NoContent().finish())
}

fn answer(holder: &StaffHolder, token: &StaffToken) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, Etag(token.revision).to_string()))
        .json(StaffTokenDocument::new(token, holder.call.app.now()))
}
