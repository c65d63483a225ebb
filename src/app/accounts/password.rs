//! Giving an account a password, as a billing system does that has a page of its own for it.

use zeroize::Zeroizing;

use super::{check_password, party};
use crate::{
    app::{App, AppError, Caller, PasswordHash, sign_in},
    domain::{
        account::Account,
        audit::{Action, Change},
        permission::Act,
    },
    store,
};

/// Sets the password of an account and ends its sessions and its links; its holder is told. Returns how many sessions
/// were ended.
///
/// [`Rule::WeakPassword`](crate::app::Rule::WeakPassword); [`AppError::PasswordNeeded`] unless the caller's own was just
/// given.
pub async fn set(
    app: &App,
    caller: &Caller,
    account: &Account,
    password: Zeroizing<String>,
) -> Result<usize, AppError> {
    caller.may(Act::SetPasswords, Some(account.id))?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    check_password(app, &password, &[account.username.as_str(), &account.email.to_string()])?;
    let PasswordHash(hash) = app.passwords.hash(password).await?;
    let strangers = sign_in::strangers(app, account.login);
    let (caller, id) = (caller.clone(), account.id);
    app.store
        .write(move |connection| {
            let account = store::accounts::find(connection, id)?.ok_or(AppError::NotFound)?;
            store::logins::put_password(connection, account.login, &hash, Some(now))?;
            let ended = store::sessions::delete_all(connection, account.login, None)?;
            store::links::end_all(connection, account.login)?;
            strangers.reset(connection)?;
            let changes = vec![Change::new("sessions_ended", ended)];
            let event = caller.event(now, Action::PasswordSetByStaff, Some(id), party(&account), changes);
            store::audit::insert(connection, &event)?;
            Ok(ended)
        })
        .await
}
