//! One token of an account: reading it, and what every change of one has in common.

use time::PrimitiveDateTime;

use super::bounds::Bounds;
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        audit::{Action, Change, NewEvent, Party},
        id::AccountId,
        permission::Act,
        secret::PublicId,
        token::{Life, Token},
    },
    store::{self, DbConnection},
};

/// Finds a token of an account. Somebody else's is not found, as one that does not exist.
pub async fn find(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<Token, AppError> {
    caller.may(Act::View, Some(account))?;
    let found = app
        .store
        .read(move |connection| store::tokens::find(connection, account, &id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// Finds a token that is to be changed, inside the transaction of the change.
///
/// Errors with [`Rule::Revoked`] when it is over: nothing changes a revoked token.
pub(super) fn find_live(connection: &mut DbConnection, account: AccountId, id: PublicId) -> Result<Token, AppError> {
    let token = store::tokens::find(connection, account, &id)?.ok_or(AppError::NotFound)?;
    match token.life {
        Life::Revoked { at } => Err(Rule::Revoked(at).into()),
        Life::Live | Life::Paused { .. } => Ok(token),
    }
}

/// Changes a token in one transaction: `work` gets it as it is, and writes the change with its event.
pub(super) async fn change<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    act: Act,
    (account, id): (AccountId, PublicId),
    work: impl FnOnce(&mut DbConnection, &Caller, &Token, PrimitiveDateTime) -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    caller.may(act, Some(account))?;
    let bounds = Bounds::of(app, caller);
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let token = find_live(connection, account, id)?;
            // What a token may do to itself whatever it holds is nothing that bounds could stand against.
            if act != Act::RevokeItself {
                bounds.hold_token(connection, &token, now)?;
            }
            work(connection, &caller, &token, now)
        })
        .await
}

/// Why a conditional write of `token` found nothing to write: what somebody else has done to it in between.
pub(super) fn lost(connection: &mut DbConnection, token: &Token) -> AppError {
    match find_live(connection, token.account, token.public_id) {
        Ok(now) => Rule::Changed(Box::new(now)).into(),
        Err(error) => error,
    }
}

/// The event of a change of `token`.
pub(in crate::app) fn event(
    caller: &Caller,
    at: PrimitiveDateTime,
    action: Action,
    token: &Token,
    changes: Vec<Change>,
) -> NewEvent {
    let target = Party::new("token", token.public_id, &token.name);
    caller.event(at, action, Some(token.account), target, changes)
}
