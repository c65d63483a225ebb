//! `/api/v1/accounts`: the accounts in the hands of a program of staff's, a billing system above all.
//!
//! * [`document`]: how an account is answered; [`sent`]: what the calls take; [`described`], [`described_tokens`]: every call
//!   for the reference.
//! * One file a group of calls: [`list`], [`create`], [`one`], [`stop`], [`ways_in`], [`tokens`], [`stop_tokens`].
//!
//! What holds is said in the use cases: what a token may do, that staff give a reason, and that the customer is told.

pub mod create;
pub mod described;
pub mod described_tokens;
pub mod document;
pub mod list;
pub mod one;
pub mod sent;
pub mod stop;
pub mod stop_tokens;
pub mod tokens;
pub mod ways_in;

use actix_web::{HttpRequest, web};

use self::stop_tokens::{Press, press};
use super::{members::Members, only, problem::Problem, staff::StaffHolder};
use crate::{
    app::{Caller, accounts},
    domain::{account::Account, permission::Act, text::Reason},
};

/// Where the list is.
const PATH: &str = "/api/v1/accounts";

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/accounts")
                .get(list::list)
                .post(create::create)
                .default_service(only("GET, HEAD, POST")),
        )
        .service(
            web::resource("/accounts/{id}")
                .get(one::show)
                .patch(one::change)
                .delete(stop::remove)
                .default_service(only("GET, HEAD, PATCH, DELETE")),
        )
        .service(
            web::resource("/accounts/{id}/suspend")
                .post(stop::suspend)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/unsuspend")
                .post(stop::unsuspend)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/sign-in-link")
                .post(ways_in::sign_in_link)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/password-link")
                .post(ways_in::password_link)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/password")
                .post(ways_in::password)
                .default_service(only("POST")),
        )
        .configure(tokens_of_one);
}

fn tokens_of_one(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/accounts/{id}/tokens")
                .get(tokens::list)
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/revoke-all")
                .post(stop_tokens::revoke_all)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/{token}")
                .get(tokens::show)
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/{token}/pause")
                .post(|request, path, payload| press(Press::Pause, request, path, payload))
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/{token}/resume")
                .post(|request, path, payload| press(Press::Resume, request, path, payload))
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/{token}/shorten")
                .post(stop_tokens::shorten)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/accounts/{id}/tokens/{token}/revoke")
                .post(|request, path, payload| press(Press::Revoke, request, path, payload))
                .default_service(only("POST")),
        );
}

/// The account with the id that stands in the address, for whoever may do `act` to it.
async fn find(holder: &StaffHolder, caller: &Caller, act: Act, id: &str) -> Result<Account, Problem> {
    let found = accounts::find_for(&holder.call.app, caller, act, id).await;
    found.map_err(|error| holder.refused(error))
}

/// Why something is done, which the customer reads.
fn reason(members: &mut Members<'_>) -> Option<Reason> {
    members.required("reason", |at, json| at.written(json))
}

/// The same, where it may be left out.
fn optional_reason(members: &mut Members<'_>) -> Option<Reason> {
    members.optional("reason", |at, json| at.written(json))
}

/// The holder, who does it for this reason.
fn because(holder: &StaffHolder, request: &HttpRequest, reason: Option<Reason>) -> Caller {
    let caller = holder.caller(request);
    match reason {
        Some(reason) => caller.because(reason),
        None => caller,
    }
}
