//! Lays the command line over the environment over the settings file.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::{
    Flags, ReadFile, SettingsFault,
    fault::Source,
    file,
    register::{self, Fallback, REGISTER, Setting},
    values::Given,
};

/// The settings file that is read from the data folder when no other is named.
const DEFAULT_FILE: &str = "latchkey.toml";
/// Names the settings file; not a setting, so it cannot stand in the file.
const CONFIG_VARIABLE: &str = "LATCHKEY_CONFIG";
/// What the test scripts pass to the tests; the program has no use for it.
const TEST_PREFIX: &str = "LATCHKEY_TEST_";

/// What was found, before any of it is understood.
pub(super) struct Gathered {
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) config: Option<PathBuf>,
    pub(super) faults: Vec<SettingsFault>,
}

pub(super) fn gather(flags: &Flags, env: impl Iterator<Item = (String, String)>, read_file: ReadFile<'_>) -> Gathered {
    let env: BTreeMap<String, String> = env.filter(|(name, _)| name.starts_with("LATCHKEY_")).collect();
    let mut faults = unknown_variables(&env);
    let mut given = BTreeMap::new();
    for setting in REGISTER {
        match from_environment(setting, &env, read_file) {
            Ok(Some(value)) => _ = given.insert(setting.key, value),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    for (key, flag, value) in [
        ("listen", "--listen", &flags.listen),
        ("data", "--data", &flags.data),
        ("database", "--database", &flags.database),
    ] {
        if let Some(value) = value {
            let source = Source::Flag(flag);
            given.insert(register::setting(key).key, Given::new(value, source));
        }
    }
    let config = match read_settings_file(flags, &env, &given, read_file) {
        Ok(Some(found)) => {
            for (key, value) in file::read(&found.path, &found.text, &mut faults) {
                if key == "data" && !found.named {
                    let problem = "data: this file was found in the data folder, so it cannot name another. Remove the line, \
                                   or name the file with --config.";
                    faults.push(SettingsFault::new(value.source, problem));
                } else {
                    given.entry(key).or_insert(value);
                }
            }
            Some(found.path)
        }
        Ok(None) => None,
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    Gathered { given, config, faults }
}

fn unknown_variables(env: &BTreeMap<String, String>) -> Vec<SettingsFault> {
    env.keys()
        .filter(|name| *name != CONFIG_VARIABLE && !name.starts_with(TEST_PREFIX))
        .filter(|name| {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            !REGISTER.iter().any(|setting| setting.variable() == name)
        })
        .map(|name| {
            let nearest = register::nearest(name, "LATCHKEY_", Setting::variable);
            let problem = format!("there is no such setting. {nearest}");
            SettingsFault::new(Source::Variable(name.clone()), problem)
        })
        .collect()
}

/// An empty variable counts as not set, as compose files pass on what is not set; an empty secret is a mistake.
fn from_environment(
    setting: &Setting,
    env: &BTreeMap<String, String>,
    read_file: ReadFile<'_>,
) -> Result<Option<Given>, SettingsFault> {
    let name = setting.variable();
    let file_name = format!("{name}_FILE");
    match (env.get(&name), env.get(&file_name)) {
        (Some(_), Some(_)) => Err(SettingsFault::new(
            Source::Variable(name.clone()),
            format!("{file_name} is set too. Keep one of the two."),
        )),
        (Some(value), None) if value.trim().is_empty() => {
            if setting.secret {
                let problem = "is empty. Give it its value, or remove the variable.";
                return Err(SettingsFault::new(Source::Variable(name), problem));
            }
            Ok(None)
        }
        (Some(value), None) => Ok(Some(Given::new(value, Source::Variable(name)))),
        (None, Some(path)) => {
            let source = Source::VariableFile(file_name, PathBuf::from(path));
            let text = read_text(Path::new(path), read_file)
                .map_err(|error| SettingsFault::new(source.clone(), cannot_read(&error)))?;
            if text.trim().is_empty() {
                return Err(SettingsFault::new(
                    source,
                    "the file is empty. Write the value into it.",
                ));
            }
            Ok(Some(Given::new(&text, source)))
        }
        (None, None) => Ok(None),
    }
}

struct SettingsFile {
    path: PathBuf,
    text: String,
    /// Whether somebody named it, or it was found in the data folder.
    named: bool,
}

/// A file that was named must be there; the one in the data folder need not.
fn read_settings_file(
    flags: &Flags,
    env: &BTreeMap<String, String>,
    given: &BTreeMap<&'static str, Given>,
    read_file: ReadFile<'_>,
) -> Result<Option<SettingsFile>, SettingsFault> {
    let named = match (&flags.config, env.get(CONFIG_VARIABLE)) {
        (Some(path), _) => Some((path, Source::Flag("--config"))),
        (None, Some(path)) if !path.trim().is_empty() => Some((path, Source::Variable(CONFIG_VARIABLE.to_owned()))),
        _ => None,
    };
    if let Some((path, source)) = named {
        return match read_text(Path::new(path), read_file) {
            Ok(text) => Ok(Some(SettingsFile {
                path: PathBuf::from(path),
                text,
                named: true,
            })),
            Err(error) => Err(SettingsFault::new(source, format!("{path}: {}", cannot_read(&error)))),
        };
    }
    let Fallback::Text(default_data) = register::setting("data").fallback else {
        unreachable!("the data folder has a default in the register")
    };
    let path = given
        .get("data")
        .map_or_else(|| PathBuf::from(default_data), Given::path)
        .join(DEFAULT_FILE);
    match read_text(&path, read_file) {
        Ok(text) => Ok(Some(SettingsFile {
            path,
            text,
            named: false,
        })),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(SettingsFault::new(Source::File(path, None), cannot_read(&error))),
    }
}

fn read_text(path: &Path, read_file: ReadFile<'_>) -> io::Result<String> {
    String::from_utf8(read_file(path)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

fn cannot_read(error: &io::Error) -> String {
    format!("the file cannot be read ({error}). Check its path and its permissions.")
}
