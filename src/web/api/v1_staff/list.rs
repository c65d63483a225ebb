//! `GET /api/v1/staff/tokens`: the tokens of the staff member that are not revoked, by name. There are 50 at most, so that
//! they are one page.

use actix_web::{HttpRequest, HttpResponse};

use super::document::StaffTokenDocument;
use crate::{
    app::staff_tokens,
    domain::permission::Act,
    web::api::{paging::Page, problem::Problem, staff::StaffHolder},
};

/// Lists the tokens.
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ManageStaffTokens).await?;
    let app = &holder.call.app;
    let found = staff_tokens::list(app, &holder.caller(&request), holder.identity.member.id).await;
    let found = found.map_err(|error| holder.refused(error))?;
    let now = app.now();
    Ok(HttpResponse::Ok().json(Page {
        items: found.iter().map(|token| StaffTokenDocument::new(token, now)).collect(),
        next: None,
    }))
}
