//! One request of somebody with a browser: where it comes from and what its cookies say.

use std::{net::IpAddr, sync::Arc};

use actix_session::SessionExt;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse,
    body::MessageBody,
    cookie::{Cookie, SameSite},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web::Data,
};
use askama::Template;

use super::{
    client_ip::ClientIp,
    compress::NeverCompress,
    error::WebError,
    layout::{Layout, SignedInName},
    notice::Notice,
    panel::Panel,
    request_id::RequestId,
    session::{Who, cookie_name},
};
use crate::app::App;

/// Characters of a visitor's cookie.
const VISITOR_LENGTH: usize = 22;
/// Most characters of what a browser says of itself that are kept.
const BROWSER_LENGTH: usize = 200;

/// A cookie that the response is to set for a visitor who has none yet.
#[derive(Clone, Debug)]
pub(super) struct NewVisitor(pub(super) String);

/// One request, signed in or not.
#[derive(Clone)]
pub struct Visit {
    /// The use cases and what they need.
    pub app: Arc<App>,
    /// What all pages share.
    pub panel: Arc<Panel>,
    /// The visitor's address.
    pub address: IpAddr,
    /// The request.
    pub request_id: String,
    /// The browser, as it names itself, shortened; empty when it does not.
    pub browser: String,
    /// The path that was asked for.
    pub path: String,
    here: String,
    theme: Option<&'static str>,
    notice: Option<Notice>,
    visitor: String,
    session: Option<String>,
}

impl Visit {
    /// The visit that a request is.
    pub fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let panel = request
            .app_data::<Data<Panel>>()
            .ok_or_else(|| WebError::internal("no panel is configured"))?;
        let app = Arc::clone(&panel.app);
        let https = app.settings.public_url.is_https();
        let cookie = |name: &str| request.cookie(&cookie_name(name, https));
        let extensions = request.extensions();
        let id = extensions
            .get::<RequestId>()
            .map_or_else(String::new, |id| id.as_str().to_owned());
        let address = extensions.get::<ClientIp>().map(|ip| ip.0);
        drop(extensions);
        let browser = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            address: address.ok_or_else(|| WebError::internal("the request has no address"))?,
            request_id: id,
            browser: browser.unwrap_or_default().chars().take(BROWSER_LENGTH).collect(),
            path: request.path().to_owned(),
            here: here(request),
            theme: cookie("theme").and_then(|cookie| theme(cookie.value())),
            notice: cookie("notice").and_then(|cookie| Notice::from_cookie(cookie.value())),
            visitor: visitor(request, &app, https),
            session: Who::of(&request.get_session()).map(|who| who.session),
            panel: panel.clone().into_inner(),
            app,
        })
    }

    /// What form tokens are bound to: the session, or the visitor's cookie before there is one.
    pub fn binding(&self) -> String {
        match &self.session {
            Some(session) => format!("session:{session}"),
            None => self.visitor_binding(),
        }
    }

    /// What form tokens are bound to that were shown to this browser before anybody signed in.
    pub(super) fn visitor_binding(&self) -> String {
        format!("visitor:{}", self.visitor)
    }

    /// The layout of a page.
    pub fn layout(&self, title: &str, current: &'static str, who: Option<SignedInName>) -> Layout {
        Layout {
            title: title.to_owned(),
            theme: self.theme,
            signed_in: who,
            form_token: self.panel.form_tokens.issue(&self.binding()),
            current,
            notice: self.notice.as_ref().map(Notice::words),
            path: self.here.clone(),
            ..self.panel.layout()
        }
    }

    /// A cookie of ours; it ends with the browser unless it is given an age.
    pub fn cookie(&self, name: &str, value: impl Into<String>) -> Cookie<'static> {
        own_cookie(name, value.into(), self.app.settings.public_url.is_https())
    }

    /// Sends the browser to another page of ours (303) that shows a notice.
    pub fn go(&self, to: &str, notice: Option<&Notice>) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        response.insert_header((header::LOCATION, to));
        if let Some(notice) = notice {
            response.cookie(self.cookie("notice", notice.to_cookie()));
        }
        response.finish()
    }

    /// Renders a page.
    pub fn page(&self, status: StatusCode, template: &impl Template) -> Result<HttpResponse, WebError> {
        let html = template.render().map_err(WebError::internal)?;
        let mut response = HttpResponse::build(status);
        if self.notice.is_some() {
            let mut gone = self.cookie("notice", "");
            gone.make_removal();
            response.cookie(gone);
        }
        Ok(response.content_type("text/html; charset=utf-8").body(html))
    }

    /// Renders a page that shows a secret, this once: nobody keeps it, and its length on the wire tells nothing.
    pub fn secret_page(&self, template: &impl Template) -> Result<HttpResponse, WebError> {
        let mut response = self.page(StatusCode::OK, template)?;
        let no_store = header::HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response.extensions_mut().insert(NeverCompress);
        Ok(response)
    }
}

/// The page's address with what narrows it down: where a choice of the theme leads back to.
fn here(request: &HttpRequest) -> String {
    let address = (*request.method() == Method::GET)
        .then(|| request.uri().path_and_query())
        .flatten();
    address.map_or_else(|| request.path().to_owned(), ToString::to_string)
}

fn theme(value: &str) -> Option<&'static str> {
    match value {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

/// The visitor's cookie, or a new one that the response will set.
fn visitor(request: &HttpRequest, app: &App, https: bool) -> String {
    if let Some(cookie) = request.cookie(&cookie_name("visitor", https)) {
        return cookie.value().to_owned();
    }
    let mut extensions = request.extensions_mut();
    if let Some(NewVisitor(value)) = extensions.get::<NewVisitor>() {
        return value.clone();
    }
    let value = app.clock.random_base62(VISITOR_LENGTH);
    extensions.insert(NewVisitor(value.clone()));
    value
}

impl FromRequest for Visit {
    type Error = WebError;
    type Future = std::future::Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// Gives a visitor without a cookie one, when a form was bound to it.
pub(super) async fn set_visitor<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let new = response.request().extensions().get::<NewVisitor>().cloned();
    if let Some(NewVisitor(value)) = new {
        let https = response
            .request()
            .app_data::<Data<Panel>>()
            .is_some_and(|panel| panel.app.settings.public_url.is_https());
        let cookie = own_cookie("visitor", value, https);
        response
            .response_mut()
            .add_cookie(&cookie)
            .map_err(WebError::internal)?;
    }
    Ok(response)
}

fn own_cookie(name: &str, value: String, https: bool) -> Cookie<'static> {
    Cookie::build(cookie_name(name, https), value)
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .finish()
}
