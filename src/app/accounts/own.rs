//! The account of whoever asks, and of nobody else.

use crate::{
    app::{App, AppError, Caller},
    domain::{account::Account, id::AccountId, permission::Act},
    store,
};

/// Reads an account for its holder, or for a token of it that may see what there is.
pub async fn find(app: &App, caller: &Caller, id: AccountId) -> Result<Account, AppError> {
    caller.may(Act::View, Some(id))?;
    let found = app
        .store
        .read(move |connection| store::accounts::find(connection, id))
        .await?;
    found.ok_or(AppError::NotFound)
}
