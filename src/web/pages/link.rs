//! `/link/{secret}`: where the links lead that somebody was sent. Looking at one does not use it up: scanners of mail
//! open every link. Only a link that signs in is used by opening it: it goes out in no mail, and another panel sends the
//! browser of somebody there who waits to be let in.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Path,
};
use askama::Template;
use serde::Deserialize;

use crate::{
    app::{
        AppError, Caller, Rule,
        links::{self, Opened},
    },
    domain::{link::Purpose, permission::Denied},
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::sign_in::begin,
        passwords, too_many,
        visit::Visit,
    },
};

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkForm {
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    current_password: String,
}

impl Form for LinkForm {
    const ANONYMOUS: bool = true;
}

/// The page of a link that works.
#[derive(Template)]
#[template(path = "links/link.html")]
struct LinkPage {
    page: Layout,
    faults: Faults,
    invited: bool,
    username: String,
    new_email: Option<String>,
    hint: &'static str,
    action: String,
}

impl LinkPage {
    fn new(visit: &Visit, opened: &Opened) -> Self {
        let title = match opened.purpose() {
            Purpose::Invitation => "Choose your password",
            Purpose::PasswordReset => "Choose a new password",
            Purpose::EmailChange => "Confirm your new address",
            Purpose::SignIn => "Sign in",
        };
        Self {
            page: visit.layout(title, "", None),
            faults: Faults::default(),
            invited: opened.purpose() == Purpose::Invitation,
            username: opened.person.username().to_owned(),
            new_email: opened.new_email().map(|email| email.to_string()),
            hint: passwords::HINT,
            action: visit.path.clone(),
        }
    }
}

/// The page of a link that does not work, whatever the reason.
#[derive(Template)]
#[template(path = "links/over.html")]
struct OverPage {
    page: Layout,
    mail: bool,
}

/// `GET /link/{secret}`.
pub async fn show(visit: Visit, session: Session, secret: Path<String>) -> Result<HttpResponse, WebError> {
    let answer = match links::find(&visit.app, &secret).await {
        Ok(opened) if opened.purpose() == Purpose::SignIn => sign_in(&visit, &session, &opened).await,
        Ok(opened) => visit.page(StatusCode::OK, &LinkPage::new(&visit, &opened)),
        Err(error) => over(&visit, error),
    };
    answer.map(keep_to_itself)
}

/// `POST /link/{secret}`.
pub async fn submit(
    visit: Visit,
    secret: Path<String>,
    form: ProtectedForm<LinkForm>,
) -> Result<HttpResponse, WebError> {
    let ProtectedForm(form) = form;
    let answer = match links::find(&visit.app, &secret).await {
        Ok(opened) => take(&visit, &opened, form).await,
        Err(error) => over(&visit, error),
    };
    answer.map(keep_to_itself)
}

async fn sign_in(visit: &Visit, session: &Session, opened: &Opened) -> Result<HttpResponse, WebError> {
    match links::sign_in(&visit.app, &caller(visit, opened), opened).await {
        Ok(admitted) => {
            begin(visit, session, &admitted)?;
            Ok(visit.go("/tokens", None))
        }
        Err(error) => over(visit, error),
    }
}

fn caller(visit: &Visit, opened: &Opened) -> Caller {
    Caller {
        actor: opened.person.actor(),
        address: Some(visit.address),
        browser: Some(visit.browser.clone()),
        request_id: visit.request_id.clone(),
        password_at: None,
        reason: None,
    }
}

async fn take(visit: &Visit, opened: &Opened, form: LinkForm) -> Result<HttpResponse, WebError> {
    let mut page = LinkPage::new(visit, opened);
    let is_address = opened.purpose() == Purpose::EmailChange;
    if is_address && form.current_password.is_empty() {
        page.faults.add("current_password", "Enter your password to confirm");
    } else if !is_address && form.new_password.is_empty() {
        page.faults.add("new_password", "Enter a password");
    }
    if !page.faults.is_empty() {
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let caller = caller(visit, opened);
    let (to, notice, done) = if is_address {
        let done = links::confirm_email(&visit.app, &caller, opened, form.current_password.into()).await;
        ("/security", NoticeCode::EmailChanged, done)
    } else {
        let done = links::set_password(&visit.app, &caller, opened, form.new_password.into()).await;
        ("/sign-in", NoticeCode::PasswordSet, done)
    };
    match done {
        Ok(()) => Ok(visit.go(to, Some(&Notice::new(notice)))),
        Err(error) => refused(visit, page, error),
    }
}

fn refused(visit: &Visit, mut page: LinkPage, error: AppError) -> Result<HttpResponse, WebError> {
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut wait = None;
    let (field, words) = match error {
        AppError::WrongPassword => (
            "current_password",
            "That is not your password. Enter the password that you sign in with".to_owned(),
        ),
        AppError::TooManyTries { until, seconds } => {
            (status, wait) = (StatusCode::TOO_MANY_REQUESTS, Some(seconds));
            let words = too_many::words(&visit.app.settings.time_zone, until, seconds);
            ("current_password", words)
        }
        AppError::Denied(Denied::Suspended) => {
            status = StatusCode::FORBIDDEN;
            let words = "The account is suspended, so its address cannot be changed until it is restored";
            ("current_password", words.to_owned())
        }
        AppError::Rule(rule) => match *rule {
            Rule::WeakPassword(weakness) => ("new_password", passwords::weakness(weakness)),
            Rule::EmailTaken => (
                "current_password",
                "That e-mail address belongs to somebody else here by now. Choose another one".to_owned(),
            ),
            other => return over(visit, other.into()),
        },
        error => return Err(error.into()),
    };
    page.faults.add(field, words);
    let mut response = visit.page(status, &page)?;
    if let Some(seconds) = wait {
        too_many::retry_after(&mut response, seconds);
    }
    Ok(response)
}

/// One answer for every link that does not work.
fn over(visit: &Visit, error: AppError) -> Result<HttpResponse, WebError> {
    match error {
        AppError::Rule(rule) if matches!(*rule, Rule::LinkOver) => {
            let page = OverPage {
                page: visit.layout("This link does not work", "", None),
                mail: visit.app.sends_mail(),
            };
            visit.page(StatusCode::NOT_FOUND, &page)
        }
        error => Err(error.into()),
    }
}

/// Nothing that follows from the page is told its address. Not `no-referrer`: see [`crate::web::headers`].
fn keep_to_itself(mut response: HttpResponse) -> HttpResponse {
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    response
}
