//! `GET /api/v1/accounts/{id}/tokens`, and one of them: the tokens of an account, but no secret.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};

use super::find;
use crate::{
    app::tokens::{
        content::{Terms, terms},
        list::walk,
        one,
    },
    domain::{account::Account, permission::Act, secret::PublicId, token::Token},
    store::tokens::Place,
    web::api::{
        kind::Kind,
        paging::Page,
        problem::Problem,
        query,
        revision::Etag,
        staff::StaffHolder,
        v1_tokens::{
            document::TokenDocument,
            list::{Places, after, wanted},
        },
    },
};

/// Lists the tokens of an account.
pub async fn list(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::allowed(&request, Act::View).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let account = find(&holder, &caller, Act::View, &path).await?;
    let places = Places::of(&call.app, &account.public_id);
    let (wanted, after) = query::read(call, &request, |query| {
        let wanted = wanted(query);
        let after = after(&places, &wanted, &mut query.at("cursor"));
        (wanted, after)
    })?;
    let (sort, limit) = (wanted.selection.sort, wanted.paging.limit);
    let found = walk(&call.app, &caller, account.id, wanted.selection, after, limit + 1).await;
    let tokens = found.map_err(|error| holder.refused(error))?;
    let terms = terms(&call.app, &caller, &account).await;
    let terms = terms.map_err(|error| holder.refused(error))?;
    let place = |token: &_| places.write(wanted.sort, &Place::of(token, sort));
    let page = Page::of(tokens, limit, place, |token| {
        document(&holder, &account, &terms, &token)
    });
    Ok(HttpResponse::Ok().json(page))
}

/// Shows one token of an account.
pub async fn show(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::View).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let (account, token) = path.into_inner();
    let account = find(&holder, &caller, Act::View, &account).await?;
    let token = one::find(&call.app, &caller, account.id, id(&holder, &token)?).await;
    let token = token.map_err(|error| holder.refused(error))?;
    let terms = terms(&call.app, &caller, &account).await;
    let terms = terms.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, Etag(token.revision).to_string()))
        .json(document(&holder, &account, &terms, &token)))
}

/// The id of a token that stands in the address. What cannot be one is nobody's.
pub(super) fn id(holder: &StaffHolder, text: &str) -> Result<PublicId, Problem> {
    text.parse().map_err(|_| Problem::plain(&holder.call, Kind::NotFound))
}

fn document(holder: &StaffHolder, account: &Account, terms: &Terms, token: &Token) -> TokenDocument {
    TokenDocument::of(&holder.call.app, token, &terms.plan_scopes, account.is_suspended())
}
