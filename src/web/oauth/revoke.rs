//! `POST /oauth/revoke` (RFC 7009): ends the token that is sent. To have the whole secret is all that it takes, and
//! the answer tells nobody whether there was such a token.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{form, refused::Refused};
use crate::{app::tokens::presented::revoke_presented, domain::secret::ServiceSecret, web::api::call::Call};

/// `POST /oauth/revoke`.
pub async fn revoke(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    answer(&request, payload)
        .await
        .unwrap_or_else(|refused| refused.response())
}

async fn answer(request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Refused> {
    let call = Call::of(request);
    let token = form::token_of(request, payload).await?;
    if ServiceSecret::parse(&token).is_ok() {
        return Err(Refused::UnsupportedType);
    }
    let holder = |actor| call.caller(request, actor);
    let done = revoke_presented(&call.app, &token, call.address, holder).await;
    done.map_err(|error| Refused::of(&call, &error))?;
    Ok(HttpResponse::Ok().finish())
}
