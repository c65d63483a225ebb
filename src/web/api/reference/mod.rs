//! The reference: every call of the API described in one table, and what is made of it, the OpenAPI document and a page.
//!
//! * [`operation`]: how one call is described, next to its handler; [`common`]: what many descriptions have in common;
//!   [`shape`]: what fits in a body, read off its type.
//! * [`document`]: the OpenAPI document; `latchkey openapi` prints it, and [`show`] serves it. [`curl`]: a call as a line for
//!   a terminal.
//!
//! How bodies are read and answers are made is not known here.

pub mod common;
pub mod curl;
pub mod document;
pub mod operation;
pub mod shape;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data},
};
use serde_json::Value;

use self::operation::Operation;
use super::{
    only, v1_account, v1_accounts, v1_audit, v1_catalogue, v1_decide, v1_policy, v1_staff, v1_token, v1_tokens,
};
use crate::{
    settings::Settings,
    web::{error::WebError, packed::Packed, panel::Panel},
};

/// For so long, in seconds, may it be kept without asking.
const KEPT: &str = "public, max-age=300";

/// Every call that is described, in the order of the page.
pub fn operations() -> Vec<Operation> {
    [
        v1_token::OPERATIONS,
        v1_tokens::described::OPERATIONS,
        v1_account::OPERATIONS,
        v1_catalogue::OPERATIONS,
        v1_decide::OPERATIONS,
        v1_accounts::described::OPERATIONS,
        v1_accounts::described_tokens::OPERATIONS,
        v1_audit::OPERATIONS,
        v1_policy::described::OPERATIONS,
        v1_staff::described::OPERATIONS,
    ]
    .concat()
}

/// The OpenAPI document as it is served.
pub struct Published {
    document: Value,
    packed: Packed,
}

impl Published {
    /// The document of a panel with these settings.
    pub fn new(settings: &Settings) -> Self {
        let document = document::document(&operations(), &settings.company.name, settings.public_url.as_str());
        let packed = Packed::new("application/json", format!("{document}\n").into());
        Self { document, packed }
    }

    /// The document, to look into.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The document as text.
    pub fn json(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.packed.plain())
    }
}

/// Adds the document's route. It comes before the API's own, whose scope would take everything.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/openapi.json")
            .get(show)
            .default_service(only("GET, HEAD")),
    );
}

/// `GET /api/openapi.json`.
pub async fn show(panel: Data<Panel>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    // To write and to compress it takes long; other requests of this thread need not wait for the first that asks.
    let made = Data::clone(&panel);
    web::block(move || made.published().packed.pack())
        .await
        .map_err(WebError::internal)?;
    Ok(panel.published().packed.response(request.headers(), KEPT))
}
