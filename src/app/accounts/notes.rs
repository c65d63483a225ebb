//! What staff note about an account for each other. Its holder never sees a note, nor that there is one.

use super::party;
use crate::{
    app::{App, AppError, Caller},
    domain::{account::Account, audit::Action, permission::Act, text::Note},
    store::{
        self,
        accounts::detail::{insert_note, list_notes},
    },
};

pub use crate::store::accounts::detail::WrittenNote;

/// The latest `limit` notes before the note `before`, latest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    account: &Account,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<WrittenNote>, AppError> {
    caller.may(Act::ReadAccounts, Some(account.id))?;
    let id = account.id;
    app.store
        .read(move |connection| Ok(list_notes(connection, id, before, limit)?))
        .await
}

/// Adds a note. A note is never changed.
pub async fn add(app: &App, caller: &Caller, account: &Account, note: Note) -> Result<(), AppError> {
    caller.may(Act::ChangeAccounts, Some(account.id))?;
    let (now, id, author) = (app.now(), account.id, caller.party().name);
    // The event belongs to no account, so that its holder does not find it among what happened.
    let event = caller.event(now, Action::NoteAdded, None, party(account), Vec::new());
    app.store
        .write(move |connection| {
            insert_note(connection, id, &author, note.as_str(), now)?;
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}
