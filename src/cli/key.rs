//! `latchkey key`: the keys under which the digests of tokens are made.

use super::{
    Context,
    output::{self, CommandError},
    serve,
};
use crate::app::{Caller, upkeep};

/// List the server's keys, or add a new one
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the keys, oldest first: when each was made and how many live tokens, service credentials and staff tokens need it
    List,
    /// Add a new key and make it the current one
    ///
    /// Every token goes on working: the older keys stay in the file. Running servers need no restart.
    Rotate,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    let app = serve::put_together(context.settings()?)?;
    match arguments.command {
        Command::List => {
            let failed = |error| CommandError::because("Cannot read the database", &error);
            for key in upkeep::list_keys(&app).map_err(failed)? {
                let tokens = match key.tokens {
                    1 => "1 live token".to_owned(),
                    count => format!("{count} live tokens"),
                };
                let services = match key.services {
                    0 => String::new(),
                    1 => ", 1 service credential".to_owned(),
                    count => format!(", {count} service credentials"),
                };
                let staff_tokens = match key.staff_tokens {
                    0 => String::new(),
                    1 => ", 1 staff token".to_owned(),
                    count => format!(", {count} staff tokens"),
                };
                let current = if key.current { "  current" } else { "" };
                output::line(format_args!(
                    "{}  made {}  {tokens}{services}{staff_tokens}{current}",
                    key.id,
                    key.created.date()
                ));
            }
            for id in upkeep::missing_keys(&app).map_err(failed)? {
                output::line(format_args!(
                    "{id}  missing, and live tokens, service credentials or staff tokens need it"
                ));
            }
        }
        Command::Rotate => {
            let id = super::wait(upkeep::rotate_key(&app, &Caller::shell()))?
                .map_err(|error| CommandError::because("No key was added", &error))?;
            let file = app.settings.key_file();
            output::line(format_args!(
                "Key {id} was added to {} and is now the current one.",
                file.display()
            ));
            output::line("Every token goes on working. Running servers use the new key within 5 seconds.");
            output::line(
                "Copy the file to the other nodes and to your backup now: without it, new tokens would be lost.",
            );
        }
    }
    Ok(())
}
