//! `/security`: the e-mail address, the password and the sessions of whoever is signed in.

pub mod email;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::{
    app::{
        AppError, Rule,
        security::{self, NewPassword},
    },
    domain::permission::Denied,
    store::sessions::Session,
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm, SentBy},
        guard::SignedIn,
        layout::Layout,
        notice::{Notice, NoticeCode},
        passwords,
        times::{When, when},
        too_many, words,
    },
};

/// So many sessions are shown at once; the rest folds away.
const SHOWN: usize = 10;
const SUSPENDED: &str = "Your account is suspended, so its password cannot be changed until it is restored";

/// What the form sends to change the password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

impl Form for PasswordForm {
    const HAS_PAGE: bool = true;
}

/// A button that ends sessions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndForm {}

impl Form for EndForm {}

/// A session as the page shows it.
struct Row {
    id: String,
    browser: String,
    address: String,
    begun: When,
    seen: When,
    this: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "security/security.html")]
struct SecurityPage {
    page: Layout,
    faults: Faults,
    username: String,
    address: String,
    email: String,
    asked: Option<(String, When)>,
    sends_mail: bool,
    changed: Option<When>,
    may_change: bool,
    hint: &'static str,
    rows: Vec<Row>,
    more: Vec<Row>,
    others: bool,
}

impl SecurityPage {
    async fn new(signed_in: &SignedIn) -> Result<Self, WebError> {
        let overview = security::overview(&signed_in.visit.app, &signed_in.caller, signed_in.login()).await?;
        let zone = signed_in.zone();
        let row = |session: Session| Row {
            this: session.public_id == signed_in.who.session,
            browser: Some(words::browser(&session.browser))
                .filter(|words| !words.is_empty())
                .unwrap_or_else(|| "Unknown browser".to_owned()),
            begun: when(&zone, session.created_at),
            seen: when(&zone, session.last_seen_at),
            address: session.address,
            id: session.public_id,
        };
        let mut rows: Vec<Row> = overview.sessions.into_iter().map(row).collect();
        rows.sort_by_key(|row| !row.this);
        let more = rows.split_off(rows.len().min(SHOWN));
        Ok(Self {
            page: signed_in.layout("Account security", "security"),
            faults: Faults::default(),
            username: signed_in.person.username().to_owned(),
            address: signed_in.person.email().to_string(),
            email: String::new(),
            asked: overview.new_email.map(|(email, until)| (email, when(&zone, until))),
            sends_mail: signed_in.visit.app.sends_mail(),
            changed: overview.password_changed_at.map(|at| when(&zone, at)),
            may_change: security::may_change_password(&signed_in.caller).is_ok(),
            hint: passwords::HINT,
            others: rows.len() > 1,
            rows,
            more,
        })
    }
}

/// What the address may say: the new e-mail address that was typed before the session ended.
#[derive(Deserialize)]
pub struct Kept {
    #[serde(default)]
    email: String,
}

/// `GET /security`.
pub async fn show(signed_in: SignedIn, kept: Query<Kept>) -> Result<HttpResponse, WebError> {
    let mut page = SecurityPage::new(&signed_in).await?;
    page.email.clone_from(&kept.email);
    signed_in.visit.page(StatusCode::OK, &page)
}

/// `POST /security`: changes the password.
pub async fn change_password(form: SentBy<SignedIn, PasswordForm>) -> Result<HttpResponse, WebError> {
    let SentBy(signed_in, form) = form;
    let mut page = SecurityPage::new(&signed_in).await?;
    page.faults = faults(&signed_in, &form);
    if !page.faults.is_empty() {
        return signed_in.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let given = NewPassword {
        current: form.current_password.into(),
        new: form.new_password.into(),
    };
    let (app, session) = (&signed_in.visit.app, &signed_in.who.session);
    match security::change_password(app, &signed_in.caller, &signed_in.person, session, given).await {
        Ok(at) => {
            let kept = signed_in.who.clone().with_new_password(&signed_in.session, at);
            kept.map_err(WebError::internal)?;
            let notice = Notice::new(NoticeCode::PasswordChanged);
            Ok(signed_in.visit.go("/security", Some(&notice)))
        }
        Err(AppError::WrongPassword) => {
            page.faults.add(
                "current_password",
                "That is not your password. Enter the one that you sign in with now",
            );
            signed_in.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(AppError::Denied(Denied::Suspended)) => {
            page.faults.add("password", SUSPENDED);
            signed_in.visit.page(StatusCode::FORBIDDEN, &page)
        }
        Err(AppError::TooManyTries { until, seconds }) => {
            let message = too_many::words(&signed_in.zone(), until, seconds);
            page.faults.add("current_password", message);
            let mut response = signed_in.visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// What can be said before the current password is looked at, which counts as a try. Whoever may not change the
/// password is told that, not what is wrong with the new one.
fn faults(signed_in: &SignedIn, form: &PasswordForm) -> Faults {
    let mut faults = Faults::default();
    if security::may_change_password(&signed_in.caller).is_err() {
        return faults;
    }
    if form.current_password.is_empty() {
        faults.add("current_password", "Enter your current password");
    }
    let same: bool = form
        .new_password
        .as_bytes()
        .ct_eq(form.current_password.as_bytes())
        .into();
    if form.new_password.is_empty() {
        faults.add("new_password", "Enter a new password");
    } else if same {
        faults.add("new_password", "Choose a password other than the current one");
    } else if let Err(AppError::Rule(rule)) =
        security::check_password(&signed_in.visit.app, &signed_in.person, &form.new_password)
        && let Rule::WeakPassword(weakness) = *rule
    {
        faults.add("new_password", passwords::weakness(weakness));
    }
    faults
}

/// `POST /security/sessions/{id}/end`.
pub async fn end_session(
    signed_in: SignedIn,
    session: Path<String>,
    _: ProtectedForm<EndForm>,
) -> Result<HttpResponse, WebError> {
    if !session.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(WebError::NotFound);
    }
    let visit = &signed_in.visit;
    security::end_session(&visit.app, &signed_in.caller, signed_in.login(), &session).await?;
    Ok(visit.go("/security", Some(&Notice::new(NoticeCode::SessionEnded))))
}

/// `POST /security/sessions/end-others`.
pub async fn end_others(signed_in: SignedIn, _: ProtectedForm<EndForm>) -> Result<HttpResponse, WebError> {
    let visit = &signed_in.visit;
    let keep = &signed_in.who.session;
    security::end_other_sessions(&visit.app, &signed_in.caller, signed_in.login(), keep).await?;
    Ok(visit.go("/security", Some(&Notice::new(NoticeCode::SessionsEnded))))
}
