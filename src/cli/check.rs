//! `latchkey check`: names what is wrong with an installation, and where, without changing anything.

use std::{
    fmt::{Display, Write},
    fs::{self, OpenOptions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    clock::Clock,
    keyring::Keyring,
    settings::{Database, Settings, SettingsFault, Source},
};

use super::{
    Context,
    output::{self, CommandError},
};

/// Check the settings and everything they name, and say what is wrong and where
///
/// Changes nothing. Ends with 0 when everything is in order and with 1 when there is a problem; a warning is none.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[arg(long, help = "Answer with one JSON object: in_order, warnings, problems")]
    json: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    in_order: Vec<String>,
    warnings: Vec<String>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    #[serde(rename = "where")]
    place: String,
    problem: String,
}

/// One look at one thing.
type Check = fn(&Settings, &mut Report);

const CHECKS: &[Check] = &[settings_file, company, data_folder, server_key, secret_files, warnings];

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    let report = match context.settings() {
        Ok(settings) => examine(&settings),
        Err(CommandError::Settings(faults)) => Report::of_faults(faults),
        Err(error) => return Err(error),
    };
    if arguments.json {
        output::json(&report);
    } else {
        report.print();
    }
    if report.problems.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Reported)
    }
}

fn examine(settings: &Settings) -> Report {
    let mut report = Report::default();
    for check in CHECKS {
        check(settings, &mut report);
    }
    report
}

impl Report {
    fn of_faults(faults: Vec<SettingsFault>) -> Self {
        let problems = faults.into_iter().map(|fault| Problem {
            place: fault.place.to_string(),
            problem: fault.problem,
        });
        Self {
            problems: problems.collect(),
            ..Self::default()
        }
    }

    fn problem(&mut self, place: impl Display, problem: impl Into<String>) {
        self.problems.push(Problem {
            place: place.to_string(),
            problem: problem.into(),
        });
    }

    fn print(&self) {
        for good in &self.in_order {
            output::line(format_args!("in order  {good}"));
        }
        for warning in &self.warnings {
            output::line(format_args!("warning   {warning}"));
        }
        for Problem { place, problem } in &self.problems {
            output::line(format_args!("problem   {place}: {problem}"));
        }
        output::line(match self.problems.len() {
            0 => "Everything is in order.".to_owned(),
            1 => "There is 1 problem.".to_owned(),
            count => format!("There are {count} problems."),
        });
    }
}

fn settings_file(settings: &Settings, report: &mut Report) {
    report.in_order.push(match &settings.config {
        Some(path) => format!("settings: {} and the environment", path.display()),
        None => "settings: the defaults and the environment; there is no settings file".to_owned(),
    });
}

/// The logo and the colour have been read with the settings.
fn company(settings: &Settings, report: &mut Report) {
    let company = &settings.company;
    let mut line = format!("company: {}", company.name);
    if let Some(logo) = &company.logo {
        _ = write!(line, ", logo {} ({})", logo.path.display(), logo.media_type);
    }
    if let Some(accent) = &company.accent {
        _ = write!(line, ", accent {}", accent.brand);
    }
    report.in_order.push(line);
}

fn data_folder(settings: &Settings, report: &mut Report) {
    let folder = &settings.data;
    let Some(standing) = folder.ancestors().map(or_here).find(|path| path.exists()) else {
        return report.problem(
            folder.display(),
            "no part of this path exists. Name another folder by data.",
        );
    };
    if let Err(error) = can_be_written(&standing) {
        let problem = format!("files cannot be made here ({error}). Give the folder to the user that runs latchkey.");
        return report.problem(standing.display(), problem);
    }
    if standing != or_here(folder) {
        return report
            .in_order
            .push(format!("data: {} will be made at the first start", folder.display()));
    }
    if readable_by_others(folder) {
        report.warnings.push(format!(
            "{0}: other users can read this folder; run: chmod 750 {0}",
            folder.display()
        ));
    }
    report
        .in_order
        .push(format!("data: {} can be written", folder.display()));
}

