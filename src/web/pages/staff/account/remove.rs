//! Removing an account for good, by typing its user name.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{AccountHead, OVERVIEW, already, fields, find};
use crate::{
    app::{
        AppError, Rule,
        accounts::remove::{self, Removed},
    },
    domain::{
        account::Account,
        audit::Action,
        permission::{Act, may},
        text::MAX_REASON,
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        words::counted,
    },
};

/// What confirms it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemoveForm {
    confirm: String,
    reason: String,
    password: String,
}

impl Form for RemoveForm {}

#[derive(Template)]
#[template(path = "staff/account/remove.html")]
struct RemovePage {
    page: Layout,
    head: AccountHead,
    faults: Faults,
    /// What ends, a sentence each.
    ends: Vec<String>,
    typed: String,
    reason: String,
    max: i32,
    asks_password: bool,
}

fn count(number: usize, one: &str) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), one)
}

fn ends(account: &Account, removed: Removed) -> Vec<String> {
    let is = |number: usize| if number == 1 { "is" } else { "are" };
    vec![
        format!(
            "{} {} revoked for good and refused from the very next request on.",
            count(removed.tokens, "token"),
            is(removed.tokens)
        ),
        format!(
            "{} {} signed out, and nobody signs in as {} any more.",
            count(removed.sessions, "session"),
            is(removed.sessions),
            account.username
        ),
        format!(
            "The user name, the e-mail address and {} {} free for other accounts.",
            count(removed.sites, "site"),
            is(removed.sites)
        ),
        "What was done in the account, and the notes about it, stay in the audit. Websites, files and databases are not \
         Latchkey's: nothing happens to them here."
            .to_owned(),
    ]
}

async fn page(staff: &Staff, account: &Account, form: RemoveForm, faults: Faults) -> Result<HttpResponse, WebError> {
    let removed = remove::effect(&staff.visit.app, &staff.caller, account).await?;
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = RemovePage {
        page: staff.layout(&format!("Remove “{}”?", account.username), "accounts"),
        head: AccountHead::of(staff, account, OVERVIEW),
        faults,
        ends: ends(account, removed),
        typed: form.confirm,
        reason: form.reason,
        max: i32::try_from(MAX_REASON).unwrap_or_default(),
        asks_password: reentry::is_needed(staff),
    };
    staff.visit.page(status, &page)
}

/// Before anything is said about the account: support may not remove any.
fn check(staff: &Staff) -> Result<(), WebError> {
    may(&staff.caller.actor, Act::RemoveAccounts, None).map_err(|denied| AppError::from(denied).into())
}

/// `GET /staff/accounts/{id}/remove`: what ends.
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    check(&staff)?;
    let account = find(&staff, &path).await?;
    page(&staff, &account, RemoveForm::default(), Faults::default()).await
}

/// `POST /staff/accounts/{id}/remove`
pub async fn submit(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, RemoveForm>,
) -> Result<HttpResponse, WebError> {
    check(&staff)?;
    let account = find(&staff, &path).await?;
    let mut faults = Faults::default();
    if form.confirm.trim() != account.username.as_str() {
        faults.add("confirm", format!("Type {} to remove this account", account.username));
    }
    let reason = fields::reason(&form.reason, &mut faults);
    let Some(reason) = reason.filter(|_| faults.is_empty()) else {
        return page(&staff, &account, form, faults).await;
    };
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller.because(reason),
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return page(&staff, &account, form, faults).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    match remove::remove(&staff.visit.app, &caller, account.id).await {
        Ok(_) => {
            let notice = Notice::new(NoticeCode::AccountRemoved);
            Ok(staff.visit.go("/staff/accounts", Some(&notice)))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::AlreadySo) => {
            already(&staff, &account, Action::AccountRemoved, "removed").await
        }
        Err(error) => Err(error.into()),
    }
}
