//! A token with its account, whoever's it is; and which keys the digests of tokens were made under.

use diesel::{dsl::min, prelude::*};
use time::PrimitiveDateTime;

use super::row::TokenRow;
use crate::{
    domain::{
        secret::{KeyId, PublicId},
        token::Token,
    },
    store::{
        DbConnection, StoreError,
        error::column,
        schema::{accounts, tokens},
    },
};

/// A token and whose it is.
#[derive(Debug)]
pub struct KnownToken {
    /// The token.
    pub token: Token,
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
}

type Owner = (
    String,
    String,
    String,
    Option<PrimitiveDateTime>,
    Option<PrimitiveDateTime>,
);

/// Finds a token by its public id, whoever's it is.
pub fn find_anyones(connection: &mut DbConnection, public_id: &PublicId) -> Result<Option<KnownToken>, StoreError> {
    let found: Option<(TokenRow, Owner)> = tokens::table
        .inner_join(accounts::table)
        .filter(tokens::public_id.eq(public_id.as_str()))
        .select((
            TokenRow::as_select(),
            (
                accounts::username,
                accounts::public_id,
                accounts::time_zone,
                accounts::suspended_at,
                accounts::removed_at,
            ),
        ))
        .get_result(connection)
        .optional()?;
    let Some((row, owner)) = found else {
        return Ok(None);
    };
    let (username, account_public_id, time_zone, suspended_at, removed_at) = owner;
    Ok(Some(KnownToken {
        token: row.try_into()?,
        username,
        account_public_id,
        time_zone,
        suspended: suspended_at.is_some(),
        removed: removed_at.is_some(),
    }))
}

/// The key ids that digests of live tokens were made under: the server must not start without one of them.
///
/// One step for each key, to its first entry in an index: going through all tokens would keep the server from starting.
pub fn key_ids_in_use(connection: &mut DbConnection) -> Result<Vec<KeyId>, StoreError> {
    macro_rules! walk {
        ($column:ident, $ids:expr) => {
            // Every id is behind the empty text.
            let mut last = String::new();
            while let Some(id) = tokens::table
                .filter(tokens::revoked_at.is_null())
                .filter(tokens::$column.gt(&last))
                .select(min(tokens::$column))
                .get_result::<Option<String>>(connection)?
            {
                last.clone_from(&id);
                $ids.push(id);
            }
        };
    }
    let mut ids: Vec<String> = Vec::new();
    walk!(secret_key_id, ids);
    walk!(previous_key_id, ids);
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