fn server_key(settings: &Settings, report: &mut Report) {
    if let Some(text) = &settings.server_key {
        match Keyring::from_text(text.expose()) {
            Ok(_) => report
                .in_order
                .push(format!("server key: from {}", settings.source("server_key"))),
            Err(error) => report.problem(
                settings.source("server_key"),
                format!("{error}. Give the whole text of the file server.key of another server."),
            ),
        }
        return;
    }
    let path = settings.key_file();
    if !path.exists() {
        return report.in_order.push(format!(
            "server key: {} will be made at the first start",
            path.display()
        ));
    }
    match Keyring::open_or_create(&path, &Clock::system()) {
        Ok(_) => report.in_order.push(format!("server key: {}", path.display())),
        Err(error) => report.problem(path.display(), error.to_string()),
    }
}

/// A password or key in a file that everybody on the machine can read is no secret.
fn secret_files(settings: &Settings, report: &mut Report) {
    let mut files: Vec<&PathBuf> = Vec::new();
    for key in ["server_key", "database"] {
        let secret = key == "server_key" || matches!(settings.database, Database::Postgres(_));
        if let (true, Source::File(path, _) | Source::VariableFile(_, path)) = (secret, settings.source(key))
            && !files.contains(&path)
        {
            files.push(path);
        }
    }
    for path in files.into_iter().filter(|path| readable_by_others(path)) {
        let warning = format!(
            "{0}: other users can read the secret in this file; run: chmod 640 {0}",
            path.display()
        );
        report.warnings.push(warning);
    }
}

fn warnings(settings: &Settings, report: &mut Report) {
    report.warnings.extend(settings.warnings());
}

/// The folder that a relative path ends in is written as the empty path.
fn or_here(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path.to_owned()
    }
}

/// Makes a file and takes it away again: permissions alone do not tell of a full or read-only disk.
fn can_be_written(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".latchkey-check-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)
}

/// Whether the path may be read, and every folder on the way to it entered, by whoever has an account on the machine.
fn readable_by_others(path: &Path) -> bool {
    let allows =
        |path: &Path, bit: u32| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & bit != 0);
    let Ok(path) = path.canonicalize() else { return false };
    allows(&path, 0o004) && path.ancestors().skip(1).all(|folder| allows(folder, 0o001))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use crate::{clock::Clock, keyring::Keyring, settings::Settings};

    use super::{Report, examine};

    fn with_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn problems(report: &Report) -> Vec<String> {
        report
            .problems
            .iter()
            .map(|found| format!("{}: {}", found.place, found.problem))
            .collect()
    }

    #[test]
    fn a_new_place_is_in_order_and_stays_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let report = examine(&Settings::for_tests(&place.path().join("a/b")));
        assert_eq!(problems(&report), [""; 0]);
        assert_eq!(report.warnings, [""; 0]);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_key_that_others_can_read_is_named() {
        let place = tempfile::tempdir().unwrap();
        let settings = Settings::for_tests(place.path());
        Keyring::open_or_create(&settings.key_file(), &Clock::system()).unwrap();
        let report = examine(&settings);
        assert_eq!(problems(&report), [""; 0]);

        with_mode(&settings.key_file(), 0o644);
        let found = problems(&examine(&settings));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("server.key") && found[0].contains("chmod 600"),
            "{found:?}"
        );
    }

    #[test]
    fn a_private_folder_hides_what_is_in_it() {
        assert!(super::readable_by_others(Path::new("/")));
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("open");
        fs::write(&file, "").unwrap();
        with_mode(&file, 0o644);
        with_mode(place.path(), 0o700);
        assert!(!super::readable_by_others(&file));
    }

    #[test]
    fn a_data_folder_that_is_a_file_is_named() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        fs::write(&path, "").unwrap();
        let found = problems(&examine(&Settings::for_tests(&path)));
        assert!(
            found[0].starts_with(&format!("{}: files cannot be made here", path.display())),
            "{found:?}"
        );
    }
}
