//! The tokens that a run may be about, of all accounts, in the order of their row numbers.

use diesel::{dsl::exists, prelude::*};
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::{AccountId, TokenId},
        run::{Criteria, RunKind},
        token::{Expiry, Token},
    },
    store::{
        DbConnection, StoreError,
        among::among,
        instant::Instant,
        schema::{accounts, logins, plans, tokens},
        tokens::TokenRow,
    },
};

/// Row numbers from just after `after` up to and with `up_to`.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The last row number before them.
    pub after: TokenId,
    /// The last of them.
    pub up_to: TokenId,
}

/// A token for which every criterion holds that a database can tell.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The token.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What it may do, in the stored form.
    pub scopes: String,
    /// From where it was last used, in the stored form.
    pub last_used_from: Option<String>,
    /// Until when it lives.
    pub expiry: Expiry,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
}

/// The row number of the last token of all.
pub fn last_token(connection: &mut DbConnection) -> Result<TokenId, StoreError> {
    let last: Option<i64> = tokens::table
        .select(tokens::id)
        .order(tokens::id.desc())
        .first(connection)
        .optional()?;
    Ok(TokenId(last.unwrap_or(0)))
}

/// Tokens that are not revoked, that `kind` would change and for which hold the instants and the plan of `criteria`, in
/// the order of their row numbers. The scope and the address are for the caller to look at.
pub fn list_candidates(
    connection: &mut DbConnection,
    criteria: &Criteria,
    kind: RunKind,
    window: Window,
    now: PrimitiveDateTime,
) -> Result<Vec<Candidate>, StoreError> {
    type Columns = (i64, i64, String, Option<String>, Option<Instant>, Instant);
    let mut select = tokens::table
        .filter(tokens::id.gt(window.after.0))
        .filter(tokens::id.le(window.up_to.0))
        .filter(tokens::revoked_at.is_null())
        .select((
            tokens::id,
            tokens::account_id,
            tokens::scopes,
            tokens::last_used_from,
            tokens::expires_at,
            tokens::created_at,
        ))
        .order(tokens::id)
        .into_boxed();
    if matches!(kind, RunKind::Pause) {
        // What its owner switched off, its owner could switch on again.
        select = select.filter(tokens::paused_by.is_null().or(tokens::paused_by.eq("owner")));
    }
    if let Some(before) = criteria.issued_before {
        let outgoing = tokens::created_at.lt(before).and(tokens::previous_until.gt(now));
        // A token without an outgoing secret makes this side neither true nor false.
        select = select.filter(tokens::secret_issued_at.lt(before).or(outgoing.assume_not_null()));
    }
    if let Some(after) = criteria.expires_after {
        let later = tokens::expires_at.gt(after).assume_not_null();
        select = select.filter(tokens::expires_at.is_null().or(later));
    }
    if criteria.never_expires {
        select = select.filter(tokens::expires_at.is_null());
    }
    if let Some(plan) = &criteria.plan {
        // Asked of each token of the window; without a plan nobody looks at the accounts.
        let on_plan = accounts::table
            .inner_join(plans::table)
            .filter(accounts::id.eq(tokens::account_id))
            .filter(plans::name.eq(plan.clone()));
        select = select.filter(exists(on_plan));
    }
    let rows: Vec<Columns> = select.load(connection)?;
    let candidate = |(id, account, scopes, last_used_from, expires_at, created_at): Columns| Candidate {
        id: TokenId(id),
        account: AccountId(account),
        scopes,
        last_used_from,
        expiry: expires_at.map(PrimitiveDateTime::from).into(),
        created_at: created_at.into(),
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// A token and whose it is.
#[derive(Clone, Debug)]
pub struct Owned {
    /// The token.
    pub token: Token,
    /// Its account's user name.
    pub username: String,
    /// Its account's public id.
    pub account: String,
}

/// The tokens with these row numbers, in that order.
pub fn list_owned(connection: &mut DbConnection, ids: &[TokenId]) -> Result<Vec<Owned>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<(TokenRow, String, String)> = tokens::table
        .inner_join(accounts::table.inner_join(logins::table))
        .filter(among("tokens.id", &ids))
        .select((TokenRow::as_select(), logins::username, accounts::public_id))
        .order(tokens::id)
        .load(connection)?;
    let owned = |(row, username, account)| {
        Ok(Owned {
            token: Token::try_from(row)?,
            username,
            account,
        })
    };
    rows.into_iter().map(owned).collect()
}
