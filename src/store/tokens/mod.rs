//! Rows of `tokens`.
//!
//! Ownership is part of each `WHERE`: a token of another account is not found.

mod change;
mod expiry;
mod facts;
mod impact;
mod known;
mod list;
mod row;
mod standing;
mod used;
mod walk;

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::is_unique_violation,
    schema::{accounts, tokens},
};
use crate::domain::{
    address::AddressSet,
    id::{AccountId, TokenId},
    scope::ScopeSet,
    secret::{KeyId, PublicId, SecretDigest},
    site::SiteSet,
    token::{Description, Expiry, Token, TokenName},
};

pub use change::{
    Outgoing, extend, keep_paused, list_unused, pause, resume, retire_previous, revoke, revoke_unused, rotate, update,
};
pub use expiry::{Ending, list_ending};
pub use impact::{
    OnPlans, TooLate, count_by_scopes, count_crowded, count_endless, count_too_late, count_unused, longest_unused,
};
pub use known::{KnownToken, digests_under_key, find_anyones, key_ids_in_use};
pub use list::{Counts, Filter, Order, Query, Sort, count, list, list_by_ids, list_expiring, list_ids, list_live};
pub use standing::{OutgoingSecret, TokenStanding};
pub use used::record_use;
pub use walk::{Key, Place, walk};

pub(in crate::store) use row::TokenRow;
pub(in crate::store) use standing::{Standings, find_standing};

/// A token that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its public id.
    pub public_id: PublicId,
    /// Whose it is.
    pub account: AccountId,
    /// Its name.
    pub name: TokenName,
    /// What it is for.
    pub description: Description,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where.
    pub sites: SiteSet,
    /// From where.
    pub addresses: AddressSet,
    /// Until when.
    pub expiry: Expiry,
    /// Now.
    pub created_at: PrimitiveDateTime,
    /// Who makes it, as the audit names them.
    pub created_by: String,
    /// Names this act of creation: the same key never makes a second token.
    pub creation_key: Option<String>,
    /// Its secret's digest.
    pub digest: SecretDigest,
    /// The key under which the digest was made.
    pub key: KeyId,
    /// Its secret's last four characters.
    pub last4: String,
}

/// What became of an insertion.
#[derive(Debug)]
pub enum Inserted {
    /// It is stored.
    Stored(Box<Token>),
    /// The account has a live token of that name.
    NameTaken,
    /// The public id is taken by another token (one in 2e14): mint again.
    PublicIdTaken,
}

/// Makes every other change of this account's tokens wait until the transaction ends, so that a limit that is counted
/// now still holds when the row is written. Returns whether the account exists.
pub fn hold_account(connection: &mut DbConnection, account: AccountId) -> Result<bool, StoreError> {
    let held = diesel::update(accounts::table.find(account.0))
        .set(accounts::revision.eq(accounts::revision + 1))
        .execute(connection)?;
    Ok(held == 1)
}

/// Makes every other change of this token wait until the transaction ends, so that what is read of it now still holds when
/// something else is written that rests on it.
pub fn hold(connection: &mut DbConnection, id: TokenId) -> Result<(), StoreError> {
    diesel::update(tokens::table.find(id.0))
        .set(tokens::revision.eq(tokens::revision + 0))
        .execute(connection)?;
    Ok(())
}

/// How many of an account's tokens are not revoked.
pub fn count_live(connection: &mut DbConnection, account: AccountId) -> Result<i64, StoreError> {
    Ok(tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::revoked_at.is_null())
        .count()
        .get_result(connection)?)
}

/// Finds one token of an account.
pub fn find(
    connection: &mut DbConnection,
    account: AccountId,
    public_id: &PublicId,
) -> Result<Option<Token>, StoreError> {
    let row = tokens::table
        .filter(tokens::public_id.eq(public_id.as_str()))
        .filter(tokens::account_id.eq(account.0))
        .select(TokenRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(Token::try_from).transpose()
}

/// Finds a token by the number of its row, whoever's it is.
pub fn find_row(connection: &mut DbConnection, id: TokenId) -> Result<Option<Token>, StoreError> {
    let row = tokens::table
        .find(id.0)
        .select(TokenRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(Token::try_from).transpose()
}

/// Finds the token that a form already made.
pub fn find_by_creation_key(
    connection: &mut DbConnection,
    account: AccountId,
    creation_key: &str,
) -> Result<Option<Token>, StoreError> {
    let row = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::creation_key.eq(creation_key))
        .select(TokenRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(Token::try_from).transpose()
}

/// Whether a live token of the account, other than `except`, has that name ignoring case.
pub fn is_name_taken(
    connection: &mut DbConnection,
    account: AccountId,
    name: &TokenName,
    except: Option<TokenId>,
) -> Result<bool, StoreError> {
    let taken = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::name_folded.eq(name.folded()))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::id.ne(except.map_or(0, |id| id.0)));
    Ok(diesel::select(diesel::dsl::exists(taken)).get_result(connection)?)
}

/// Stores a token. The caller holds the account ([`hold_account`]) and has checked its creation key.
pub fn insert(connection: &mut DbConnection, new: &NewToken) -> Result<Inserted, StoreError> {
    if is_name_taken(connection, new.account, &new.name, None)? {
        return Ok(Inserted::NameTaken);
    }
    let values = (
        (
            tokens::public_id.eq(new.public_id.as_str()),
            tokens::account_id.eq(new.account.0),
            tokens::name.eq(new.name.as_str()),
            tokens::name_folded.eq(new.name.folded()),
            tokens::description.eq(new.description.to_string()),
            tokens::scopes.eq(new.scopes.to_string()),
            tokens::sites.eq(new.sites.to_string()),
            tokens::addresses.eq(new.addresses.to_string()),
        ),
        (
            tokens::expires_at.eq(new.expiry.instant()),
            tokens::created_at.eq(new.created_at),
            tokens::created_by.eq(&new.created_by),
            tokens::creation_key.eq(new.creation_key.as_deref()),
            tokens::secret_digest.eq(new.digest.as_bytes().as_slice()),
            tokens::secret_key_id.eq(new.key.as_str()),
            tokens::secret_last4.eq(&new.last4),
            tokens::secret_issued_at.eq(new.created_at),
        ),
    );
    // A savepoint: PostgreSQL refuses every further statement of a transaction in which one has failed.
    let inserted = connection.transaction(|inner| diesel::insert_into(tokens::table).values(values).execute(inner));
    match inserted {
        Ok(_) => {}
        Err(error) if is_unique_violation(&error) => return Ok(Inserted::PublicIdTaken),
        Err(error) => return Err(error.into()),
    }
    let stored = find(connection, new.account, &new.public_id)?;
    stored
        .map(|token| Inserted::Stored(Box::new(token)))
        .ok_or(StoreError::CutOff)
}
