//! Suspending an account: its tokens are refused and it can change nothing, until the suspension is ended (rule 8).

use super::{party, sessions};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        account::Account,
        audit::{Action, Change},
        id::AccountId,
        permission::Act,
    },
    store::{self, DbConnection, StoreError},
};

/// What a suspension stops, or lets work again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Tokens that are neither paused nor expired.
    pub tokens: i64,
    /// Sessions of the holder. They may sign in again, to read why.
    pub sessions: usize,
}

fn working_tokens(
    connection: &mut DbConnection,
    app_now: time::PrimitiveDateTime,
    id: AccountId,
) -> Result<i64, StoreError> {
    Ok(store::tokens::count(connection, id, "", app_now)?.active)
}

/// What suspending an account would stop.
pub async fn effect(app: &App, caller: &Caller, account: &Account) -> Result<Effect, AppError> {
    caller.may(Act::ReadAccounts, Some(account.id))?;
    let (now, id) = (app.now(), account.id);
    let tokens = app
        .store
        .read(move |connection| working_tokens(connection, now, id))
        .await?;
    let sessions = sessions::list(app, caller, account).await?.len();
    Ok(Effect { tokens, sessions })
}

/// Suspends an account for the caller's reason, which its holder reads; ends its sessions.
///
/// [`Rule::ReasonNeeded`] without a reason; [`Rule::AlreadySo`] when it is suspended already.
pub async fn suspend(app: &App, caller: &Caller, id: AccountId) -> Result<Effect, AppError> {
    caller.may(Act::SuspendAccounts, Some(id))?;
    let reason = caller.reason.clone().ok_or(Rule::ReasonNeeded)?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let account = store::accounts::find(connection, id)?.ok_or(AppError::NotFound)?;
            if !store::accounts::put_suspension(connection, id, Some((now, reason.as_str())))? {
                return Err(Rule::AlreadySo.into());
            }
            let effect = Effect {
                tokens: working_tokens(connection, now, id)?,
                sessions: store::sessions::delete_all(connection, account.login, None)?,
            };
            let changes = vec![
                Change::new("tokens_stopped", effect.tokens),
                Change::new("sessions_ended", effect.sessions),
            ];
            let event = caller.event(now, Action::AccountSuspended, Some(id), party(&account), changes);
            store::audit::insert(connection, &event)?;
            Ok(effect)
        })
        .await
}

/// Ends a suspension: the account's tokens work again. [`Rule::AlreadySo`] when it is not suspended.
pub async fn unsuspend(app: &App, caller: &Caller, id: AccountId) -> Result<(), AppError> {
    caller.may(Act::SuspendAccounts, Some(id))?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let account = store::accounts::find(connection, id)?.ok_or(AppError::NotFound)?;
            if !store::accounts::put_suspension(connection, id, None)? {
                return Err(Rule::AlreadySo.into());
            }
            let event = caller.event(now, Action::AccountUnsuspended, Some(id), party(&account), Vec::new());
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}
