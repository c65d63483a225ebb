//! Where the holder of an account is signed in, and buttons that end that.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{AccountHead, OVERVIEW, SESSIONS, address, find};
use crate::{
    app::{accounts::sessions, sign_in},
    store::sessions::Session,
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        times::{When, when},
        words,
    },
};

/// A button and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {}

impl Form for Press {}

struct Row {
    id: String,
    browser: String,
    address: String,
    begun: When,
    seen: When,
}

#[derive(Template)]
#[template(path = "staff/account/sessions.html")]
struct SessionsPage {
    page: Layout,
    head: AccountHead,
    rows: Vec<Row>,
}

/// `GET /staff/accounts/{id}/sessions`
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let zone = staff.zone();
    let row = |session: Session| Row {
        browser: Some(words::browser(&session.browser))
            .filter(|words| !words.is_empty())
            .unwrap_or_else(|| "Unknown browser".to_owned()),
        begun: when(&zone, session.created_at),
        seen: when(&zone, session.last_seen_at),
        address: session.address,
        id: session.public_id,
    };
    let sessions = sessions::list(&staff.visit.app, &staff.caller, &account).await?;
    let page = SessionsPage {
        page: staff.layout(&format!("{}: sessions", account.username), "accounts"),
        head: AccountHead::of(&staff, &account, SESSIONS),
        rows: sessions.into_iter().map(row).collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// `POST /staff/accounts/{id}/sessions/{session}/end`
pub async fn end(
    path: Path<(String, String)>,
    SentBy(staff, _): SentBy<Staff, Press>,
) -> Result<HttpResponse, WebError> {
    let (id, session) = path.into_inner();
    let account = find(&staff, &id).await?;
    sessions::end(&staff.visit.app, &staff.caller, &account, &session).await?;
    let notice = Notice::new(NoticeCode::SessionEnded);
    Ok(staff.visit.go(&address(&account, SESSIONS), Some(&notice)))
}

/// `POST /staff/accounts/{id}/sessions/end`: all of them.
pub async fn end_all(path: Path<String>, SentBy(staff, _): SentBy<Staff, Press>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    sessions::end_all(&staff.visit.app, &staff.caller, &account).await?;
    let notice = Notice::new(NoticeCode::AllSessionsEnded);
    Ok(staff.visit.go(&address(&account, SESSIONS), Some(&notice)))
}

/// `POST /staff/accounts/{id}/unblock`: forgets the wrong passwords.
pub async fn unblock(path: Path<String>, SentBy(staff, _): SentBy<Staff, Press>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    sign_in::unblock(&staff.visit.app, &staff.caller, account.username.as_str()).await?;
    let notice = Notice::new(NoticeCode::SignInUnblocked);
    Ok(staff.visit.go(&address(&account, OVERVIEW), Some(&notice)))
}
