//! Where a setting stands, and what is wrong with it.

use std::{fmt, path::PathBuf};

/// Where a value, or a fault, was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line, `--listen`.
    Flag(&'static str),
    /// A variable of the environment, `LATCHKEY_LISTEN`.
    Variable(String),
    /// The file that a `LATCHKEY_X_FILE` variable names.
    VariableFile(String, PathBuf),
    /// The settings file; lines count from 1, and there is none where the file as a whole is meant.
    File(PathBuf, Option<usize>),
    /// Nobody set it.
    Default,
}

impl Source {
    /// The line of the settings file, from 1.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::File(_, line) => *line,
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => out.write_str(flag),
            Self::Variable(name) => out.write_str(name),
            Self::VariableFile(name, path) => write!(out, "{name} ({})", path.display()),
            Self::File(path, Some(line)) => write!(out, "{}:{line}", path.display()),
            Self::File(path, None) => write!(out, "{}", path.display()),
            Self::Default => out.write_str("default"),
        }
    }
}

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SettingsFault {
    /// Where it stands.
    pub place: Source,
    /// What is wrong and what to do about it. Never contains the value of a secret setting.
    pub problem: String,
}

impl SettingsFault {
    pub(super) fn new(place: Source, problem: impl Into<String>) -> Self {
        Self {
            place,
            problem: problem.into(),
        }
    }
}
