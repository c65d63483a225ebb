//! `/preferences`: the time zone of an account, the mail that it gets, and the theme of a browser.

use actix_web::{HttpResponse, cookie::time::Duration, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;

use crate::{
    app::{
        AppError,
        people::Person,
        preferences::{self, Choice},
    },
    clock::TimeZone,
    domain::{mail::Kind, permission::Denied},
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm, SentBy},
        guard::{Customer, SignedIn},
        layout::Layout,
        local_path::local_path,
        notice::{Notice, NoticeCode},
        times::{When, when},
        visit::Visit,
    },
};

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreferencesForm {
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    mail_expiring: String,
    #[serde(default)]
    mail_expired: String,
}

impl PreferencesForm {
    /// The boxes that were left empty.
    fn unwanted(&self) -> Vec<Kind> {
        let ticked = |kind: &Kind| match kind {
            Kind::Expiring => !self.mail_expiring.is_empty(),
            Kind::Expired => !self.mail_expired.is_empty(),
        };
        Kind::ALL.into_iter().filter(|kind| !ticked(kind)).collect()
    }
}

impl Form for PreferencesForm {
    const HAS_PAGE: bool = true;
}

/// What a button of the theme sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeForm {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    back: String,
}

impl Form for ThemeForm {
    const ANONYMOUS: bool = true;
}

/// The page.
#[derive(Template)]
#[template(path = "preferences/preferences.html")]
struct PreferencesPage<'a> {
    page: Layout,
    faults: Faults,
    account: bool,
    time_zone: &'a str,
    zones: Vec<(&'a str, String)>,
    now: When,
    sends_mail: bool,
    unwanted: Vec<Kind>,
}

impl<'a> PreferencesPage<'a> {
    fn new(signed_in: &SignedIn, names: &'a [String], chosen: &'a str, unwanted: Vec<Kind>) -> Self {
        Self {
            page: signed_in.layout("Preferences", "preferences"),
            faults: Faults::default(),
            account: matches!(signed_in.person, Person::Customer(_)),
            time_zone: chosen,
            zones: names.iter().map(|name| (name.as_str(), in_words(name))).collect(),
            now: when(&signed_in.zone(), signed_in.visit.app.now()),
            sends_mail: signed_in.visit.app.sends_mail(),
            unwanted,
        }
    }
}

impl PreferencesPage<'_> {
    fn wants(&self, code: &str) -> bool {
        !self.unwanted.iter().any(|kind| kind.code() == code)
    }
}

/// The zones to choose from. An older name that the account has is offered too: saving the page is not to change it.
fn names(signed_in: &SignedIn) -> Vec<String> {
    let mut names = TimeZone::names();
    if let Person::Customer(account) = &signed_in.person
        && !names.contains(&account.time_zone)
    {
        names.push(account.time_zone.clone());
    }
    names
}

/// `America/Port of Spain` for `America/Port_of_Spain`.
fn in_words(name: &str) -> String {
    name.replace('_', " ")
}

/// `GET /preferences`; an address may name what was chosen before the session ended.
pub async fn show(signed_in: SignedIn, kept: Query<PreferencesForm>) -> Result<HttpResponse, WebError> {
    let zone = kept.time_zone.parse().unwrap_or_else(|_| signed_in.zone());
    let names = names(&signed_in);
    let unwanted = match &signed_in.person {
        Person::Customer(account) => {
            preferences::unwanted_mail(&signed_in.visit.app, &signed_in.caller, account).await?
        }
        Person::Staff(_) => Vec::new(),
    };
    let page = PreferencesPage::new(&signed_in, &names, zone.name(), unwanted);
    signed_in.visit.page(StatusCode::OK, &page)
}

/// `POST /preferences`.
pub async fn save(form: SentBy<Customer, PreferencesForm>) -> Result<HttpResponse, WebError> {
    let SentBy(customer, form) = form;
    let (visit, names) = (&customer.visit, names(&customer));
    let Ok(zone) = form.time_zone.parse::<TimeZone>() else {
        let mut page = PreferencesPage::new(&customer, &names, customer.zone.name(), form.unwanted());
        page.faults.add("time_zone", "Choose a time zone from the list");
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let choice = Choice {
        time_zone: zone,
        unwanted: visit.app.sends_mail().then(|| form.unwanted()),
    };
    match preferences::save(&visit.app, &customer.caller, &customer.account, choice).await {
        Ok(true) => Ok(visit.go("/preferences", Some(&Notice::new(NoticeCode::PreferencesSaved)))),
        Ok(false) => Ok(visit.go("/preferences", Some(&Notice::new(NoticeCode::Unchanged)))),
        Err(AppError::Denied(Denied::Suspended)) => {
            let mut page = PreferencesPage::new(&customer, &names, &form.time_zone, form.unwanted());
            let words = "Your account is suspended, so nothing about it can be changed until it is restored";
            page.faults.add("time_zone", words);
            visit.page(StatusCode::FORBIDDEN, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /preferences/theme`: of this browser, signed in or not.
pub async fn set_theme(visit: Visit, form: ProtectedForm<ThemeForm>) -> Result<HttpResponse, WebError> {
    let ProtectedForm(form) = form;
    let mut cookie = visit.cookie("theme", form.theme.as_str());
    match form.theme.as_str() {
        "light" | "dark" => cookie.set_max_age(Duration::days(365)),
        "system" => cookie.make_removal(),
        _ => return Err(WebError::BadRequest),
    }
    let mut response = visit.go(local_path(&form.back), None);
    response.add_cookie(&cookie).map_err(WebError::internal)?;
    Ok(response)
}
