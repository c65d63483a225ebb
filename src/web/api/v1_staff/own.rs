//! `GET /api/v1/staff/token`: what the staff member's token that was sent is and may do.

use actix_web::{HttpRequest, HttpResponse};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::{
    problem::Problem,
    query,
    reference::shape::{Id, Instant, StaffScopeName},
    staff::StaffHolder,
};
use super::document::StaffTokenDocument;
use crate::{
    domain::{permission::scopes_of_role, staff::Role, staff_scope::StaffScope},
    web::times::iso,
};

/// A staff member's token, as it is told itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnStaffToken")]
pub struct OwnDocument {
    /// The token.
    token: StaffTokenDocument,
    /// Those of its scopes that the role of its member allows now.
    #[schemars(with = "Vec<StaffScopeName>")]
    effective_scopes: Vec<&'static str>,
    /// Its member.
    member: MemberDocument,
    /// The server's time.
    #[schemars(with = "Instant")]
    now: String,
}

/// A staff member.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StaffMember")]
struct MemberDocument {
    /// Their public id.
    #[schemars(with = "Id")]
    id: String,
    /// Their name.
    name: String,
    /// What they may do now.
    role: RoleWord,
}

/// The role of a staff member.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "StaffRole")]
enum RoleWord {
    /// Looks after accounts.
    Support,
    /// Also sets rules.
    Admin,
}

/// Shows the token.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::of(&request).await?;
    query::read(&holder.call, &request, |_| ())?;
    let (token, member) = (&holder.identity.token, &holder.identity.member);
    let allowed = scopes_of_role(member.role);
    let effective = token.scopes.iter().filter(|scope| allowed.contains(*scope));
    let now = holder.call.app.now();
    Ok(HttpResponse::Ok().json(OwnDocument {
        token: StaffTokenDocument::new(token, now),
        effective_scopes: effective.map(StaffScope::as_str).collect(),
        member: MemberDocument {
            id: member.public_id.clone(),
            name: member.name.clone(),
            role: match member.role {
                Role::Support => RoleWord::Support,
                Role::Admin => RoleWord::Admin,
            },
        },
        now: iso(now),
    }))
}
