//! `/api/v1/tokens`: the tokens of the account that the sent token belongs to, in the hands of a program.
//!
//! * [`document`]: how a token is answered; [`content`] and [`expires`]: how one is asked for.
//! * [`described`]: every call for the reference; [`sent`]: what they take.
//! * One file a group of calls: [`list`], [`create`], [`one`], [`renew`], [`rotate`], [`pause`], [`usage`], [`history`].
//!
//! What holds is said in the use cases: that a token makes nothing that can do more than itself (rule 7) too.

pub mod content;
pub mod create;
pub mod described;
pub mod document;
pub mod expires;
pub mod history;
pub mod list;
pub mod one;
pub mod pause;
pub mod renew;
pub mod rotate;
pub mod sent;
pub mod usage;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Path},
};

use self::document::TokenDocument;
use super::{
    bearer::Holder,
    call::Call,
    kind::Kind,
    only,
    problem::Problem,
    query,
    revision::{Etag, Precondition},
};
use crate::{
    app::tokens,
    domain::{permission::TokenPowers, secret::PublicId, token::Token, usage::SecretGeneration},
};

/// Where the list is.
pub const PATH: &str = "/api/v1/tokens";

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/tokens")
                .get(list::list)
                .post(create::create)
                .default_service(only("GET, HEAD, POST")),
        )
        .service(
            web::resource("/tokens/{id}")
                .get(one::show)
                .patch(one::change)
                .delete(one::revoke)
                .default_service(only("GET, HEAD, PATCH, DELETE")),
        )
        .service(
            web::resource("/tokens/{id}/renew")
                .post(renew::renew)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/tokens/{id}/rotate")
                .post(rotate::rotate)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/tokens/{id}/retire")
                .post(rotate::retire)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/tokens/{id}/pause")
                .post(pause::pause)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/tokens/{id}/resume")
                .post(pause::resume)
                .default_service(only("POST")),
        )
        .service(
            web::resource("/tokens/{id}/usage")
                .get(usage::show)
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/tokens/{id}/history")
                .get(history::show)
                .default_service(only("GET, HEAD")),
        );
}

/// Somebody whose token lets them see tokens.
async fn reader(request: &HttpRequest, route: &str) -> Result<Holder, Problem> {
    Holder::allowed(request, route, TokenPowers::READ).await
}

/// Somebody whose token lets them make, change and end tokens. Parameters are none of these calls'.
async fn manager(request: &HttpRequest, route: &str) -> Result<Holder, Problem> {
    let holder = Holder::allowed(request, route, TokenPowers::MANAGE).await?;
    query::read(&holder.call, request, |_| ())?;
    if holder.verified.generation == SecretGeneration::Previous {
        return Err(Problem::plain(&holder.call, Kind::OutgoingSecret));
    }
    Ok(holder)
}

/// The id that stands in the address. What cannot be one is nobody's.
fn id(call: &Call, path: &Path<String>) -> Result<PublicId, Problem> {
    path.parse().map_err(|_| Problem::plain(call, Kind::NotFound))
}

/// The token with that id, of the account of the holder's token.
async fn find(holder: &Holder, request: &HttpRequest, id: PublicId) -> Result<Token, Problem> {
    let (app, account) = (&holder.call.app, holder.verified.token().account);
    let found = tokens::one::find(app, &holder.caller(request), account, id).await;
    found.map_err(|error| holder.refused(error))
}

/// The token that is to be changed, if it is at the revision that the change names.
async fn find_at(
    holder: &Holder,
    request: &HttpRequest,
    id: PublicId,
    precondition: Option<&Precondition>,
) -> Result<Token, Problem> {
    let token = find(holder, request, id).await?;
    if let Some(precondition) = precondition {
        precondition.hold(&holder.call, token.revision)?;
    }
    Ok(token)
}

/// The token as it is now.
async fn answer(holder: &Holder, request: &HttpRequest, id: PublicId) -> Result<HttpResponse, Problem> {
    let token = find(holder, request, id).await?;
    let document = TokenDocument::new(holder, &token);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, Etag(token.revision).to_string()))
        .json(document))
}
