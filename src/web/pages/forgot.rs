//! `/sign-in/forgot`: asks for a link to choose another password. Every name is answered alike.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use crate::{
    app::{AppError, links},
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        layout::Layout,
        too_many,
        visit::Visit,
    },
};

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgotForm {
    #[serde(default)]
    username: String,
}

impl Form for ForgotForm {
    const ANONYMOUS: bool = true;
}

/// The page.
#[derive(Template)]
#[template(path = "links/forgot.html")]
struct ForgotPage<'a> {
    page: Layout,
    faults: Faults,
    username: &'a str,
    mail: bool,
    asked: bool,
}

impl<'a> ForgotPage<'a> {
    fn new(visit: &Visit, username: &'a str) -> Self {
        Self {
            page: visit.layout("Forgot your password?", "", None),
            faults: Faults::default(),
            username,
            mail: visit.app.sends_mail(),
            asked: false,
        }
    }
}

/// `GET /sign-in/forgot`.
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    visit.page(StatusCode::OK, &ForgotPage::new(&visit, ""))
}

/// `POST /sign-in/forgot`.
pub async fn submit(visit: Visit, form: ProtectedForm<ForgotForm>) -> Result<HttpResponse, WebError> {
    let ProtectedForm(form) = form;
    let mut page = ForgotPage::new(&visit, &form.username);
    if !page.mail {
        return visit.page(StatusCode::OK, &page);
    }
    if form.username.trim().is_empty() {
        page.faults.add("username", "Enter your username or e-mail address");
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    match links::ask(&visit.app, &form.username, visit.address).await {
        Ok(()) => {
            let mut page = ForgotPage::new(&visit, "");
            page.asked = true;
            "Check your e-mail".clone_into(&mut page.page.title);
            visit.page(StatusCode::OK, &page)
        }
        Err(AppError::TooManyTries { until, seconds }) => {
            let words = too_many::words(&visit.app.settings.time_zone, until, seconds);
            page.faults.add("username", words);
            let mut response = visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}
