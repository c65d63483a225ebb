//! Switching a token off and on again.

use time::PrimitiveDateTime;

use super::one::{change, event, find_live};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        audit::{Action, Change},
        id::AccountId,
        permission::{Act, Actor},
        secret::PublicId,
        token::{Life, PausedBy, Token},
    },
    store::{self, DbConnection},
};

/// Switches a token off. [`Rule::Paused`] when it is off already, [`Rule::Revoked`] when it is over.
pub async fn pause(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<(), AppError> {
    change(app, caller, Act::StopTokens, (account, id), pause_in).await
}

/// [`pause`] inside a transaction that may do more.
pub(in crate::app) fn pause_in(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    caller.may(Act::StopTokens, Some(token.account))?;
    let by = match caller.actor {
        Actor::Account { .. } | Actor::Token { .. } | Actor::Finder => PausedBy::Owner,
        Actor::Staff { .. } | Actor::StaffToken { .. } | Actor::Shell | Actor::System => PausedBy::Staff,
    };
    if !store::tokens::pause(connection, token.id, by, now)? {
        return Err(not_switched(connection, token));
    }
    let changes = Change::between("status", "active", "paused").into_iter().collect();
    store::audit::insert(connection, &event(caller, now, Action::TokenPaused, token, changes))?;
    Ok(())
}

/// Switches a token on again that the caller's own side switched off: what staff paused only staff resume, and nothing
/// else. [`Rule::Paused`] when it is on, or when the other side switched it off.
pub async fn resume(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<(), AppError> {
    let act = match caller.actor {
        Actor::Staff { .. } | Actor::StaffToken { .. } => Act::LiftPause,
        Actor::Account { .. } | Actor::Token { .. } | Actor::Finder | Actor::Shell | Actor::System => Act::ExtendTokens,
    };
    change(app, caller, act, (account, id), resume_in).await
}

fn resume_in(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let of: &[PausedBy] = match caller.actor {
        Actor::Account { .. } | Actor::Token { .. } | Actor::Finder => &[PausedBy::Owner],
        Actor::Staff { .. } | Actor::StaffToken { .. } => &[PausedBy::Staff],
        Actor::Shell | Actor::System => &[PausedBy::Owner, PausedBy::Staff],
    };
    if !store::tokens::resume(connection, token.id, of)? {
        return Err(not_switched(connection, token));
    }
    let changes = Change::between("status", "paused", "active").into_iter().collect();
    store::audit::insert(connection, &event(caller, now, Action::TokenResumed, token, changes))?;
    Ok(())
}

/// Why a token could not be switched: it is over, or it is not in the state that the switch begins with.
fn not_switched(connection: &mut DbConnection, token: &Token) -> AppError {
    match find_live(connection, token.account, token.public_id) {
        Ok(token) => Rule::Paused(match token.life {
            Life::Paused { by, .. } => Some(by),
            Life::Live | Life::Revoked { .. } => None,
        })
        .into(),
        Err(error) => error,
    }
}
