//! Suspending an account, after a look at what stops; and ending the suspension.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{AccountHead, OVERVIEW, address, already, fields, find};
use crate::{
    app::{
        AppError, Rule,
        accounts::suspend::{self, Effect},
    },
    domain::{account::Account, audit::Action, text::MAX_REASON},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        words::counted,
    },
};

/// Why.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

impl Form for ReasonForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/account/suspend.html")]
struct SuspendPage {
    page: Layout,
    head: AccountHead,
    faults: Faults,
    reason: String,
    max: i32,
    /// `9 tokens stop, 2 sessions end`.
    effect: String,
    /// Whether it ends a suspension.
    ends: bool,
}

/// `9 tokens stop, 2 sessions end`.
fn stops(effect: Effect) -> String {
    let sessions = i64::try_from(effect.sessions).unwrap_or(i64::MAX);
    let verb = |count: i64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    format!(
        "{} {}, {} {}",
        counted(effect.tokens, "token"),
        verb(effect.tokens, "stops", "stop"),
        counted(sessions, "session"),
        verb(sessions, "ends", "end"),
    )
}

async fn page(staff: &Staff, account: &Account, reason: String, faults: Faults) -> Result<HttpResponse, WebError> {
    let ends = account.is_suspended();
    let effect = suspend::effect(&staff.visit.app, &staff.caller, account).await?;
    let title = if ends {
        format!("End the suspension of “{}”?", account.username)
    } else {
        format!("Suspend “{}”?", account.username)
    };
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = SuspendPage {
        page: staff.layout(&title, "accounts"),
        head: AccountHead::of(staff, account, OVERVIEW),
        faults,
        reason,
        max: i32::try_from(MAX_REASON).unwrap_or_default(),
        effect: if ends {
            counted(effect.tokens, "token")
        } else {
            stops(effect)
        },
        ends,
    };
    staff.visit.page(status, &page)
}

/// `GET /staff/accounts/{id}/suspend`: what stops.
pub async fn show(staff: Staff, path: Path<String>, kept: Query<ReasonForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    if account.is_suspended() {
        return already(&staff, &account, Action::AccountSuspended, "suspended").await;
    }
    page(&staff, &account, kept.into_inner().reason, Faults::default()).await
}

/// `POST /staff/accounts/{id}/suspend`
pub async fn submit(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, ReasonForm>,
) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    if account.is_suspended() {
        return already(&staff, &account, Action::AccountSuspended, "suspended").await;
    }
    let mut faults = Faults::default();
    let Some(reason) = fields::reason(&form.reason, &mut faults) else {
        return page(&staff, &account, form.reason, faults).await;
    };
    let done = suspend::suspend(&staff.visit.app, &staff.caller.because(reason), account.id).await;
    match done {
        Ok(_) => {
            let notice = Notice::new(NoticeCode::AccountSuspended);
            Ok(staff.visit.go(&address(&account, OVERVIEW), Some(&notice)))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::AlreadySo) => {
            already(&staff, &account, Action::AccountSuspended, "suspended").await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /staff/accounts/{id}/unsuspend`: what works again.
pub async fn show_end(staff: Staff, path: Path<String>, kept: Query<ReasonForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    if !account.is_suspended() {
        return already(&staff, &account, Action::AccountUnsuspended, "not suspended").await;
    }
    page(&staff, &account, kept.into_inner().reason, Faults::default()).await
}

/// `POST /staff/accounts/{id}/unsuspend`
pub async fn end(path: Path<String>, SentBy(staff, form): SentBy<Staff, ReasonForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    if !account.is_suspended() {
        return already(&staff, &account, Action::AccountUnsuspended, "not suspended").await;
    }
    let mut faults = Faults::default();
    let reason = fields::optional_reason(&form.reason, &mut faults);
    if !faults.is_empty() {
        return page(&staff, &account, form.reason, faults).await;
    }
    let caller = reason.map_or_else(|| staff.caller.clone(), |reason| staff.caller.because(reason));
    match suspend::unsuspend(&staff.visit.app, &caller, account.id).await {
        Ok(()) => {
            let notice = Notice::new(NoticeCode::AccountUnsuspended);
            Ok(staff.visit.go(&address(&account, OVERVIEW), Some(&notice)))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::AlreadySo) => {
            already(&staff, &account, Action::AccountUnsuspended, "not suspended").await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_is_counted() {
        let effect = |tokens, sessions| stops(Effect { tokens, sessions });
        assert_eq!(effect(9, 2), "9 tokens stop, 2 sessions end");
        assert_eq!(effect(1, 1), "1 token stops, 1 session ends");
        assert_eq!(effect(0, 0), "0 tokens stop, 0 sessions end");
    }
}
