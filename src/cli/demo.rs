//! `latchkey demo`: the panel with made-up data, on a database of its own, to look around in.

use std::{fs, io, path::Path, sync::Arc};

use serde::Serialize;

use super::{
    Context,
    output::{self, CommandError},
    serve,
};
use crate::{
    app::{
        self, App,
        demo::{self, DemoPerson, DemoToken, Part},
    },
    catalogue::Catalogue,
    clock::Clock,
    settings::{Database, Settings, Source},
    store::Store,
};

/// Serve the panel with made-up data to look around in
///
/// The data are in the folder demo of the data folder and are made anew at each start; with --database they go into
/// that database, which has to be empty. Prints whom to sign in as.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[arg(long, help = "Print one JSON object on one line: url, accounts, staff, tokens")]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    url: &'a str,
    accounts: Vec<Person<'a>>,
    staff: Vec<Person<'a>>,
    tokens: Vec<Token<'a>>,
}

#[derive(Serialize)]
struct Person<'a> {
    username: &'a str,
    password: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct Token<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    let settings = own_database(context.settings()?)?;
    serve::log_to_stderr(&settings);
    let listener = serve::listen(&settings)?;
    let bound = listener
        .local_addr()
        .map_err(|error| CommandError::because("The address cannot be read", &error))?;
    let app = open(settings.listening_on(bound))?;
    let tokens = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::because("The demo cannot start", &error))?
        .block_on(demo::seed(&app))
        .map_err(|error| CommandError::because("The made-up data cannot be written", &error))?;
    if arguments.json {
        output::json(&printed(&app, &tokens));
    } else {
        announce(&app, &tokens);
    }
    serve::serve(app, listener)
}

/// The settings with a data folder and, unless one is named, a new database of the demo's own.
fn own_database(mut settings: Settings) -> Result<Settings, CommandError> {
    settings.data.push("demo");
    serve::make_folder(&settings.data)?;
    if *settings.source("database") == Source::Default {
        let path = settings.data.join("demo.db");
        remove(&path).map_err(|error| {
            CommandError::Failed(format!(
                "The last demo's database {} cannot be removed: {error}.",
                path.display()
            ))
        })?;
        settings.database = Database::Sqlite(path);
    }
    Ok(settings)
}

/// Removes a SQLite database with all its files.
fn remove(path: &Path) -> io::Result<()> {
    for file in Store::sqlite_files(path) {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Opens the demo's database. The tokens have the scopes of the catalogue that is compiled in.
fn open(settings: Settings) -> Result<Arc<App>, CommandError> {
    let clock = Clock::system();
    let keyring = serve::keyring(&settings, &clock)?;
    let failed = |error| CommandError::because(format_args!("Cannot open {}", settings.database), &error);
    let (store, _) = app::open_store(&settings).map_err(failed)?;
    if !demo::claim(&store, &clock).map_err(failed)? {
        return Err(CommandError::Failed(format!(
            "{} has accounts already, and a demo writes only into an empty database. Name another with --database, or \
             leave the option out.",
            settings.database
        )));
    }
    App::new(settings, store, clock, Catalogue::built_in(), keyring)
        .map_err(|error| CommandError::because("Cannot read the database", &error))
}

fn printed<'a>(app: &'a App, tokens: &'a [DemoToken]) -> Printed<'a> {
    let (customers, staff): (Vec<&DemoPerson>, Vec<&DemoPerson>) = app
        .demo_people()
        .iter()
        .partition(|person| matches!(person.part, Part::Customer | Part::NewCustomer));
    let people = |all: Vec<&'a DemoPerson>| {
        let person = |person: &'a DemoPerson| Person {
            username: &person.username,
            password: &person.password,
            email: &person.email,
        };
        all.into_iter().map(person).collect()
    };
    let token = |token: &'a DemoToken| Token {
        name: &token.name,
        secret: token.secret.as_ref().map(|secret| secret.as_str()),
    };
    Printed {
        url: app.settings.public_url.as_str(),
        accounts: people(customers),
        staff: people(staff),
        tokens: tokens.iter().map(token).collect(),
    }
}

fn announce(app: &App, tokens: &[DemoToken]) {
    let url = app.settings.public_url.as_str();
    output::line(format_args!(
        "Latchkey {} – a demo: everything in it is made up, and is gone at the next start",
        env!("CARGO_PKG_VERSION")
    ));
    output::line(format_args!("  Panel    {url}\n  Data     {}\n", app.settings.database));
    output::line("Sign in as");
    for person in app.demo_people() {
        let what = match person.part {
            Part::Customer => "a customer with tokens of every kind",
            Part::NewCustomer => "a customer who has no token yet",
            Part::Support => "a support staff member",
            Part::Admin => "an administrator",
        };
        output::line(format_args!("  {:<8} {}   {what}", person.username, person.password));
    }
    for token in tokens {
        if let Some(secret) = &token.secret {
            output::line(format_args!(
                "\nAsk what the token “{}” may do\n  curl -H 'Authorization: Bearer {}' {url}/api/v1/token",
                token.name,
                secret.as_str()
            ));
        }
    }
    for warning in app.settings.warnings() {
        output::line(format_args!("  warning: {warning}"));
    }
}
