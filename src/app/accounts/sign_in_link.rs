//! Opening a session of an account by a link that works once, as a billing system does whose customer is signed in there.
//! No password goes with that session: it widens nothing and makes no token until its holder gives the password.

use time::PrimitiveDateTime;

use super::party;
use crate::{
    app::{App, AppError, Caller, links},
    domain::{
        account::Account,
        audit::{Action, Change},
        permission::Act,
    },
    store,
};

/// A link was made.
#[derive(Clone, Debug)]
pub struct SignInLink {
    /// Its whole address: whoever opens it first is signed in.
    pub address: String,
    /// The public id that the session will have.
    pub session: String,
    /// When it stops working.
    pub expires_at: PrimitiveDateTime,
}

/// Makes a link that signs its holder's browser in to the account. An older one that was not used ends.
///
/// [`AppError::PasswordNeeded`] unless the caller's own password was just given.
pub async fn make(app: &App, caller: &Caller, account: &Account) -> Result<SignInLink, AppError> {
    caller.may(Act::OpenSessions, Some(account.id))?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (draft, session) = (links::Draft::unsent(app), app.new_public_id());
    let (caller, id, named) = (caller.clone(), account.id, session.clone());
    let link = app
        .store
        .write(move |connection| {
            let account = store::accounts::find(connection, id)?.ok_or(AppError::NotFound)?;
            let link = links::sign_in_in(connection, &draft, account.login, &named)?;
            let changes = vec![Change::new("session", &named)];
            let event = caller.event(now, Action::SignInLinkMade, Some(id), party(&account), changes);
            store::audit::insert(connection, &event)?;
            Ok::<_, AppError>(link)
        })
        .await?;
    Ok(SignInLink {
        address: links::address_of(app, &link),
        session,
        expires_at: link.expires_at,
    })
}
