//! The `latchkey` program: one command is one file here, with the `Arguments` that it takes and a `run`.
//!
//! Reads the command line and the environment; what a command prints goes through `output`.

use std::{ffi::OsString, fs, path::Path, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    catalogue::Catalogue,
    settings::{Flags, Settings, SettingsFault, Source},
};

use self::output::CommandError;

mod account;
mod addresses;
mod audit;
mod check;
mod compat;
mod demo;
mod incident;
mod key;
mod login;
mod mail;
mod migrate;
mod openapi;
mod output;
mod plan;
mod policy;
mod reset_link;
mod rules;
mod serve;
mod service;
mod settings;
mod staff;
mod token;

/// Runs the command that `arguments` name, the program's own name first, and returns the code to exit with: 0 when it was
/// done, 1 when it failed, 2 when the command line or the settings are wrong.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(answer) => return output::usage(&answer),
    };
    let context = Context {
        flags: line.options.into_flags(),
    };
    let command = line.command.unwrap_or(Command::Serve(serve::Arguments::default()));
    let done = match &command {
        Command::Serve(arguments) => serve::run(arguments, &context),
        Command::Demo(arguments) => demo::run(arguments, &context),
        Command::Account(arguments) => account::run(arguments, &context),
        Command::Staff(arguments) => staff::run(arguments, &context),
        Command::Service(arguments) => service::run(arguments, &context),
        Command::Policy(arguments) => policy::run(arguments, &context),
        Command::Plan(arguments) => plan::run(arguments, &context),
        Command::Token(arguments) => token::run(arguments, &context),
        Command::Audit(arguments) => audit::run(arguments, &context),
        Command::Mail(arguments) => mail::run(arguments, &context),
        Command::Incident(arguments) => incident::run(arguments, &context),
        Command::Check(arguments) => check::run(arguments, &context),
        Command::Settings(arguments) => settings::run(arguments, &context),
        Command::Key(arguments) => key::run(arguments, &context),
        Command::Migrate(arguments) => migrate::run(arguments, &context),
        Command::Openapi(arguments) => openapi::run(arguments, &context),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failure(&error),
    }
}

/// A control panel for API tokens, and the answer to "may this token do this, now, from here?".
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, after_help = EXAMPLES)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  latchkey
  latchkey demo
  latchkey account create --username priya --email priya@example.com --site sunrise.example
  latchkey check --config /etc/latchkey/latchkey.toml
  latchkey settings --format toml > latchkey.toml

Every setting also has a variable, LATCHKEY_LISTEN for listen; with _FILE behind its name it names a file
that holds the value. An option goes before a variable, and a variable before the settings file.";

const CONFIG_HELP: &str = "Read the settings from this TOML file [default: LATCHKEY_CONFIG, or latchkey.toml in the data folder if it is there]";
const DATABASE_HELP: &str =
    "Use this database: sqlite:///path or postgres://user@host/name [default: latchkey.db in the data folder]";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Demo(demo::Arguments),
    Account(account::Arguments),
    Staff(staff::Arguments),
    Service(service::Arguments),
    Policy(policy::Arguments),
    Plan(plan::Arguments),
    Token(token::Arguments),
    Audit(audit::Arguments),
    Mail(mail::Arguments),
    Incident(incident::Arguments),
    Check(check::Arguments),
    Settings(settings::Arguments),
    Key(key::Arguments),
    Migrate(migrate::Arguments),
    Openapi(openapi::Arguments),
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every command")]
struct Options {
    #[arg(long, global = true, value_name = "FILE", help = CONFIG_HELP)]
    config: Option<String>,
    /// Answer on this address and port [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Keep the database and the server key in this folder [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<String>,
    #[arg(long, global = true, value_name = "URL", help = DATABASE_HELP)]
    database: Option<String>,
}

impl Options {
    fn into_flags(self) -> Flags {
        Flags {
            config: self.config,
            listen: self.listen,
            data: self.data,
            database: self.database,
        }
    }
}

/// What a command runs with.
struct Context {
    flags: Flags,
}

impl Context {
    /// The settings, from the command line, the environment and the settings file.
    fn settings(&self) -> Result<Settings, CommandError> {
        let text = |os: OsString| os.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        let read_file = |path: &Path| fs::read(path);
        Settings::load(&self.flags, env, &read_file).map_err(CommandError::Settings)
    }
}

/// Runs a use case to its end.
fn wait<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::because("No thread can be started", &error))?;
    Ok(runtime.block_on(work))
}

/// The catalogue that the settings name, or the one that is compiled in; a fault names the file and its line.
fn catalogue(settings: &Settings) -> Result<Catalogue, SettingsFault> {
    let Some(path) = &settings.catalogue else {
        return Ok(Catalogue::built_in());
    };
    let text = fs::read_to_string(path).map_err(|error| SettingsFault {
        place: settings.source("catalogue").clone(),
        problem: format!(
            "catalogue: {} cannot be read ({error}). Check its path and its permissions.",
            path.display()
        ),
    })?;
    Catalogue::from_toml(&text).map_err(|error| SettingsFault {
        place: Source::File(path.clone(), Some(error.line)),
        problem: format!("{}.", error.fault),
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::CommandLine;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn options_stand_before_or_after_the_command() {
        for line in [
            ["latchkey", "--data", "d", "check"],
            ["latchkey", "check", "--data", "d"],
        ] {
            let line = CommandLine::try_parse_from(line).unwrap();
            assert_eq!(line.options.into_flags().data.as_deref(), Some("d"));
        }
    }
}
