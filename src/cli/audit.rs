//! `latchkey audit`: what happened in the whole installation, and whether the record of it is whole.

mod verify;

use super::{Context, output::CommandError};

/// Verify the record of what happened
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(verify::Arguments),
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Verify(arguments) => verify::run(arguments, context),
    }
}
