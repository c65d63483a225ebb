//! Signing in, and giving the password again.

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::{App, AppError, Caller};
use crate::{domain::id::LoginId, store};

/// Checks the password of somebody who is signed in; returns when it was given.
pub async fn confirm_password(
    app: &App,
    _caller: &Caller,
    login: LoginId,
    password: Zeroizing<String>,
) -> Result<PrimitiveDateTime, AppError> {
    let found = app
        .store
        .read(move |connection| store::logins::find(connection, login))
        .await?;
    let stored = found.and_then(|login| login.password_hash);
    if app.passwords.verify(password, stored).await? {
        Ok(app.now())
    } else {
        Err(AppError::WrongPassword)
    }
}
