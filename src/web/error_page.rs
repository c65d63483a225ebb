//! The look of error pages: the layout of all other pages, with the navigation of whoever is signed in.
//!
//! An error becomes a page outside the session, where nobody is known any more; so the frame is prepared inside it, by
//! [`prepare`], and kept with the request. Where there is none, the page shows no navigation.

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};
use askama::Template;
use time::Duration;

use super::{
    error::{self, ErrorPage, ErrorView, Looks, WebError},
    guard::SignedIn,
    layout::Layout,
    panel::Panel,
    times,
    visit::Visit,
};
use crate::{app::people::Person, clock::TimeZone};

/// What a request's error page stands in.
#[derive(Clone)]
struct Frame {
    page: Layout,
    zone: TimeZone,
    customer: bool,
}

#[derive(Template)]
#[template(path = "errors/page.html")]
struct ErrorTemplate<'a> {
    page: Layout,
    view: &'a ErrorView<'a>,
    message: String,
    customer: bool,
}

impl Frame {
    /// For a visitor who is not known.
    fn plain(panel: &Panel) -> Self {
        Self {
            page: panel.layout(),
            zone: panel.app.settings.time_zone.clone(),
            customer: false,
        }
    }

    async fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let visit = Visit::of(request)?;
        // Without a session, or without a database, the page has no navigation.
        let Ok(signed_in) = SignedIn::of(request).await else {
            return Ok(Self {
                page: visit.layout("", "", None),
                ..Self::plain(&visit.panel)
            });
        };
        Ok(Self {
            page: signed_in.layout("", ""),
            zone: signed_in.zone(),
            customer: matches!(signed_in.person, Person::Customer(_)),
        })
    }
}

/// Keeps the frame of the page that an error will become. It stands inside the session.
pub(super) async fn prepare<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let response = next.call(request).await?;
    let request = response.request();
    if error::is_bare(response.response()) && Looks::of(request.path(), request.headers()) == Looks::Page {
        // What goes wrong here is not worth more than the plain page.
        if let Ok(frame) = Frame::of(request).await {
            request.extensions_mut().insert(frame);
        }
    }
    Ok(response)
}

/// Renders error pages in the panel's layout.
pub(super) fn look(panel: Arc<Panel>) -> ErrorPage {
    Arc::new(move |view, request| {
        let kept = request.and_then(|request| request.extensions().get::<Frame>().cloned());
        let mut frame = kept.unwrap_or_else(|| Frame::plain(&panel));
        view.title.clone_into(&mut frame.page.title);
        frame.page.notice = None;
        let message = match view.retry_after {
            Some(seconds) if view.status == StatusCode::TOO_MANY_REQUESTS => {
                let at = panel.app.now() + Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
                format!(
                    "You can try again at {} ({}).",
                    times::when(&frame.zone, at).time,
                    wait(seconds)
                )
            }
            _ => view.message.clone(),
        };
        let template = ErrorTemplate {
            page: frame.page,
            view,
            message,
            customer: frame.customer,
        };
        template.render().ok()
    })
}

/// How long that is, in words.
fn wait(seconds: u64) -> String {
    match seconds {
        1 => "in 1 second".to_owned(),
        0..=90 => format!("in {seconds} seconds"),
        _ => format!("in {} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn a_wait_is_said_in_the_unit_that_people_use() {
        for (seconds, words) in [
            (1, "in 1 second"),
            (40, "in 40 seconds"),
            (91, "in 2 minutes"),
            (900, "in 15 minutes"),
        ] {
            assert_eq!(wait(seconds), words);
        }
    }
}
