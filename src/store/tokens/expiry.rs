//! Tokens by the instant at which they expire, of all accounts: what people are reminded of.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::row::TokenRow;
use crate::{
    domain::{account::EmailAddress, token::Token},
    store::{
        DbConnection, StoreError,
        error::column,
        schema::{accounts, logins, tokens},
    },
};

/// A token that expires, and who is to know.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The token.
    pub token: Token,
    /// Its holder's address.
    pub recipient: EmailAddress,
    /// Kinds of mail that the holder does not want, separated by spaces.
    pub mail_off: String,
}

/// Tokens that expire after `after` and at `until` at the latest, in the order of their expiry, `limit` at most. Paused
/// ones are left out, and those of suspended and removed accounts.
///
/// The next page begins after the expiry and row number of the last one: `beyond`.
pub fn list_ending(
    connection: &mut DbConnection,
    (after, until): (PrimitiveDateTime, PrimitiveDateTime),
    beyond: Option<(PrimitiveDateTime, i64)>,
    limit: i64,
) -> Result<Vec<Ending>, StoreError> {
    let mut select = tokens::table
        .inner_join(accounts::table.inner_join(logins::table))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.gt(after))
        .filter(tokens::expires_at.le(until))
        .filter(tokens::paused_at.is_null())
        .filter(accounts::removed_at.is_null())
        .filter(accounts::suspended_at.is_null())
        .select((TokenRow::as_select(), (logins::email, accounts::mail_off)))
        .order((tokens::expires_at, tokens::id))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = beyond {
        let later = tokens::expires_at.gt(at);
        let same = tokens::expires_at.eq(at).and(tokens::id.gt(id));
        select = select
            .filter(tokens::expires_at.ge(at))
            .filter(later.or(same).assume_not_null());
    }
    let rows: Vec<(TokenRow, (String, String))> = select.load(connection)?;
    rows.into_iter()
        .map(|(row, (email, mail_off))| {
            Ok(Ending {
                token: row.try_into()?,
                recipient: column("logins.email", &email)?,
                mail_off,
            })
        })
        .collect()
}
