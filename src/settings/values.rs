//! The texts that were given for settings, on their way to becoming typed values.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    ReadFile, SettingsFault,
    fault::Source,
    register::{self, Fallback},
};

/// The text given for one setting.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Trimmed; a list is joined with commas.
    pub(super) text: String,
    pub(super) source: Source,
}

impl Given {
    pub(super) fn new(text: &str, source: Source) -> Self {
        Self {
            text: text.trim().to_owned(),
            source,
        }
    }

    /// The text as a path. A relative one in the settings file is meant from that file's folder, any other from the
    /// folder that the program was started in.
    pub(super) fn path(&self) -> PathBuf {
        self.relative_to_source(Path::new(&self.text))
    }

    pub(super) fn relative_to_source(&self, path: &Path) -> PathBuf {
        match &self.source {
            Source::File(file, _) => file.parent().unwrap_or(Path::new("")).join(path),
            _ => path.to_owned(),
        }
    }
}

/// Everything that was given, and the faults found so far.
pub(super) struct Values<'a> {
    given: BTreeMap<&'static str, Given>,
    faults: Vec<SettingsFault>,
    pub(super) read_file: ReadFile<'a>,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        given: BTreeMap<&'static str, Given>,
        faults: Vec<SettingsFault>,
        read_file: ReadFile<'a>,
    ) -> Self {
        Self {
            given,
            faults,
            read_file,
        }
    }

    /// The setting called `key`; its default when nothing was given, or when what was given is a fault, which is kept.
    pub(super) fn read<T>(&mut self, key: &'static str, parse: impl Fn(&Given) -> Result<T, String>) -> T {
        if let Some(value) = self.read_optional(key, &parse) {
            return value;
        }
        let Fallback::Text(text) = register::setting(key).fallback else {
            unreachable!("a setting that is always there has a default in the register")
        };
        parse(&Given::new(text, Source::Default)).expect("the register's defaults are valid")
    }

    /// The setting called `key`, if it was given and is right.
    pub(super) fn read_optional<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&Given) -> Result<T, String>,
    ) -> Option<T> {
        let given = self.given.get(register::setting(key).key)?;
        match parse(given) {
            Ok(value) => Some(value),
            Err(problem) => {
                let problem = format!("{key}: {problem}");
                self.faults.push(SettingsFault::new(given.source.clone(), problem));
                None
            }
        }
    }

    /// Whether anything was given for `key`, right or wrong.
    pub(super) fn was_given(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// Keeps a fault of `key` that only shows beside other settings.
    pub(super) fn refuse(&mut self, key: &str, problem: &str) {
        let place = self
            .given
            .get(key)
            .map_or(Source::Default, |given| given.source.clone());
        self.faults.push(SettingsFault::new(place, format!("{key}: {problem}")));
    }

    pub(super) fn sources(&self) -> BTreeMap<&'static str, Source> {
        self.given
            .iter()
            .map(|(key, given)| (*key, given.source.clone()))
            .collect()
    }

    /// The faults: of the command line and the environment first, then those of the settings file by line.
    pub(super) fn into_faults(mut self) -> Vec<SettingsFault> {
        self.faults.sort_by_key(|fault| fault.place.line());
        self.faults
    }
}
