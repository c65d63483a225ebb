//! `/staff/tokens/new`: making a staff token.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    ENTRY, created,
    fields::{Bounds, Fields, StaffTokenFields, explain, read},
};
use crate::{
    app::{
        AppError,
        staff_tokens::{self, Created},
        tokens::create::ActKey,
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        pages::tokens::new::is_creation_key,
        reentry::{self, Unconfirmed},
    },
};

/// A lifetime of so many days is proposed.
const PROPOSED: &str = "90";

/// A staff token to make.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewForm(StaffTokenFields);

impl Form for NewForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/own_tokens/new.html")]
struct NewPage {
    page: Layout,
    f: Fields,
    creation_key: String,
    asks_password: bool,
    faults: Faults,
}

async fn form_page(staff: &Staff, form: &StaffTokenFields, faults: Faults) -> Result<HttpResponse, WebError> {
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let app = &staff.visit.app;
    let allowed = staff_tokens::allowed_scopes(app, &staff.caller, staff.member.id).await?;
    let bounds = Bounds {
        allowed: &allowed,
        zone: &staff.zone(),
        now: app.now(),
        token: None,
    };
    let page = NewPage {
        page: staff.layout("New staff token", ENTRY),
        f: Fields::of(&bounds, form, staff.visit.address),
        creation_key: if is_creation_key(&form.creation_key) {
            form.creation_key.clone()
        } else {
            staff_tokens::new_creation_key(app)
        },
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows the form, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let kept = serde_html_form::from_str::<StaffTokenFields>(request.query_string());
    let mut form = kept.unwrap_or_default();
    if form.expires.is_empty() {
        PROPOSED.clone_into(&mut form.expires);
    }
    form_page(&staff, &form, Faults::default()).await
}

/// Makes it and shows its secret, this once: a page to be sent to would have to keep it.
pub async fn submit(SentBy(staff, NewForm(form)): SentBy<Staff, NewForm>) -> Result<HttpResponse, WebError> {
    let (app, member) = (staff.visit.app.clone(), staff.member.id);
    // Heeded first: the one that this very form made has taken the name that it asks for.
    let made_already = staff_tokens::find_made(&app, &staff.caller, member, &form.creation_key).await?;
    if !is_creation_key(&form.creation_key) {
        return Err(WebError::BadRequest);
    }
    if let Some(token) = made_already {
        return created::before(&staff, &token);
    }
    let allowed = staff_tokens::allowed_scopes(&app, &staff.caller, member).await?;
    let zone = staff.zone();
    let bounds = Bounds {
        allowed: &allowed,
        zone: &zone,
        now: app.now(),
        token: None,
    };
    let draft = match read(&bounds, &form) {
        Ok(draft) => draft,
        Err(faults) => return form_page(&staff, &form, faults).await,
    };
    let mut faults = Faults::default();
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return form_page(&staff, &form, faults).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let act = Some(ActKey::Form(form.creation_key.clone()));
    match staff_tokens::create(&app, &caller, member, draft.clone(), act).await {
        Ok(Created::New(token, secret)) => created::page(&staff, &token, &secret),
        Ok(Created::Before(token)) => created::before(&staff, &token),
        Err(AppError::Rule(rule)) => match explain(&bounds, &draft, &rule) {
            Some((field, words)) => {
                faults.add(field, words);
                form_page(&staff, &form, faults).await
            }
            None => Err(AppError::Rule(rule).into()),
        },
        Err(error) => Err(error.into()),
    }
}
