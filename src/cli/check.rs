//! `latchkey check`: names what is wrong with an installation, and where, without changing anything.

use std::{
    error::Error,
    fmt::{Display, Write},
    fs::{self, OpenOptions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    app,
    clock::Clock,
    keyring::Keyring,
    mail::Post,
    settings::{Database, Settings, SettingsFault, Source},
    store::Shape,
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

const CHECKS: &[Check] = &[
    settings_file,
    company,
    data_folder,
    server_key,
    database,
    catalogue,
    mail,
    secret_files,
    warnings,
];

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

fn database(settings: &Settings, report: &mut Report) {
    let place = &settings.database;
    match app::inspect_store(settings) {
        Ok(Shape::Current) => report.in_order.push(format!("database: {place}")),
        Ok(Shape::New) => report.in_order.push(format!(
            "database: {place} is empty and will be set up at the first start"
        )),
        Ok(Shape::Behind(pending)) => report.in_order.push(format!(
            "database: {place} will be brought up to date at the next start ({})",
            pending.join(", ")
        )),
        Ok(Shape::Ahead(unknown)) => report.problem(
            place,
            format!(
                "a later version of latchkey has changed this database ({}). Run that version, or restore the backup \
                 from before.",
                unknown.join(", ")
            ),
        ),
        Err(error) => {
            let cause = error.source().map(|cause| format!(" ({cause})")).unwrap_or_default();
            report.problem(
                place,
                format!("{error}{cause}. Check the setting database, and that the server runs."),
            );
        }
    }
}

fn catalogue(settings: &Settings, report: &mut Report) {
    match super::catalogue(settings) {
        Ok(catalogue) => {
            let (areas, templates) = (catalogue.areas().len(), catalogue.templates().len());
            let name = settings.catalogue.as_ref().map(|path| path.display().to_string());
            let name = name.unwrap_or_else(|| "the one that is compiled in".to_owned());
            report
                .in_order
                .push(format!("catalogue: {name}, {areas} areas, {templates} templates"));
        }
        Err(fault) => report.problem(fault.place, fault.problem),
    }
}

/// Goes as far as it can without sending anything.
fn mail(settings: &Settings, report: &mut Report) {
    let place = format!("mail: {}", settings.mail);
    let post = match Post::new(&settings.mail) {
        Ok(Some(post)) => post,
        Ok(None) => return report.in_order.push(place),
        Err(error) => return report.problem("mail", error.to_string()),
    };
    match super::wait(post.check()) {
        Ok(Ok(())) => report.in_order.push(place),
        Ok(Err(error)) => report.problem(place, error.to_string()),
        Err(_) => report.problem(place, "no thread can be started to try it."),
    }
}

/// A password or key in a file that everybody on the machine can read is no secret.
fn secret_files(settings: &Settings, report: &mut Report) {
    let mut files: Vec<&PathBuf> = Vec::new();
    for key in ["server_key", "database", "mail.smtp_password"] {
        let secret = key != "database" || matches!(settings.database, Database::Postgres(_));
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
mod tests;
