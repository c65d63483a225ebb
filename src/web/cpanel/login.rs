//! `/login` and the way from a session's path into the panel: for programs that sign in with a password as a browser
//! does. What they get is an ordinary session.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use serde_json::json;

use super::{failure::within, parameters::Parameters, security_token::SecurityTokens};
use crate::{
    app::{
        AppError,
        people::Person,
        sign_in::{self, Admitted},
    },
    web::{csrf::is_from_other_pages, error::WebError, local_path::local_path, pages, visit::Visit},
};

/// `GET /login`: the page on which people sign in.
pub async fn show(visit: Visit) -> HttpResponse {
    visit.go("/sign-in", None)
}

/// `POST /login`, with `login_only=1` for an answer in JSON. A form on a page of somebody else's could sign a visitor in
/// as whom it likes, so that what a browser says comes from there is refused.
pub async fn submit(
    visit: Visit,
    session: Session,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, WebError> {
    if is_from_other_pages(&request, visit.panel.origin()) {
        return Err(WebError::Forbidden);
    }
    let parameters = Parameters::read(&request, payload).await?;
    let given = |name| parameters.one(name).ok().flatten().unwrap_or_default();
    let (user, password) = (given("user"), given("pass"));
    if user.is_empty() || password.is_empty() {
        return Ok(refused("Give “user” and “pass”."));
    }
    let attempt = pages::sign_in::attempt(&visit, &request, user.to_owned(), password.to_owned().into());
    match sign_in::sign_in(&visit.app, attempt).await {
        Ok(admitted) => begin(&visit, &session, &admitted, given("login_only") == "1"),
        Err(AppError::WrongPassword) => Ok(refused("User name or password is not right.")),
        Err(error) => Err(error.into()),
    }
}

fn refused(words: &str) -> HttpResponse {
    HttpResponse::Unauthorized().json(json!({"status": 0, "message": words}))
}

fn begin(visit: &Visit, session: &Session, admitted: &Admitted, login_only: bool) -> Result<HttpResponse, WebError> {
    let device = pages::sign_in::begin(visit, session, admitted)?;
    let security_token = SecurityTokens::of(&visit.app).path(&admitted.session);
    let page = match admitted.person {
        Person::Customer(_) => "/tokens",
        Person::Staff(_) => "/staff/accounts",
    };
    // A path: programs take what stands between its first two slashes.
    let redirect = format!("{security_token}{page}");
    let mut response = if login_only {
        HttpResponse::Ok().json(json!({
            "status": 1,
            "redirect": redirect,
            "security_token": security_token,
        }))
    } else {
        HttpResponse::build(StatusCode::SEE_OTHER)
            .insert_header((header::LOCATION, redirect))
            .finish()
    };
    response.add_cookie(&device).map_err(WebError::internal)?;
    Ok(response)
}

/// Whatever else stands behind a security token: a browser that follows the path lands on that page of the panel.
pub async fn land(visit: Visit, request: HttpRequest) -> HttpResponse {
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    visit.go(local_path(within(asked)), None)
}
