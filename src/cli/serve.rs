//! `latchkey serve`: the panel on its address, until it is told to stop.

use std::{
    fs,
    io::{self, IsTerminal},
    net::TcpListener,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{
    Context, catalogue, compat,
    output::{self, CommandError},
};
use crate::{
    app::{self, App, setup, upkeep},
    clock::Clock,
    domain::secret::KeyId,
    jobs,
    keyring::Keyring,
    settings::{LogFormat, Settings},
    web::{self, serving::SideDoor},
};

/// Serve the panel
///
/// This is also what `latchkey` does without a command. SIGTERM and Ctrl+C end it once running requests are answered.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, context: &Context) -> Result<(), CommandError> {
    let mut settings = context.settings()?;
    log_to_stderr(&settings);
    let listener = listen(&settings)?;
    let bound = listener
        .local_addr()
        .map_err(|error| CommandError::because("The address cannot be read", &error))?;
    let doors = compat::bind(&mut settings)?;
    let app = open(settings.listening_on(bound))?;
    announce(&app)?;
    let doors = compat::open(&app, doors)?;
    serve_on(app, listener, doors)
}

/// Takes the address of the settings.
pub(super) fn listen(settings: &Settings) -> Result<TcpListener, CommandError> {
    TcpListener::bind(settings.listen).map_err(|error| {
        CommandError::Failed(format!(
            "Cannot listen on {}: {error}. Stop what uses the port, or name another with --listen.",
            settings.listen
        ))
    })
}

/// [`put_together`] what is needed to serve, and makes sure that no token would be refused for want of a key.
pub(super) fn open(settings: Settings) -> Result<Arc<App>, CommandError> {
    let app = put_together(settings)?;
    let missing =
        upkeep::missing_keys(&app).map_err(|error| CommandError::because("Cannot read the database", &error))?;
    if missing.is_empty() {
        return Ok(app);
    }
    let ids: Vec<&str> = missing.iter().map(KeyId::as_str).collect();
    let place = match app.settings.server_key {
        Some(_) => app.settings.source("server_key").to_string(),
        None => app.settings.key_file().display().to_string(),
    };
    Err(CommandError::Failed(format!(
        "Tokens were made under a server key that is missing: {}. Without it they would all be refused. \
         Put its line back into {place}, from the copy of the key file that belongs to this database.",
        ids.join(", ")
    )))
}

/// Opens the data folder, the keys, the catalogue and the database.
pub(super) fn put_together(settings: Settings) -> Result<Arc<App>, CommandError> {
    make_folder(&settings.data)?;
    let clock = Clock::system();
    let keyring = keyring(&settings, &clock)?;
    let catalogue = catalogue(&settings).map_err(|fault| CommandError::Settings(vec![fault]))?;
    let (store, _) = app::open_store(&settings)
        .map_err(|error| CommandError::because(format_args!("Cannot open {}", settings.database), &error))?;
    App::new(settings, store, clock, catalogue, keyring)
        .map_err(|error| CommandError::because("Cannot read the database", &error))
}

/// The server's keys: from the settings, or from the file in the data folder, made when it is not there.
pub(super) fn keyring(settings: &Settings, clock: &Clock) -> Result<Keyring, CommandError> {
    let keyring = match &settings.server_key {
        Some(text) => Keyring::from_text(text.expose()),
        None => Keyring::open_or_create(&settings.key_file(), clock).map(|(keyring, _)| keyring),
    };
    keyring.map_err(|error| CommandError::because("The server key cannot be used", &error))
}

/// What is in the data folder concerns nobody else on the machine.
pub(super) fn make_folder(path: &Path) -> Result<(), CommandError> {
    let failed =
        |error: io::Error| CommandError::Failed(format!("The data folder {} cannot be made: {error}.", path.display()));
    if path.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)
}

/// Starts the log; a second start in one process changes nothing.
pub(super) fn log_to_stderr(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // Colours are for people: whoever collects the log looks for words in it (https://no-color.org).
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(io::stderr);
    let started = match settings.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    if started.is_err() {
        tracing::debug!("the log had been started before");
    }
}

/// Says where the panel is and, while there is no administrator, how to make one.
fn announce(app: &App) -> Result<(), CommandError> {
    let settings = &app.settings;
    let url = settings.public_url.as_str();
    let config = settings.config.as_ref().map(|path| path.display().to_string());
    output::line(format_args!(
        "Latchkey {} – settings {}, data {}",
        env!("CARGO_PKG_VERSION"),
        config.as_deref().unwrap_or("by default"),
        settings.data.display()
    ));
    output::line(format_args!(
        "  Panel     {url}  (listening on {}, {} workers)",
        settings.listen, settings.workers
    ));
    output::line(format_args!("  API       {url}/api/v1"));
    for socket in &settings.compat.listen {
        output::line(format_args!("  Programs  {socket}"));
    }
    output::line(format_args!("  Database  {}", settings.database));
    output::line(format_args!("  Mail      {}", settings.mail));
    for warning in settings.warnings() {
        output::line(format_args!("  warning: {warning}"));
    }
    let code = setup::code(app).map_err(|error| CommandError::because("Cannot read the database", &error))?;
    if let Some(code) = code {
        output::line(format_args!(
            "\nNo administrator yet. Open  {url}/setup  and enter this code:\n    \
             setup code:  {code}\n\
             or run:  latchkey staff create --role admin --username NAME --email ADDRESS --name \"YOUR NAME\""
        ));
    }
    Ok(())
}

/// Serves until the process is told to stop.
pub(super) fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), CommandError> {
    serve_on(app, listener, Vec::new())
}

fn serve_on(app: Arc<App>, listener: TcpListener, doors: Vec<SideDoor>) -> Result<(), CommandError> {
    actix_web::rt::System::new()
        .block_on(async {
            let shutdown = stop_signal()?;
            let jobs = jobs::start(&app);
            let served = web::serving::run_on(Arc::clone(&app), listener, doors, shutdown).await;
            // After the last request, so that its usage is written too.
            jobs.stop(&app).await;
            served
        })
        .map_err(|error| CommandError::because("The server stopped", &error))
}

/// Ready at the first SIGTERM or Ctrl+C; a second one ends the process at once.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let again = async move |terminate: &mut tokio::signal::unix::Signal,
                                interrupt: &mut tokio::signal::unix::Signal| {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        again(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping");
        actix_web::rt::spawn(async move {
            again(&mut terminate, &mut interrupt).await;
            std::process::exit(1);
        });
    })
}
