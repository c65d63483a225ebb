//! `../tokens/pause` and `../tokens/revoke`: several tokens at once, with one reason.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use serde::Deserialize;

use super::{find, read_reason};
use crate::{
    app::tokens::bulk,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        notice::NoticeCode,
        pages::tokens::{
            bulk::{
                NOT_UNDERSTOOD, UNDERSTOOD, answer,
                confirm::{Kind, Wanted, address, ask, read_address},
                nothing_ticked, read_ids,
            },
            viewer::Viewer,
        },
    },
};

/// What the list sends first, and the page that confirms it then.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BulkForm {
    ids: Vec<String>,
    back: String,
    /// Set by the page that confirms.
    confirm: String,
    understood: String,
    reason: String,
}

impl Form for BulkForm {
    const HAS_PAGE: bool = true;
}

async fn show(kind: Kind, staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let (ids, back) = read_address(request.query_string());
    let wanted = Wanted {
        kind,
        ids,
        back: &back,
        reason: Some(""),
    };
    let viewer = Viewer::of_staff(&staff, &account);
    ask(&viewer, wanted, StatusCode::OK, Faults::default()).await
}

async fn submit(kind: Kind, staff: Staff, path: Path<String>, form: BulkForm) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let viewer = Viewer::of_staff(&staff, &account);
    let ids = read_ids(form.ids.iter().map(String::as_str));
    if ids.is_empty() {
        return Ok(nothing_ticked(&viewer, &form.back));
    }
    if form.confirm.is_empty() {
        return Ok(staff.visit.go(&address(&viewer, kind, &ids, &form.back), None));
    }
    let mut faults = Faults::default();
    let reason = read_reason(&form.reason, &mut faults);
    if form.understood.is_empty() {
        faults.add(UNDERSTOOD, NOT_UNDERSTOOD);
    }
    let (Some(reason), true) = (reason, faults.is_empty()) else {
        let wanted = Wanted {
            kind,
            ids,
            back: &form.back,
            reason: Some(&form.reason),
        };
        return ask(&viewer, wanted, StatusCode::UNPROCESSABLE_ENTITY, faults).await;
    };
    let (app, caller) = (&staff.visit.app, staff.caller.because(reason));
    let (outcome, words) = match kind {
        Kind::Pause => (
            bulk::pause(app, &caller, account.id, ids).await?,
            ("paused", NoticeCode::StaffPausedMany),
        ),
        Kind::Revoke => (
            bulk::revoke(app, &caller, account.id, ids).await?,
            ("revoked", NoticeCode::RevokedMany),
        ),
    };
    answer(&viewer, &outcome, words, &form.back)
}

macro_rules! pages {
    ($($kind:ident: $show:ident, $submit:ident;)*) => { $(
        /// Asks.
        pub async fn $show(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
            show(Kind::$kind, staff, path, request).await
        }

        /// Does it.
        pub async fn $submit(
            path: Path<String>,
            SentBy(staff, form): SentBy<Staff, BulkForm>,
        ) -> Result<HttpResponse, WebError> {
            submit(Kind::$kind, staff, path, form).await
        }
    )* };
}

pages! {
    Pause: show_pause, pause;
    Revoke: show_revoke, revoke;
}
