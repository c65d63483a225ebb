//! `/setup`: makes the first administrator, and is gone then.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    app::{
        AppError, Caller, Rule,
        setup::{self, is_open},
        staff::NewStaffMember,
    },
    domain::{
        account::{EmailAddress, Username},
        permission::Actor,
        staff::Role,
    },
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        layout::Layout,
        notice::{Notice, NoticeCode},
        passwords, too_many,
        visit::Visit,
    },
};

/// Longest name of a staff member, in characters.
const MAX_NAME: usize = 80;

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

impl Form for SetupForm {
    const ANONYMOUS: bool = true;
}

/// The page.
#[derive(Template)]
#[template(path = "setup/setup.html")]
struct SetupPage<'a> {
    page: Layout,
    faults: Faults,
    form: &'a SetupForm,
    hint: &'static str,
    unencrypted: bool,
}

impl<'a> SetupPage<'a> {
    fn new(visit: &Visit, form: &'a SetupForm) -> Self {
        let url = &visit.app.settings.public_url;
        Self {
            page: visit.layout("Set up Latchkey", "setup", None),
            faults: Faults::default(),
            form,
            hint: passwords::HINT,
            unencrypted: !url.is_https() && !url.is_loopback(),
        }
    }
}

/// `GET /setup`.
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    if !is_open(&visit.app).await? {
        return Err(WebError::NotFound);
    }
    visit.page(StatusCode::OK, &SetupPage::new(&visit, &SetupForm::default()))
}

/// `POST /setup`.
pub async fn submit(visit: Visit, form: ProtectedForm<SetupForm>) -> Result<HttpResponse, WebError> {
    let ProtectedForm(form) = form;
    if !is_open(&visit.app).await? {
        return Err(WebError::NotFound);
    }
    let mut page = SetupPage::new(&visit, &form);
    let Some(new) = read(&form, &mut page.faults) else {
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let caller = Caller {
        actor: Actor::System,
        address: Some(visit.address),
        browser: Some(visit.browser.clone()),
        request_id: visit.request_id.clone(),
        password_at: None,
        reason: None,
    };
    match setup::finish(&visit.app, &caller, visit.address, &form.code, new).await {
        Ok(()) => Ok(visit.go("/sign-in", Some(&Notice::new(NoticeCode::SetUp)))),
        Err(AppError::TooManyTries { until, seconds }) => {
            let words = too_many::words(&visit.app.settings.time_zone, until, seconds);
            page.faults.add("code", words);
            let mut response = visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            Ok(response)
        }
        Err(AppError::Rule(rule)) => match fault(&rule) {
            Some((field, words)) => {
                page.faults.add(field, words);
                visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
            }
            None => Err(AppError::Rule(rule).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The administrator whom the form describes; what is wrong with it goes to `faults`, in the order of the page.
fn read(form: &SetupForm, faults: &mut Faults) -> Option<NewStaffMember> {
    if form.code.trim().is_empty() {
        faults.add("code", "Enter the setup code that the server printed when it started");
    }
    let name = form.name.trim();
    if name.is_empty() {
        faults.add("name", "Enter your name");
    } else if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        faults.add(
            "name",
            format!("Make the name shorter: {MAX_NAME} characters are the most"),
        );
    }
    let username = form.username.trim().parse::<Username>();
    if username.is_err() {
        faults.add(
            "username",
            "Enter a username of 1 to 16 small letters and digits that starts with a letter",
        );
    }
    let email = form.email.parse::<EmailAddress>();
    if email.is_err() {
        faults.add("email", "Enter an e-mail address, such as name@example.com");
    }
    if form.password.is_empty() {
        faults.add("password", "Enter a password");
    }
    if !faults.is_empty() {
        return None;
    }
    Some(NewStaffMember {
        username: username.ok()?,
        email: email.ok()?,
        name: name.to_owned(),
        role: Role::Admin,
        password: Zeroizing::new(form.password.clone()),
    })
}

/// The field that a rule is about, and what to do.
fn fault(rule: &Rule) -> Option<(&'static str, String)> {
    match rule {
        Rule::WrongSetupCode => Some((
            "code",
            "That is not the setup code. Copy it from what the server printed when it last started".to_owned(),
        )),
        Rule::WeakPassword(weakness) => Some(("password", passwords::weakness(*weakness))),
        Rule::UsernameTaken => Some(("username", "That username is taken. Choose another one".to_owned())),
        Rule::EmailTaken => Some((
            "email",
            "That e-mail address belongs to somebody else here. Enter another one".to_owned(),
        )),
        _ => None,
    }
}
