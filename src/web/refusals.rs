//! Counting what the panel refuses: pages of the staff area, and forms that no page of ours sent.

use actix_session::SessionExt;
use actix_web::{
    HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web::Data,
};

use super::{client_ip::ClientIp, panel::Panel, session::Who};
use crate::{
    app::refusals,
    domain::{id::LoginId, refused::RefusedKind},
};

/// Where the staff area's addresses begin.
const STAFF_AREA: &str = "/staff/";

/// Why a form was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusedForm {
    /// No page of ours sent it.
    Forged,
    /// It is older than the session: nobody's fault.
    Stale,
}

/// Notes with a request why its form was refused.
pub(super) fn note(request: &HttpRequest, why: RefusedForm) {
    request.extensions_mut().insert(why);
}

/// Counts what was answered with 403 and should not have been asked for.
pub(super) async fn count<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let response = next.call(request).await?;
    if response.status() == StatusCode::FORBIDDEN {
        count_forbidden(response.request()).await;
    }
    Ok(response)
}

async fn count_forbidden(request: &HttpRequest) {
    let form = request.extensions().get::<RefusedForm>().copied();
    let kind = match form {
        Some(RefusedForm::Forged) => RefusedKind::ForgedForm,
        None if request.path().starts_with(STAFF_AREA) => RefusedKind::StaffArea,
        _ => return,
    };
    let Some(panel) = request.app_data::<Data<Panel>>() else {
        return;
    };
    let address = request.extensions().get::<ClientIp>().map(|ip| ip.0);
    let login = Who::of(&request.get_session()).map(|who| LoginId(who.login));
    if let Err(error) = refusals::count_signed_in(&panel.app, kind, login, address).await {
        tracing::warn!(%error, "a refusal could not be counted");
    }
}
