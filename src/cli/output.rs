//! What the commands print: results to standard output, everything else to standard error. The only place that writes to
//! the terminal. A reader that hangs up is no error.

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

use crate::settings::SettingsFault;

/// Why a command did not do what it was asked to, for the operator to read.
#[derive(Debug)]
pub(super) enum CommandError {
    /// The settings are wrong.
    Settings(Vec<SettingsFault>),
    /// It was tried and failed: what failed, and what to do.
    Failed(String),
    /// It failed, and the command has already said so itself.
    Reported,
}

impl CommandError {
    /// `what` failed because of `error` and its causes, each said once.
    pub(super) fn because(what: impl Display, error: &dyn Error) -> Self {
        let mut text = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            let message = error.to_string();
            if !text.ends_with(&message) {
                text = format!("{text}: {message}");
            }
            cause = error.source();
        }
        Self::Failed(text)
    }
}

/// Prints one line of a result.
pub(super) fn line(text: impl Display) {
    _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes a part of a result as it is.
pub(super) fn bytes(part: &[u8]) {
    _ = io::stdout().lock().write_all(part);
}

/// Prints a result as one JSON value on one line.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(text),
        Err(error) => message(format_args!("The answer cannot be written as JSON: {error}")),
    }
}

/// Prints a list: as one JSON array, or a line for each; `empty` where there is nothing in it.
pub(super) fn list<T: Serialize>(all: &[T], as_json: bool, words: impl Fn(&T) -> String, empty: &str) {
    if as_json {
        json(&all);
        return;
    }
    for one in all {
        line(words(one));
    }
    if all.is_empty() {
        message(empty);
    }
}

/// Prints a line that is not part of a result.
pub(super) fn message(text: impl Display) {
    _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints what clap has to say, which is also how it answers `--help`, and returns its code: 0, or 2 for a wrong line.
pub(super) fn usage(answer: &clap::Error) -> ExitCode {
    _ = answer.print();
    u8::try_from(answer.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Prints why a command failed and returns the code for it.
pub(super) fn failure(error: &CommandError) -> ExitCode {
    match error {
        CommandError::Settings(faults) => {
            message("The settings are wrong:");
            for fault in faults {
                message(format_args!("  {fault}"));
            }
            ExitCode::from(2)
        }
        CommandError::Failed(text) => {
            message(format_args!("latchkey: {text}"));
            ExitCode::FAILURE
        }
        CommandError::Reported => ExitCode::FAILURE,
    }
}
