//! `POST /tokens`: makes the token and shows its secret, this once. The answer is the page itself, because a page to
//! be sent to would have to keep the secret.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    fields::explain,
    new::{Maker, NewTokenForm, is_creation_key},
    review,
    summary::Summary,
};
use crate::{
    app::{
        AppError,
        tokens::create::{ActKey, Created, create, find_made},
    },
    domain::{draft::Draft, secret::TokenSecret, token::Token},
    web::{
        error::WebError,
        form::{Faults, SentBy},
        guard::Customer,
        layout::Layout,
        reentry::{self, Unconfirmed},
    },
};

/// The variable in which the examples keep the token.
const VARIABLE: &str = "HOSTING_API_TOKEN";

#[derive(Template)]
#[template(path = "tokens/created.html")]
struct CreatedPage<'a> {
    page: Layout,
    id: String,
    s: Summary,
    secret: &'a str,
    url: String,
    variable: &'static str,
    /// The visitor's own address, where the token does not work from it.
    outside: Option<String>,
}

#[derive(Template)]
#[template(path = "tokens/created_before.html")]
struct CreatedBeforePage {
    page: Layout,
    id: String,
    name: String,
    revoked: bool,
}

/// Makes the token that was reviewed.
pub async fn submit(
    SentBy(customer, NewTokenForm(form)): SentBy<Customer, NewTokenForm>,
) -> Result<HttpResponse, WebError> {
    if !is_creation_key(&form.creation_key) {
        return Err(WebError::BadRequest);
    }
    let (app, account) = (customer.visit.app.clone(), customer.account.clone());
    let maker = Maker::of(customer).await?;
    let read = maker.read(&form).await?;
    // Asked after reading and heeded first: the token that this very form made has taken the name that it asks for.
    let made_already = find_made(&app, &maker.customer.caller, account.id, &form.creation_key).await?;
    if let Some(token) = made_already {
        return made_before(&maker.customer, &token);
    }
    if account.is_suspended() {
        return maker.form_page(form, Faults::default());
    }
    let draft = match read {
        Ok(draft) => draft,
        Err(faults) => return maker.form_page(form, faults),
    };
    let mut faults = Faults::default();
    let caller = match reentry::confirm(&maker.customer, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(message)) => {
            faults.add(reentry::FIELD, message);
            return review::page(&maker, &form, &draft, faults);
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let key = Some(ActKey::Form(form.creation_key.clone()));
    match create(&app, &caller, &account, draft, key).await {
        Ok(Created::New(token, secret)) => made(&maker.customer, &token, &secret),
        Ok(Created::Before(token)) => made_before(&maker.customer, &token),
        Err(AppError::Rule(rule)) => match explain(&maker.bounds(), &rule, form.name.trim()) {
            Some((field, message)) => {
                faults.add(field, message);
                maker.form_page(form, faults)
            }
            None => Err(AppError::Rule(rule).into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn made(customer: &Customer, token: &Token, secret: &TokenSecret) -> Result<HttpResponse, WebError> {
    let visit = &customer.visit;
    let page = CreatedPage {
        page: customer.layout("Token created", "tokens"),
        id: token.public_id.to_string(),
        s: Summary::of(&visit.app.catalogue, &Draft::from(token), &customer.zone),
        secret: secret.expose(),
        url: format!("{}/api/v1/token", visit.app.settings.public_url.as_str()),
        variable: VARIABLE,
        outside: (!token.addresses.contains(visit.address)).then(|| visit.address.to_string()),
    };
    visit.secret_page(&page)
}

fn made_before(customer: &Customer, token: &Token) -> Result<HttpResponse, WebError> {
    let page = CreatedBeforePage {
        page: customer.layout("Token already created", "tokens"),
        id: token.public_id.to_string(),
        name: token.name.to_string(),
        revoked: token.is_revoked(),
    };
    customer.visit.page(StatusCode::OK, &page)
}
