//! `/sign-in` and `/sign-out`.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, time::Duration},
    http::{StatusCode, header},
    web::Query,
};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    app::{
        AppError, DemoPerson,
        demo::Part,
        people::{self, Person},
        security, setup,
        sign_in::{self, Admitted, Attempt},
    },
    domain::id::LoginId,
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        guard::SignedIn,
        layout::Layout,
        local_path::local_path,
        notice::{Notice, NoticeCode},
        session::{Who, cookie_name},
        too_many,
        visit::Visit,
    },
};

/// Tells browsers apart that have signed in before; see [`crate::app::sign_in`].
const DEVICE: &str = "device";

/// What the address may say.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    #[serde(default)]
    next: String,
    #[serde(default)]
    ended: String,
}

/// What the form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

impl Form for SignInForm {
    const ANONYMOUS: bool = true;
}

/// The page.
#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage<'a> {
    page: Layout,
    faults: Faults,
    username: &'a str,
    next: &'a str,
    ended: bool,
    setup_is_open: bool,
    sends_mail: bool,
    demo_people: &'a [DemoPerson],
}

impl<'a> SignInPage<'a> {
    async fn new(visit: &'a Visit, username: &'a str, next: &'a str) -> Result<Self, WebError> {
        Ok(Self {
            page: visit.layout("Sign in", "sign-in", None),
            faults: Faults::default(),
            username,
            next: local_path(next),
            ended: false,
            setup_is_open: setup::is_open(&visit.app).await?,
            sends_mail: visit.app.sends_mail(),
            demo_people: visit.app.demo_people(),
        })
    }
}

/// What somebody in the demo is there to show.
fn part(person: &DemoPerson) -> &'static str {
    match person.part {
        Part::Customer => "A customer with tokens in every state",
        Part::NewCustomer => "A customer without a token yet",
        Part::Support => "Support staff",
        Part::Admin => "An administrator",
    }
}

/// `GET /sign-in`.
pub async fn show(visit: Visit, session: Session, parameters: Query<Parameters>) -> Result<HttpResponse, WebError> {
    if let Some(who) = Who::of(&session)
        && people::find(&visit.app, LoginId(who.login)).await?.is_some()
    {
        return Ok(visit.go(local_path(&parameters.next), None));
    }
    let mut page = SignInPage::new(&visit, "", &parameters.next).await?;
    page.ended = parameters.ended == "1";
    visit.page(StatusCode::OK, &page)
}

/// `POST /sign-in`.
pub async fn submit(
    visit: Visit,
    session: Session,
    request: HttpRequest,
    form: ProtectedForm<SignInForm>,
) -> Result<HttpResponse, WebError> {
    let ProtectedForm(form) = form;
    let mut page = SignInPage::new(&visit, &form.username, &form.next).await?;
    if form.username.trim().is_empty() {
        page.faults.add("username", "Enter your username or e-mail address");
    }
    if form.password.is_empty() {
        page.faults.add("password", "Enter your password");
    }
    if !page.faults.is_empty() {
        return visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let attempt = attempt(&visit, &request, form.username.clone(), form.password.into());
    match sign_in::sign_in(&visit.app, attempt).await {
        Ok(admitted) => admit(&visit, &session, &admitted, page.next),
        Err(AppError::WrongPassword) => {
            page.faults.add("username", "Username or password is not right");
            visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(AppError::TooManyTries { until, seconds }) => {
            let words = too_many::words(&visit.app.settings.time_zone, until, seconds);
            page.faults.add("username", words);
            let mut response = visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// Somebody with a browser tries to sign in.
pub(in crate::web) fn attempt(
    visit: &Visit,
    request: &HttpRequest,
    name: String,
    password: Zeroizing<String>,
) -> Attempt {
    let device = request.cookie(&cookie_name(DEVICE, visit.app.settings.public_url.is_https()));
    Attempt {
        name,
        password,
        device: device.map(|cookie| cookie.value().to_owned()).unwrap_or_default(),
        address: visit.address,
        browser: visit.browser.clone(),
        request_id: visit.request_id.clone(),
    }
}

/// Begins the session of somebody who signed in. Returns the cookie by which the browser shows that it has signed in
/// before.
pub(in crate::web) fn begin(
    visit: &Visit,
    session: &Session,
    admitted: &Admitted,
) -> Result<Cookie<'static>, WebError> {
    let who = Who {
        login: admitted.login.0,
        staff: matches!(admitted.person, Person::Staff(_)),
        session: admitted.session.clone(),
        password_at: admitted.at,
        password_set_at: admitted.password_set_at,
        address: visit.address.to_string(),
        browser: visit.browser.clone(),
    };
    who.begin(session).map_err(WebError::internal)?;
    let mut device = visit.cookie(DEVICE, &admitted.device);
    device.set_max_age(Duration::days(365));
    Ok(device)
}

fn admit(visit: &Visit, session: &Session, admitted: &Admitted, next: &str) -> Result<HttpResponse, WebError> {
    let device = begin(visit, session, admitted)?;
    let mut response = visit.go(next, None);
    response.add_cookie(&device).map_err(WebError::internal)?;
    Ok(response)
}

/// What the button in the top bar sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOutForm {}

impl Form for SignOutForm {}

/// `POST /sign-out`.
pub async fn sign_out(signed_in: SignedIn, _: ProtectedForm<SignOutForm>) -> Result<HttpResponse, WebError> {
    let visit = &signed_in.visit;
    security::sign_out(&visit.app, &signed_in.caller, signed_in.login(), &signed_in.who.session).await?;
    signed_in.session.purge();
    let mut response = visit.go("/sign-in", Some(&Notice::new(NoticeCode::SignedOut)));
    let clear = header::HeaderValue::from_static("\"cache\", \"storage\"");
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("clear-site-data"), clear);
    Ok(response)
}
