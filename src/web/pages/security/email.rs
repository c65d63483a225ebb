//! `/security/email`: changes the e-mail address of whoever is signed in.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Deserialize;

use super::SecurityPage;
use crate::{
    app::{
        AppError, Rule,
        links::{self, Changed, NewAddress},
        security,
    },
    domain::{account::EmailAddress, permission::Denied},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::SignedIn,
        notice::{Notice, NoticeCode},
        too_many,
    },
};

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

impl Form for EmailForm {
    const HAS_PAGE: bool = true;
    const PAGE: Option<&'static str> = Some("/security");
}

/// `POST /security/email`.
pub async fn submit(form: SentBy<SignedIn, EmailForm>) -> Result<HttpResponse, WebError> {
    let SentBy(signed_in, form) = form;
    let mut page = SecurityPage::new(&signed_in).await?;
    page.email.clone_from(&form.email);
    let Some(email) = read(&signed_in, &form, &mut page.faults) else {
        return signed_in.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let new = NewAddress {
        email,
        password: form.password.into(),
    };
    let (app, session) = (&signed_in.visit.app, &signed_in.who.session);
    let done = links::change_email(app, &signed_in.caller, &signed_in.person, session, new).await;
    let code = match done {
        Ok(Changed::Now) => NoticeCode::EmailChanged,
        Ok(Changed::OnceConfirmed { .. }) => NoticeCode::EmailAsked,
        Err(error) => return refused(&signed_in, page, error),
    };
    Ok(signed_in.visit.go("/security", Some(&Notice::new(code))))
}

/// What can be said before the password is looked at, which counts as a try.
fn read(signed_in: &SignedIn, form: &EmailForm, faults: &mut Faults) -> Option<EmailAddress> {
    let email = form.email.parse::<EmailAddress>();
    if security::may_change_password(&signed_in.caller).is_err() {
        // Refused for that reason, whatever was typed.
        return Some(signed_in.person.email().clone());
    }
    match &email {
        Err(_) => faults.add("email", "Enter an e-mail address, such as name@example.com"),
        Ok(email) if email.to_string() == signed_in.person.email().to_string() => {
            faults.add("email", "That is your address already. Enter another one");
        }
        Ok(_) => {}
    }
    if form.password.is_empty() {
        faults.add("email_password", "Enter your password to go on");
    }
    email.ok().filter(|_| faults.is_empty())
}

fn refused(signed_in: &SignedIn, mut page: SecurityPage, error: AppError) -> Result<HttpResponse, WebError> {
    let (status, field, words, wait) = match error {
        AppError::WrongPassword => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "email_password",
            "That is not your password. Enter the password that you sign in with".to_owned(),
            None,
        ),
        AppError::TooManyTries { until, seconds } => (
            StatusCode::TOO_MANY_REQUESTS,
            "email_password",
            too_many::words(&signed_in.zone(), until, seconds),
            Some(seconds),
        ),
        AppError::Denied(Denied::Suspended) => {
            let words = "Your account is suspended, so its e-mail address cannot be changed until it is restored";
            (StatusCode::FORBIDDEN, "email", words.to_owned(), None)
        }
        AppError::Rule(rule) => {
            let words = match *rule {
                Rule::EmailTaken => "That e-mail address belongs to somebody here. Enter another one",
                Rule::AlreadySo => "That is your address already. Enter another one",
                other => return Err(AppError::from(other).into()),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, "email", words.to_owned(), None)
        }
        error => return Err(error.into()),
    };
    page.faults.add(field, words);
    let mut response = signed_in.visit.page(status, &page)?;
    if let Some(seconds) = wait {
        too_many::retry_after(&mut response, seconds);
    }
    Ok(response)
}
