//! `/api/v1/staff`: the staff member's token that is sent, and the tokens of the same member that can do no more.
//!
//! * [`document`]: how one is answered; [`content`]: how one is asked for; [`described`]: the calls for the reference.
//! * [`own`]: the token itself; [`list`], [`create`], [`one`]: a group of calls each.

pub mod content;
pub mod create;
pub mod described;
pub mod document;
pub mod list;
pub mod one;
pub mod own;

use actix_web::web;

use super::{kind::Kind, only, problem::Problem, staff::StaffHolder};
use crate::{
    app::{Caller, staff_tokens},
    domain::{secret::PublicId, staff_token::StaffToken},
};

/// Where the list is.
const PATH: &str = "/api/v1/staff/tokens";

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/staff/token")
                .get(own::show)
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/staff/tokens")
                .get(list::list)
                .post(create::create)
                .default_service(only("GET, HEAD, POST")),
        )
        .service(
            web::resource("/staff/tokens/{id}")
                .get(one::show)
                .patch(one::change)
                .delete(one::revoke)
                .default_service(only("GET, HEAD, PATCH, DELETE")),
        );
}

/// The token of the holder's member with the id that stands in the address.
async fn find(holder: &StaffHolder, caller: &Caller, text: &str) -> Result<StaffToken, Problem> {
    let id: PublicId = text.parse().map_err(|_| Problem::plain(&holder.call, Kind::NotFound))?;
    let found = staff_tokens::find(&holder.call.app, caller, holder.identity.member.id, id).await;
    found.map_err(|error| holder.refused(error))
}
