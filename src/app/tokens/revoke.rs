//! Ending a token for good.

use time::PrimitiveDateTime;

use super::one::{change, event, lost};
use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::{Action, Change},
        id::AccountId,
        permission::{Act, Actor},
        secret::PublicId,
        token::{Life, Token},
    },
    store::{self, DbConnection},
};

/// Ends a token: refused from the next request on, for ever. A token may end itself.
///
/// Errors with [`Rule::Revoked`](crate::app::Rule::Revoked) when it is over already.
pub async fn revoke(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<(), AppError> {
    let act = match &caller.actor {
        Actor::Token { public_id, .. } if *public_id == id => Act::RevokeItself,
        _ => Act::StopTokens,
    };
    change(app, caller, act, (account, id), revoke_in).await
}

/// [`revoke`] inside a transaction that may do more; the caller has asked whether the actor may.
pub(in crate::app) fn revoke_in(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    end(connection, caller, token, Action::TokenRevoked, now)
}

/// Ends a token; `action` says why: it was revoked or found by somebody else.
pub(super) fn end(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    action: Action,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    if end_once(connection, caller, token, action, now)? {
        Ok(())
    } else {
        Err(lost(connection, token))
    }
}

/// Ends a token with its event; false when it is over already.
pub(super) fn end_once(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    action: Action,
    now: PrimitiveDateTime,
) -> Result<bool, AppError> {
    if !store::tokens::revoke(connection, token.id, now)? {
        return Ok(false);
    }
    let before = match token.life {
        Life::Paused { .. } => "paused",
        Life::Live | Life::Revoked { .. } => "active",
    };
    let changes = Change::between("status", before, "revoked").into_iter().collect();
    store::audit::insert(connection, &event(caller, now, action, token, changes))?;
    Ok(true)
}
