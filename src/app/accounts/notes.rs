//! What staff note about an account for each other. Its holder never sees a note, nor that there is one.

use time::Duration;

use super::party;
use crate::{
    app::{App, AppError, Caller},
    domain::{account::Account, audit::Action, permission::Act, text::Note},
    store::{
        self,
        accounts::{
            change::hold,
            detail::{insert_note, list_notes},
        },
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

/// The same words of the same author within so long are one note whose button was pressed more than once.
const ONE_PRESS: Duration = Duration::minutes(1);

/// Adds a note, once however often its button is pressed. A note is never changed.
pub async fn add(app: &App, caller: &Caller, account: &Account, note: Note) -> Result<(), AppError> {
    caller.may(Act::ChangeAccounts, Some(account.id))?;
    let (now, id, login, author) = (app.now(), account.id, account.login, caller.party().name);
    // The event belongs to no account, so that its holder does not find it among what happened.
    let event = caller.event(now, Action::NoteAdded, None, party(account), Vec::new());
    app.store
        .write(move |connection| {
            if !hold(connection, id, login)? {
                return Err(AppError::NotFound);
            }
            let is_this = |written: &WrittenNote| written.author == author && written.text == note.as_str();
            let latest = list_notes(connection, id, None, 1)?;
            if latest
                .iter()
                .any(|written| is_this(written) && now - written.at < ONE_PRESS)
            {
                return Ok(());
            }
            insert_note(connection, id, &author, note.as_str(), now)?;
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}
