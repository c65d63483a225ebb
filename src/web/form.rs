//! Forms: what was sent, checked for where it comes from, and what is wrong with it.

use std::{future::Future, pin::Pin};

use actix_session::SessionExt;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes};
use serde::de::DeserializeOwned;

use super::{
    csrf,
    error::WebError,
    refusals::{self, RefusedForm},
    session::Who,
    visit::Visit,
};
use crate::domain::secret::holds_token;

/// The hidden field that carries the form token.
pub const TOKEN_FIELD: &str = "form_token";
/// Fields that are never kept, shown again or put into an address.
const SECRET_FIELDS: [&str; 5] = ["password", "current_password", "new_password", "pasted", TOKEN_FIELD];
/// Answers longer than this are not kept when a session has ended: addresses have limits.
const KEPT_ANSWERS: usize = 3_000;

/// What one form sends. Unknown fields are refused: derive with `#[serde(deny_unknown_fields)]`.
pub trait Form: DeserializeOwned {
    /// Whether `GET` of the address that the form posts to shows the form, filled in from its parameters. If so, a
    /// visitor whose session has ended finds the answers there after signing in.
    const HAS_PAGE: bool = false;
    /// The path of that page, where it is not the address that the form posts to.
    const PAGE: Option<&'static str> = None;
    /// Whether visitors who are not signed in may send it.
    const ANONYMOUS: bool = false;
}

/// A form that was sent by a page of ours; there is no other way to its content.
pub struct ProtectedForm<T>(pub T);

impl<T: Form> FromRequest for ProtectedForm<T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let is_form = request
                .headers()
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
            if !is_form {
                return Err(WebError::UnsupportedMediaType);
            }
            let body = body.await.map_err(|error| WebError::from_body(&error))?;
            open::<T>(&request, &body)
        })
    }
}

/// A form and who sent it, a [`SignedIn`](super::guard::SignedIn) or [`Customer`](super::guard::Customer).
///
/// As two parameters of a handler they would race, and a guard that fails first loses the answers of a visitor whose
/// session has ended: here the form is read before anybody is asked who they are.
pub struct SentBy<P, T>(pub P, pub T);

impl<P: FromRequest<Error = WebError> + 'static, T: Form + 'static> FromRequest for SentBy<P, T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = ProtectedForm::<T>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let ProtectedForm(form) = form.await?;
            let sender = P::from_request(&request, &mut Payload::None).await?;
            Ok(Self(sender, form))
        })
    }
}

fn open<T: Form>(request: &HttpRequest, body: &[u8]) -> Result<ProtectedForm<T>, WebError> {
    let visit = Visit::of(request)?;
    if !csrf::is_from_our_pages(request, visit.panel.origin()) {
        tracing::warn!(request = %visit.request_id, "malicious_csrf: a form was sent by another site's page");
        refusals::note(request, RefusedForm::Forged);
        return Err(WebError::Forbidden);
    }
    let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    // Nobody can type it, and PostgreSQL takes no text with it.
    if fields.iter().any(|(_, value)| value.contains('\0')) {
        return Err(WebError::BadRequest);
    }
    let who = Who::of(&request.get_session());
    if who.is_none() && !T::ANONYMOUS {
        return Err(WebError::SignIn {
            next: next_after_sign_in::<T>(&visit, &fields),
            ended: true,
        });
    }
    let sent = fields
        .iter()
        .find(|(name, _)| name == TOKEN_FIELD)
        .map_or("", |(_, value)| value);
    let tokens = &visit.panel.form_tokens;
    // Somebody who has signed in in another window meanwhile may still send what they were shown as a visitor.
    let bound = tokens.check(sent, &visit.binding()) || T::ANONYMOUS && tokens.check(sent, &visit.visitor_binding());
    if !bound {
        // The page is older than the session, or than the visitor's cookie: not an attack, as the origin was ours.
        return Err(if T::HAS_PAGE && !T::ANONYMOUS {
            WebError::StaleForm {
                back: next_after_sign_in::<T>(&visit, &fields),
            }
        } else {
            refusals::note(request, RefusedForm::Stale);
            WebError::Forbidden
        });
    }
    let rest = fields.iter().filter(|(name, _)| name != TOKEN_FIELD);
    let text = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rest)
        .finish();
    serde_html_form::from_str(&text)
        .map(ProtectedForm)
        .map_err(|_| WebError::BadRequest)
}

/// Where to go after signing in: the form's own page with the answers filled in, or the start.
fn next_after_sign_in<T: Form>(visit: &Visit, fields: &[(String, String)]) -> String {
    if !T::HAS_PAGE {
        return "/".to_owned();
    }
    let kept = fields
        .iter()
        .filter(|(name, value)| !SECRET_FIELDS.contains(&name.as_str()) && !holds_token(value));
    let answers = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    let page = T::PAGE.unwrap_or(&visit.path);
    match answers.len() {
        0 => page.to_owned(),
        length if length > KEPT_ANSWERS => page.to_owned(),
        _ => format!("{page}?{answers}"),
    }
}

/// What is wrong with a form: for each fault the id of the field and a sentence that says what to do.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<(String, String)>);

impl Faults {
    /// Notes a fault of a field. The same sentence stands in the summary and at the field.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push((field.into(), message.into()));
    }

    /// The sentence that stands at a field; empty when nothing is wrong with it.
    pub fn of(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map_or("", |(_, message)| message)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every fault, in the order of the page.
    pub fn list(&self) -> &[(String, String)] {
        &self.0
    }
}
