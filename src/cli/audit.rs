//! `latchkey audit`: what happened in the whole installation, and whether the record of it is whole.

mod list;
mod refusals;
mod verify;

use super::{Context, output::CommandError};

/// Show and export what happened, and verify the record of it
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(verify::Arguments),
    List(list::List),
    Export(list::Export),
    Refusals(refusals::Arguments),
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Verify(arguments) => verify::run(arguments, context),
        Command::List(arguments) => list::list(arguments, context),
        Command::Export(arguments) => list::export(arguments, context),
        Command::Refusals(arguments) => refusals::run(arguments, context),
    }
}
