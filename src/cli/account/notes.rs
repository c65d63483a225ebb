//! `latchkey account notes` and `note`: what staff note about an account for each other.

use serde::Serialize;

use super::act::{Of, answer, find, refusal};
use crate::{
    app::{App, Caller, accounts::notes},
    cli::output::{self, CommandError},
    domain::text::Note,
    web::times::iso,
};

/// Notes that are printed.
const NOTES: i64 = 1_000;

/// Write an internal note about an account; the customer never sees it
#[derive(Debug, clap::Args)]
pub(super) struct WriteNote {
    #[command(flatten)]
    of: Of,
    /// The note
    text: Note,
}

#[derive(Serialize)]
struct ShownNote {
    at: String,
    author: String,
    text: String,
}

pub(super) async fn list_notes(of: &Of, app: &App) -> Result<(), CommandError> {
    let account = find(app, of).await?;
    let found = notes::list(app, &Caller::shell(), &account, None, NOTES).await;
    let found = found.map_err(|error| CommandError::because("The notes cannot be read", &error))?;
    let shown: Vec<ShownNote> = found
        .into_iter()
        .map(|note| ShownNote {
            at: iso(note.at),
            author: note.author,
            text: note.text,
        })
        .collect();
    if of.json {
        output::json(&shown);
        return Ok(());
    }
    for note in &shown {
        output::line(format_args!("{}  {}\n{}\n", note.at, note.author, note.text));
    }
    if shown.is_empty() {
        output::message(format_args!("There are no notes about {}.", account.username));
    }
    Ok(())
}

pub(super) async fn write_note(arguments: &WriteNote, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let added = notes::add(app, &Caller::shell(), &account, arguments.text.clone()).await;
    added.map_err(|error| refusal(&error))?;
    let value = serde_json::json!({ "username": account.username.as_str() });
    answer(
        &arguments.of,
        &value,
        format_args!("The note about {} was added.", account.username),
    );
    Ok(())
}
