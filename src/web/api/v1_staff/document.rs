//! A staff member's token as it is answered: written as it is asked for, so that what was read can be sent back changed.

use schemars::JsonSchema;
use serde::Serialize;
use time::PrimitiveDateTime;

use super::super::{
    reference::shape::{EtagText, Instant, StaffScopeName, TokenId},
    revision::Etag,
    v1_token::{Used, word},
    v1_tokens::document::Addresses,
};
use crate::{
    domain::{secret::PublicId, staff_scope::StaffScope, staff_token::StaffToken},
    web::times::iso,
};

/// A token of a staff member.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StaffToken")]
pub struct StaffTokenDocument {
    /// Its public id.
    #[schemars(with = "TokenId")]
    id: PublicId,
    /// Its name.
    name: String,
    /// Whether it works, and how it is used.
    status: &'static str,
    /// What it may do, as far as the role of its member allows it.
    #[schemars(with = "Vec<StaffScopeName>")]
    scopes: Vec<&'static str>,
    /// From where it may be used.
    addresses: Addresses,
    /// When it was made.
    #[schemars(with = "Instant")]
    created_at: String,
    /// When it expires.
    #[schemars(with = "Instant")]
    expires_at: String,
    /// When it was revoked; null when it was not.
    #[schemars(with = "Option<Instant>")]
    revoked_at: Option<String>,
    /// Its last use, a minute old at most; null when there was none.
    last_used: Option<Used>,
    /// The last four characters of its secret.
    last4: String,
    /// What to send as If-Match with a change of it.
    #[schemars(with = "EtagText")]
    etag: String,
}

impl StaffTokenDocument {
    /// A token as it is at `now`.
    pub(super) fn new(token: &StaffToken, now: PrimitiveDateTime) -> Self {
        Self {
            id: token.public_id,
            name: token.name.to_string(),
            status: word(token.status(now)),
            scopes: token.scopes.iter().map(StaffScope::as_str).collect(),
            addresses: Addresses::from(&token.addresses),
            created_at: iso(token.created_at),
            expires_at: iso(token.expires_at),
            revoked_at: token.revoked_at.map(iso),
            last_used: token.last_use.map(Used::new),
            last4: token.last4.clone(),
            etag: Etag(token.revision).to_string(),
        }
    }
}
