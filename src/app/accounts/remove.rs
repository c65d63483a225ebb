//! Removing an account for good: its tokens are revoked and its names are free for others. What it did stays in the
//! audit.

use super::party;
use crate::{
    app::{App, AppError, Caller, Rule, tokens::revoke::revoke_in},
    domain::{
        account::Account,
        audit::{Action, Change},
        id::AccountId,
        permission::Act,
        site::SiteName,
    },
    store,
};

/// What removing an account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Tokens that were not revoked yet.
    pub tokens: usize,
    /// Sessions of the holder.
    pub sessions: usize,
    /// Sites that are free for other accounts.
    pub sites: usize,
}

/// What removing an account would end.
pub async fn effect(app: &App, caller: &Caller, account: &Account) -> Result<Removed, AppError> {
    caller.may(Act::ReadAccounts, Some(account.id))?;
    let id = account.id;
    let tokens = app
        .store
        .read(move |connection| store::tokens::count_live(connection, id))
        .await?;
    Ok(Removed {
        tokens: usize::try_from(tokens).unwrap_or_default(),
        sessions: super::sessions::list(app, caller, account).await?.len(),
        sites: account.sites.len(),
    })
}

/// Removes an account, for the caller's reason.
///
/// [`AppError::PasswordNeeded`] unless the password was just given; [`Rule::AlreadySo`] when somebody else was faster.
pub async fn remove(app: &App, caller: &Caller, id: AccountId) -> Result<Removed, AppError> {
    caller.may(Act::RemoveAccounts, Some(id))?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    if caller.reason.is_none() {
        return Err(Rule::ReasonNeeded.into());
    }
    let caller = caller.clone();
    app.store
        .write(move |connection| {
            let account = store::accounts::find(connection, id)?.ok_or(Rule::AlreadySo)?;
            if !store::accounts::change::remove(connection, &account, now)? {
                return Err(Rule::AlreadySo.into());
            }
            let tokens = super::live_tokens(connection, id, now)?;
            for token in &tokens {
                revoke_in(connection, &caller, token, now)?;
            }
            let removed = Removed {
                tokens: tokens.len(),
                sessions: store::sessions::delete_all(connection, account.login, None)?,
                sites: account.sites.len(),
            };
            store::links::end_all(connection, account.login)?;
            let event = caller.event(
                now,
                Action::AccountRemoved,
                Some(id),
                party(&account),
                changes(&account, removed),
            );
            store::audit::insert(connection, &event)?;
            Ok(removed)
        })
        .await
}

fn changes(account: &Account, removed: Removed) -> Vec<Change> {
    let gone = |field: &str, before: String| Change {
        field: field.to_owned(),
        before: Some(before),
        after: None,
    };
    let sites: Vec<&str> = account.sites.iter().map(SiteName::as_str).collect();
    vec![
        gone("username", account.username.to_string()),
        gone("email", account.email.to_string()),
        gone("sites", sites.join(" ")),
        Change::new("tokens_revoked", removed.tokens),
        Change::new("sessions_ended", removed.sessions),
    ]
}
