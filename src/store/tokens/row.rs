//! A row of `tokens` and the token that it stands for.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::{AccountId, TokenId},
        token::{LastUse, Life, PausedBy, Rotation, Token},
    },
    store::{StoreError, error::column, instant::Instant, schema::tokens},
};

/// Everything of a row but its digests and keys, which only a standing has.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub(in crate::store) struct TokenRow {
    id: i64,
    public_id: String,
    account_id: i64,
    name: String,
    description: String,
    scopes: String,
    sites: String,
    addresses: String,
    expires_at: Option<Instant>,
    created_at: Instant,
    created_by: String,
    secret_last4: String,
    secret_issued_at: Instant,
    secret_used_at: Option<Instant>,
    secret_used_from: Option<String>,
    previous_last4: Option<String>,
    previous_until: Option<Instant>,
    previous_used_at: Option<Instant>,
    previous_used_from: Option<String>,
    last_used_at: Option<Instant>,
    last_used_from: Option<String>,
    paused_at: Option<Instant>,
    paused_by: Option<String>,
    revoked_at: Option<Instant>,
    revision: i32,
}

/// The use that two columns hold.
fn last_use(name: &'static str, at: Option<Instant>, from: Option<&String>) -> Result<Option<LastUse>, StoreError> {
    let (Some(at), Some(from)) = (at, from) else {
        return Ok(None);
    };
    Ok(Some(LastUse {
        at: at.into(),
        from: column(name, from)?,
    }))
}

/// What has been done to a token, by its columns.
pub(super) fn life(
    paused_at: Option<PrimitiveDateTime>,
    paused_by: Option<&str>,
    revoked_at: Option<PrimitiveDateTime>,
) -> Result<Life, StoreError> {
    if let Some(at) = revoked_at {
        return Ok(Life::Revoked { at });
    }
    let Some(at) = paused_at else { return Ok(Life::Live) };
    match paused_by {
        Some("owner") => Ok(Life::Paused {
            at,
            by: PausedBy::Owner,
        }),
        Some("staff") => Ok(Life::Paused {
            at,
            by: PausedBy::Staff,
        }),
        other => Err(StoreError::Column {
            column: "tokens.paused_by",
            value: other.unwrap_or_default().to_owned(),
        }),
    }
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let previous_use = last_use(
            "tokens.previous_used_from",
            row.previous_used_at,
            row.previous_used_from.as_ref(),
        )?;
        let rotation = match (row.previous_until, row.previous_last4.clone()) {
            (Some(until), Some(last4)) => Some(Rotation {
                until: until.into(),
                last4,
                last_use: previous_use,
            }),
            _ => None,
        };
        Ok(Self {
            life: life(
                row.paused_at.map(Into::into),
                row.paused_by.as_deref(),
                row.revoked_at.map(Into::into),
            )?,
            id: TokenId(row.id),
            public_id: column("tokens.public_id", &row.public_id)?,
            account: AccountId(row.account_id),
            name: column("tokens.name", &row.name)?,
            description: column("tokens.description", &row.description)?,
            scopes: column("tokens.scopes", &row.scopes)?,
            sites: column("tokens.sites", &row.sites)?,
            addresses: column("tokens.addresses", &row.addresses)?,
            expiry: row.expires_at.map(PrimitiveDateTime::from).into(),
            created_at: row.created_at.into(),
            created_by: row.created_by,
            last4: row.secret_last4,
            secret_issued_at: row.secret_issued_at.into(),
            secret_use: last_use(
                "tokens.secret_used_from",
                row.secret_used_at,
                row.secret_used_from.as_ref(),
            )?,
            rotation,
            last_use: last_use("tokens.last_used_from", row.last_used_at, row.last_used_from.as_ref())?,
            revision: row.revision,
        })
    }
}
