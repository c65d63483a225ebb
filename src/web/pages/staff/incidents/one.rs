//! `/staff/incidents/{run}`: how far a run is, and the way to stop it.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, REFRESH},
    },
    web::Path,
};
use askama::Template;
use serde::Deserialize;

use super::RunWords;
use crate::{
    app::runs,
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
    },
};

/// Seconds after which the page of a run that goes on is asked for again.
const REFRESHED: HeaderValue = HeaderValue::from_static("5");

#[derive(Template)]
#[template(path = "staff/incidents/one.html")]
struct RunPage {
    page: Layout,
    run: RunWords,
    /// Stands in the log and in every event.
    request: String,
}

/// Shows the run.
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let run = runs::find(app, &staff.caller, path.into_inner()).await?;
    let words = RunWords::of(&app.catalogue, &staff.zone(), &run);
    let page = RunPage {
        page: staff.layout(words.title, "incidents"),
        run: words,
        request: run.request_id,
    };
    let mut response = staff.visit.page(StatusCode::OK, &page)?;
    if page.run.is_open {
        response.headers_mut().insert(REFRESH, REFRESHED);
    }
    Ok(response)
}

/// A button and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {}

impl Form for Press {}

/// Stops the run.
pub async fn stop(path: Path<String>, SentBy(staff, _): SentBy<Staff, Press>) -> Result<HttpResponse, WebError> {
    let (run, stopped) = runs::stop(&staff.visit.app, &staff.caller, path.into_inner()).await?;
    let code = if stopped {
        NoticeCode::RunStopped
    } else {
        NoticeCode::RunOver
    };
    let to = format!("/staff/incidents/{}", run.public_id);
    Ok(staff.visit.go(&to, Some(&Notice::new(code))))
}
