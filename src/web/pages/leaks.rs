//! `/leaks`: whoever found a token ends it here, without signing in. What is pasted is looked at and forgotten: it stands
//! in no address and is not shown again, and nothing tells whether a token was real.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    app::{
        AppError, Caller,
        tokens::leaked::{Found, MOST_REPORTED, end_found},
    },
    domain::{
        secret::{Kind, OfStaff, PREFIX, StaffSecret, TOKEN_LENGTH, whole_tokens},
        text::{MAX_REASON, Reason},
    },
    web::{
        api::leaks::PATH,
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        guard::SignedIn,
        layout::Layout,
        notice::{Notice, NoticeCode},
        too_many,
        visit::Visit,
    },
};

/// Id and name of the field. Its content is never kept.
const PASTED: &str = "pasted";
const TITLE: &str = "Report a token that you found";

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeakForm {
    pasted: String,
    place: String,
}

impl Form for LeakForm {
    const ANONYMOUS: bool = true;
}

#[derive(Template)]
#[template(path = "leaks/report.html")]
struct ReportPage<'a> {
    page: Layout,
    faults: Faults,
    place: &'a str,
    max: i32,
    length: usize,
    prefix: &'static str,
    staff_length: usize,
    staff_prefix: &'static str,
}

impl<'a> ReportPage<'a> {
    fn new(visit: &Visit, somebody: Option<&SignedIn>, place: &'a str, faults: Faults) -> Self {
        Self {
            page: match somebody {
                Some(somebody) => somebody.layout(TITLE, "leaks"),
                None => visit.layout(TITLE, "leaks", None),
            },
            faults,
            place,
            max: i32::try_from(MAX_REASON).unwrap_or(0),
            length: TOKEN_LENGTH,
            prefix: PREFIX,
            staff_length: StaffSecret::LENGTH,
            staff_prefix: OfStaff::PREFIX,
        }
    }
}

/// `GET /leaks`.
pub async fn show(visit: Visit, somebody: Option<SignedIn>) -> Result<HttpResponse, WebError> {
    let page = ReportPage::new(&visit, somebody.as_ref(), "", Faults::default());
    visit.page(StatusCode::OK, &page)
}

/// `POST /leaks`, sent by the form. Whoever is signed in reports as everybody else does: nobody is told who it was.
pub async fn submit(
    visit: Visit,
    somebody: Option<SignedIn>,
    ProtectedForm(form): ProtectedForm<LeakForm>,
) -> Result<HttpResponse, WebError> {
    let pasted = Zeroizing::new(form.pasted);
    let place = Reason::from_stranger(&form.place);
    let secrets = whole_tokens(&pasted, MOST_REPORTED);
    let mut faults = Faults::default();
    if secrets.is_empty() {
        faults.add(PASTED, nothing(&pasted));
        let typed = place.as_ref().map_or("", Reason::as_str);
        let page = ReportPage::new(&visit, somebody.as_ref(), typed, faults);
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let found = secrets.into_iter().map(|secret| Found {
        secret,
        place: place.clone(),
    });
    let browser = Some(visit.browser.clone()).filter(|browser| !browser.is_empty());
    let caller = Caller::finder(visit.address, browser, visit.request_id.clone());
    match end_found(&visit.app, &caller, found.collect()).await {
        Ok(()) => Ok(visit.go(PATH, Some(&Notice::new(NoticeCode::Reported)))),
        Err(AppError::TooManyTries { until, seconds }) => {
            let zone = somebody.as_ref().map(SignedIn::zone);
            let zone = zone.unwrap_or_else(|| visit.app.settings.time_zone.clone());
            faults.add(PASTED, too_many::words(&zone, until, seconds));
            let typed = place.as_ref().map_or("", Reason::as_str);
            let page = ReportPage::new(&visit, somebody.as_ref(), typed, faults);
            let mut response = visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// What to say about a text in which no whole token stands: of its form alone, which everybody may know.
fn nothing(pasted: &str) -> String {
    if pasted.trim().is_empty() {
        return "Paste the token, or the text in which it stands".to_owned();
    }
    format!(
        "Paste a whole token: {TOKEN_LENGTH} characters that begin with {PREFIX}, or {} with {}, with nothing left out",
        StaffSecret::LENGTH,
        OfStaff::PREFIX
    )
}
