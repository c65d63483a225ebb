//! Making an account. Its holder is invited to choose a password: staff never know one.

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{fields, link};
use crate::{
    app::{
        AppError,
        accounts::{self, NewAccount},
    },
    clock::TimeZone,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::NoticeCode,
    },
};

const TIME_ZONE: &str = "time_zone";
/// The plan that the form proposes, where there is one of that name.
const USUAL_PLAN: &str = "standard";

/// A new account. An address may fill it in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewForm {
    username: String,
    email: String,
    plan: String,
    sites: String,
    time_zone: String,
}

impl Form for NewForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/account/new.html")]
struct NewPage<'a> {
    page: Layout,
    faults: Faults,
    form: NewForm,
    plans: Vec<(&'a str, &'a str)>,
    zones: Vec<(&'a str, String)>,
}

async fn page(staff: &Staff, mut form: NewForm, faults: Faults) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    if form.time_zone.is_empty() {
        app.settings.time_zone.name().clone_into(&mut form.time_zone);
    }
    if form.plan.is_empty() {
        USUAL_PLAN.clone_into(&mut form.plan);
    }
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let (plans, zones) = (accounts::plan_names(app).await?, TimeZone::names());
    let page = NewPage {
        page: staff.layout("Create account", "accounts"),
        faults,
        form,
        plans: plans.iter().map(|name| (name.as_str(), name.as_str())).collect(),
        zones: zones
            .iter()
            .map(|name| (name.as_str(), name.replace('_', " ")))
            .collect(),
    };
    staff.visit.page(status, &page)
}

fn read(form: &NewForm, faults: &mut Faults) -> Option<NewAccount> {
    let username = fields::username(&form.username, faults);
    let email = fields::email(&form.email, faults);
    let sites = fields::sites(&form.sites, faults);
    let time_zone = form.time_zone.parse::<TimeZone>();
    if time_zone.is_err() {
        faults.add(TIME_ZONE, "Choose a time zone from the list");
    }
    Some(NewAccount {
        username: username?,
        email: email?,
        password: None,
        plan: form.plan.clone(),
        time_zone: time_zone.ok()?.name().to_owned(),
        sites: sites?,
    })
}

/// `GET /staff/accounts/new`
pub async fn show(staff: Staff, given: Query<NewForm>) -> Result<HttpResponse, WebError> {
    page(&staff, given.into_inner(), Faults::default()).await
}

/// `POST /staff/accounts/new`
pub async fn submit(SentBy(staff, form): SentBy<Staff, NewForm>) -> Result<HttpResponse, WebError> {
    let mut faults = Faults::default();
    let Some(new) = read(&form, &mut faults) else {
        return page(&staff, form, faults).await;
    };
    match accounts::invite(&staff.visit.app, &staff.caller, new).await {
        Ok(account) => link::invited(&staff, &account, NoticeCode::AccountCreated).await,
        Err(AppError::Rule(rule)) => {
            if fields::explain(&rule, &mut faults) {
                page(&staff, form, faults).await
            } else {
                Err(AppError::Rule(rule).into())
            }
        }
        Err(error) => Err(error.into()),
    }
}
