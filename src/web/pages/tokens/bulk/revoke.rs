//! `/tokens/revoke`: what stops, before it stops.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::Deserialize;

use super::{
    NOT_UNDERSTOOD, UNDERSTOOD, answer,
    confirm::{Kind, Wanted, address, ask, read_address},
    nothing_ticked, read_ids,
};
use crate::{
    app::tokens::bulk,
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        guard::Customer,
        notice::NoticeCode,
        pages::tokens::{head, viewer::Viewer},
    },
};

/// What the list sends first, and the page that confirms it then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeForm {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    back: String,
    /// Set by the page that confirms.
    #[serde(default)]
    confirm: String,
    #[serde(default)]
    understood: String,
}

impl Form for RevokeForm {
    const HAS_PAGE: bool = true;
}

/// `GET /tokens/revoke`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let (ids, back) = read_address(request.query_string());
    let wanted = Wanted {
        kind: Kind::Revoke,
        ids,
        back: &back,
        reason: None,
    };
    ask(&Viewer::from(&customer), wanted, StatusCode::OK, Faults::default()).await
}

/// `POST /tokens/revoke`.
pub async fn submit(customer: Customer, form: ProtectedForm<RevokeForm>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let (ProtectedForm(form), viewer) = (form, Viewer::from(&customer));
    let ids = read_ids(form.ids.iter().map(String::as_str));
    if ids.is_empty() {
        return Ok(nothing_ticked(&viewer, &form.back));
    }
    if form.confirm.is_empty() {
        return Ok(customer
            .visit
            .go(&address(&viewer, Kind::Revoke, &ids, &form.back), None));
    }
    if form.understood.is_empty() {
        let mut faults = Faults::default();
        faults.add(UNDERSTOOD, NOT_UNDERSTOOD);
        let wanted = Wanted {
            kind: Kind::Revoke,
            ids,
            back: &form.back,
            reason: None,
        };
        return ask(&viewer, wanted, StatusCode::UNPROCESSABLE_ENTITY, faults).await;
    }
    let outcome = bulk::revoke(&customer.visit.app, &customer.caller, customer.account.id, ids).await?;
    answer(&viewer, &outcome, ("revoked", NoticeCode::RevokedMany), &form.back)
}
