//! `../tokens/revoke-all`: every token of an account. The user name is typed, and the password again.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{find, read_reason};
use crate::{
    app::tokens::{
        bulk,
        list::{self, Listing, Selection},
    },
    domain::{account::Account, text::MAX_REASON},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::NoticeCode,
        pages::tokens::{bulk::answer, viewer::Viewer},
        reentry::{self, Unconfirmed},
        words::{self, UseWords, counted},
    },
};

/// Id and name of the field.
const USERNAME: &str = "username";

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AllForm {
    username: String,
    reason: String,
    password: String,
}

impl Form for AllForm {
    const HAS_PAGE: bool = true;
}

/// A token that is about to be revoked.
struct Doomed {
    name: String,
    used: Option<UseWords>,
}

#[derive(Template)]
#[template(path = "staff/tokens/all.html")]
struct AllPage {
    page: Layout,
    faults: Faults,
    back: String,
    back_text: String,
    account: String,
    button: String,
    any: bool,
    named: Vec<Doomed>,
    more: i64,
    username: String,
    reason: String,
    max: i32,
    asks_password: bool,
}

async fn page(
    staff: &Staff,
    account: &Account,
    form: &AllForm,
    (status, faults): (StatusCode, Faults),
) -> Result<HttpResponse, WebError> {
    let viewer = Viewer::of_staff(staff, account);
    let listing: Listing = list::page(&staff.visit.app, &staff.caller, account, Selection::default(), 1).await?;
    let live = listing.all.all;
    let doomed = |token: &crate::domain::token::Token| Doomed {
        name: token.name.to_string(),
        used: words::last_use(&viewer.zone, token.last_use),
    };
    let named: Vec<Doomed> = listing.rows.iter().map(|(token, _)| doomed(token)).collect();
    let count = counted(live, "token");
    let page = AllPage {
        page: viewer.layout(&match live {
            0 => "There is no token to revoke".to_owned(),
            _ => format!("Revoke all tokens of {}?", account.username),
        }),
        faults,
        back: viewer.list(),
        back_text: viewer.list_name(),
        account: account.username.to_string(),
        button: if live == 1 {
            format!("Revoke {count}")
        } else {
            format!("Revoke all {count}")
        },
        any: live > 0,
        more: live.saturating_sub(i64::try_from(named.len()).unwrap_or(i64::MAX)),
        named,
        username: form.username.clone(),
        reason: form.reason.clone(),
        max: i32::try_from(MAX_REASON).unwrap_or(0),
        asks_password: reentry::is_needed(staff),
    };
    staff.visit.page(status, &page)
}

/// Asks.
pub async fn show(staff: Staff, path: Path<String>, kept: Query<AllForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    page(&staff, &account, &kept, (StatusCode::OK, Faults::default())).await
}

/// Revokes them.
pub async fn submit(path: Path<String>, SentBy(staff, form): SentBy<Staff, AllForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let mut faults = Faults::default();
    let reason = read_reason(&form.reason, &mut faults);
    if form.username.trim() != account.username.as_str() {
        faults.add(
            USERNAME,
            format!("Type the user name of the account: {}", account.username),
        );
    }
    let mut caller = staff.caller.clone();
    match reentry::confirm(&staff, &form.password).await {
        Ok(confirmed) => caller = confirmed,
        Err(Unconfirmed::Fault(words)) => faults.add(reentry::FIELD, words),
        Err(Unconfirmed::Failed(error)) => return Err(error),
    }
    let (Some(reason), true) = (reason, faults.is_empty()) else {
        return page(&staff, &account, &form, (StatusCode::UNPROCESSABLE_ENTITY, faults)).await;
    };
    let outcome = bulk::revoke_all(&staff.visit.app, &caller.because(reason), account.id).await?;
    if outcome.done.is_empty() && outcome.skipped.is_empty() {
        return page(&staff, &account, &form, (StatusCode::OK, Faults::default())).await;
    }
    let viewer = Viewer::of_staff(&staff, &account);
    answer(&viewer, &outcome, ("revoked", NoticeCode::RevokedMany), "")
}
