//! `latchkey migrate`: brings the database to the shape that this version expects, without serving.

use super::{
    Context,
    output::{self, CommandError},
};
use crate::app;

/// Bring the database to the shape that this version expects, and say what was applied
///
/// Serving does the same by itself. Use this to do it before, while the old version still answers.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, context: &Context) -> Result<(), CommandError> {
    let settings = context.settings()?;
    super::serve::make_folder(&settings.data)?;
    let (_, applied) = app::open_store(&settings)
        .map_err(|error| CommandError::because(format_args!("Cannot migrate {}", settings.database), &error))?;
    for migration in &applied {
        output::line(format_args!("applied  {migration}"));
    }
    output::line(match applied.len() {
        0 => "The database is up to date.".to_owned(),
        1 => "1 migration was applied.".to_owned(),
        count => format!("{count} migrations were applied."),
    });
    Ok(())
}
