//! Where the holder of an account is signed in, and ending that from the staff area.

use super::party;
use crate::{
    app::{App, AppError, Caller},
    domain::{
        account::Account,
        audit::{Action, Change, Party},
        id::is_public_id,
        permission::Act,
    },
    store::{self, sessions::Session},
};

/// The sessions of an account that have not ended by themselves, the latest visit first.
pub async fn list(app: &App, caller: &Caller, account: &Account) -> Result<Vec<Session>, AppError> {
    caller.may(Act::ReadAccounts, Some(account.id))?;
    let (now, lifetime, login) = (app.now(), app.settings.sessions.customer, account.login);
    let (seen, begun) = (now - lifetime.idle, now - lifetime.absolute);
    app.store
        .read(move |connection| Ok(store::sessions::list(connection, login, seen, begun)?))
        .await
}

/// Ends one session of an account. [`AppError::NotFound`] when it has none of that public id.
pub async fn end(app: &App, caller: &Caller, account: &Account, session: &str) -> Result<(), AppError> {
    caller.may(Act::ChangeAccounts, Some(account.id))?;
    if !is_public_id(session) {
        return Err(AppError::NotFound);
    }
    let target = Party::new("session", session, "");
    let event = caller.event(app.now(), Action::SessionEnded, Some(account.id), target, Vec::new());
    let (login, session) = (account.login, session.to_owned());
    app.store
        .write(move |connection| {
            if !store::sessions::delete_one(connection, login, &session)? {
                return Err(AppError::NotFound);
            }
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}

/// Ends all sessions of an account; returns how many. Without one, nothing is written.
pub async fn end_all(app: &App, caller: &Caller, account: &Account) -> Result<usize, AppError> {
    caller.may(Act::ChangeAccounts, Some(account.id))?;
    let (now, caller, account) = (app.now(), caller.clone(), account.clone());
    app.store
        .write(move |connection| {
            let ended = store::sessions::delete_all(connection, account.login, None)?;
            if ended > 0 {
                let changes = vec![Change::new("sessions_ended", ended)];
                let event = caller.event(now, Action::SessionsEnded, Some(account.id), party(&account), changes);
                store::audit::insert(connection, &event)?;
            }
            Ok(ended)
        })
        .await
}
