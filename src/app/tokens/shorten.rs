//! Letting a token end sooner: what staff may do to its expiry, and no more.

use time::PrimitiveDateTime;

use super::one::{change, event, lost};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        audit::{Action, Change},
        id::AccountId,
        permission::Act,
        policy::ExpiryRefusal,
        secret::PublicId,
        token::{Expiry, Token},
    },
    store::{self, DbConnection},
};

/// Moves the expiry of a token forward to `until`; one that never expires is given one.
///
/// Errors with [`Rule::AlreadySo`] when it ends no later than that, [`Rule::Expiry`] when `until` is past,
/// [`Rule::Revoked`] when it is over.
pub async fn shorten(
    app: &App,
    caller: &Caller,
    account: AccountId,
    id: PublicId,
    until: PrimitiveDateTime,
) -> Result<(), AppError> {
    let work = move |connection: &mut DbConnection, caller: &Caller, token: &Token, now| {
        shorten_in(connection, caller, token, until, now)
    };
    change(app, caller, Act::StopTokens, (account, id), work).await
}

/// [`shorten`] inside a transaction that may do more; the caller has asked whether the actor may.
pub(in crate::app) fn shorten_in(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    until: PrimitiveDateTime,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let expiry = Expiry::At(until);
    if until <= now {
        return Err(Rule::Expiry(ExpiryRefusal::Past).into());
    }
    if !token.expiry.is_later_than(expiry) {
        return Err(Rule::AlreadySo.into());
    }
    if !store::tokens::extend(connection, token.id, token.revision, expiry)? {
        return Err(lost(connection, token));
    }
    let changes = Change::between("expiry", token.expiry, expiry).into_iter().collect();
    store::audit::insert(connection, &event(caller, now, Action::TokenShortened, token, changes))?;
    Ok(())
}
