//! What verification reads: a token by its public id, its digests, and what its account and plan allow.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::row::TokenRow;
use crate::{
    domain::{
        id::PlanId,
        scope::ScopeSet,
        secret::{KeyId, PublicId, SecretDigest},
        token::Token,
    },
    store::{
        DbConnection, StoreError,
        error::column,
        schema::{accounts, logins, plans, tokens},
    },
};

/// A token as verification needs it.
#[derive(Debug)]
pub struct KnownToken {
    /// The token.
    pub token: Token,
    /// Digest of its secret.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
    /// Digest and key of the outgoing secret.
    pub previous: Option<(SecretDigest, KeyId)>,
    /// User name of its account.
    pub username: String,
    /// Public id of its account.
    pub account_public_id: String,
    /// The account's time zone.
    pub time_zone: String,
    /// Whether its account is suspended.
    pub suspended: bool,
    /// Whether its account was removed.
    pub removed: bool,
    /// What its account's plan allows.
    pub plan_scopes: ScopeSet,
    /// Its account's plan.
    pub plan: PlanId,
}

type Digests = (Vec<u8>, String, Option<Vec<u8>>, Option<String>);
type Owner = (
    String,
    String,
    String,
    Option<PrimitiveDateTime>,
    Option<PrimitiveDateTime>,
);
type PlanColumns = (i64, String);

fn digest(name: &'static str, bytes: &[u8]) -> Result<SecretDigest, StoreError> {
    SecretDigest::try_from(bytes).map_err(|_| StoreError::Column {
        column: name,
        value: format!("{} bytes", bytes.len()),
    })
}

/// Finds a token by its public id, whoever's it is.
pub fn find_for_verification(
    connection: &mut DbConnection,
    public_id: &PublicId,
) -> Result<Option<KnownToken>, StoreError> {
    let found: Option<(TokenRow, Digests, Owner, PlanColumns)> = tokens::table
        .inner_join(accounts::table.inner_join(logins::table).inner_join(plans::table))
        .filter(tokens::public_id.eq(public_id.as_str()))
        .select((
            TokenRow::as_select(),
            (
                tokens::secret_digest,
                tokens::secret_key_id,
                tokens::previous_digest,
                tokens::previous_key_id,
            ),
            (
                logins::username,
                accounts::public_id,
                accounts::time_zone,
                accounts::suspended_at,
                accounts::removed_at,
            ),
            (plans::id, plans::scopes),
        ))
        .get_result(connection)
        .optional()?;
    let Some((row, digests, owner, plan)) = found else {
        return Ok(None);
    };
    let (current, key, previous, previous_key) = digests;
    let previous = match (previous, previous_key) {
        (Some(bytes), Some(key)) => Some((
            digest("tokens.previous_digest", &bytes)?,
            column("tokens.previous_key_id", &key)?,
        )),
        _ => None,
    };
    let (username, account_public_id, time_zone, suspended_at, removed_at) = owner;
    Ok(Some(KnownToken {
        token: row.try_into()?,
        digest: digest("tokens.secret_digest", &current)?,
        key: column("tokens.secret_key_id", &key)?,
        previous,
        username,
        account_public_id,
        time_zone,
        suspended: suspended_at.is_some(),
        removed: removed_at.is_some(),
        plan_scopes: column("plans.scopes", &plan.1)?,
        plan: PlanId(plan.0),
    }))
}

/// The key ids that digests of live tokens were made under: the server must not start without one of them.
pub fn key_ids_in_use(connection: &mut DbConnection) -> Result<Vec<KeyId>, StoreError> {
    let mut ids: Vec<String> = tokens::table
        .filter(tokens::revoked_at.is_null())
        .select(tokens::secret_key_id)
        .distinct()
        .load(connection)?;
    let previous: Vec<Option<String>> = tokens::table
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::previous_key_id.is_not_null())
        .select(tokens::previous_key_id)
        .distinct()
        .load(connection)?;
    ids.extend(previous.into_iter().flatten());
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(|id| column("tokens.secret_key_id", id)).collect()
}

/// How many live tokens have their digest under each key.
pub fn digests_under_key(connection: &mut DbConnection, key: &KeyId) -> Result<i64, StoreError> {
    Ok(tokens::table
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::secret_key_id.eq(key.as_str()))
        .count()
        .get_result(connection)?)
}
