//! `/staff/services/new`: making a service credential.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::created;
use crate::{
    app::{
        AppError, Rule,
        services::{self, Created, NewCredential},
    },
    domain::{
        service::{MAX_SERVICE_NAME, ServiceName},
        text::TextError,
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        pages::tokens::{fields::read_addresses, new::is_creation_key},
        reentry::{self, Unconfirmed},
    },
};

/// A service credential to make.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialForm {
    name: String,
    /// The addresses, as they were typed.
    addresses: String,
    /// Names the act of creation.
    creation_key: String,
    password: String,
}

impl Form for CredentialForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/services/new.html")]
struct NewPage {
    page: Layout,
    form: CredentialForm,
    asks_password: bool,
    faults: Faults,
}

fn form_page(staff: &Staff, mut form: CredentialForm, faults: Faults) -> Result<HttpResponse, WebError> {
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    if !is_creation_key(&form.creation_key) {
        form.creation_key = services::new_creation_key(&staff.visit.app);
    }
    let page = NewPage {
        page: staff.layout("New service credential", "services"),
        form,
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows the form, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    services::counts(&staff.visit.app, &staff.caller).await?;
    let kept = serde_html_form::from_str::<CredentialForm>(request.query_string());
    form_page(&staff, kept.unwrap_or_default(), Faults::default())
}

/// Makes it and shows its secret, this once: a page to be sent to would have to keep it.
pub async fn submit(SentBy(staff, form): SentBy<Staff, CredentialForm>) -> Result<HttpResponse, WebError> {
    let app = staff.visit.app.clone();
    // Heeded first: the one that this very form made has taken the name that it asks for.
    let made_already = services::find_made(&app, &staff.caller, &form.creation_key).await?;
    if !is_creation_key(&form.creation_key) {
        return Err(WebError::BadRequest);
    }
    if let Some(credential) = made_already {
        return created::before(&staff, &credential);
    }
    let mut faults = Faults::default();
    let name = read_name(&form.name, &mut faults);
    let addresses = read_addresses(&form.addresses, &mut faults);
    let (Some(name), Some(addresses)) = (name, addresses) else {
        return form_page(&staff, form, faults);
    };
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return form_page(&staff, form, faults);
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let new = NewCredential { name, addresses };
    match services::create(&app, &caller, new, Some(form.creation_key.clone())).await {
        Ok(Created::New(credential, secret)) => created::page(&staff, &credential, &secret),
        Ok(Created::Before(credential)) => created::before(&staff, &credential),
        Err(AppError::Rule(rule)) => match explain(&rule) {
            Some(words) => {
                faults.add("name", words);
                form_page(&staff, form, faults)
            }
            None => Err(AppError::Rule(rule).into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn read_name(text: &str, faults: &mut Faults) -> Option<ServiceName> {
    let words = match text.parse() {
        Ok(name) => return Some(name),
        Err(TextError::Empty) => "Enter a name: which service or proxy will have it".to_owned(),
        Err(TextError::TooLong { .. }) => format!("Use at most {MAX_SERVICE_NAME} characters for the name"),
        Err(TextError::Control) => "Take the invisible characters out of the name: type it again".to_owned(),
        Err(TextError::Secret) => "Take the secret out of the name: everybody who reads it could use it".to_owned(),
    };
    faults.add("name", words);
    None
}

/// The sentence for a rule that stands against another service credential; nothing for any other.
fn explain(rule: &Rule) -> Option<String> {
    Some(match rule {
        Rule::NameTaken => {
            "Another service credential has that name. Choose another name, or revoke that one first".to_owned()
        }
        Rule::TooManyServices { limit } => {
            format!("There are {limit} service credentials, which is the most. Revoke one first, then send this again")
        }
        _ => return None,
    })
}
