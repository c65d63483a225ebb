//! `/staff/services/{service}/revoke`: what stops, before it stops.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{PATH, hint};
use crate::{
    app::{AppError, Rule, services},
    domain::service::ServiceCredential,
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::{
            head::id,
            revoke::{is_in_use, use_sentence},
        },
        times::{When, when},
    },
};

/// The confirmation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {}

impl Form for Confirmation {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/services/revoke.html")]
struct RevokePage {
    page: Layout,
    id: String,
    hint: String,
    use_sentence: String,
    in_use: bool,
    revoked_at: Option<When>,
}

fn page(staff: &Staff, credential: &ServiceCredential) -> Result<HttpResponse, WebError> {
    let now = staff.visit.app.now();
    let title = match credential.revoked_at {
        None => format!("Revoke “{}”?", credential.name),
        Some(_) => format!("“{}” is revoked", credential.name),
    };
    let page = RevokePage {
        page: staff.layout(&title, "services"),
        id: credential.public_id.to_string(),
        hint: hint(credential),
        use_sentence: use_sentence(credential.last_use, now),
        in_use: is_in_use(credential.last_use, now),
        revoked_at: credential.revoked_at.map(|at| when(&staff.zone(), at)),
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// Asks. One that is over already is no fault of whoever asks: the page says since when.
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    let credential = services::find(&staff.visit.app, &staff.caller, id(&path)?).await?;
    page(&staff, &credential)
}

/// Revokes it.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, _): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    let (app, caller, id) = (&staff.visit.app, &staff.caller, id(&path)?);
    match services::revoke(app, caller, id).await {
        Ok(_) => Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::CredentialRevoked)))),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {
            let credential = services::find(app, caller, id).await?;
            page(&staff, &credential)
        }
        Err(error) => Err(error.into()),
    }
}
