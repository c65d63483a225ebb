//! `latchkey incident`: revokes or pauses many tokens of all accounts at once, and shows how far that is.

mod shown;

use std::time::Duration;

use time::PrimitiveDateTime;

use self::shown::{ShownPreview, ShownRun};
use super::{
    Context,
    login::{refusal, with_app},
    output::{self, CommandError},
};
use crate::{
    app::{
        App, AppError, Caller,
        runs::{self, NewRun, Started},
    },
    domain::{
        address::AddressRange,
        run::{Criteria, Run, RunKind, RunState},
        scope::Scope,
        text::Reason,
    },
    web::{pages::staff::incidents::answers::too_wide, times},
};

/// Runs that are listed.
const LISTED: i64 = 100;
/// How long `--wait` waits before it looks again while another node works.
const LOOKED: Duration = Duration::from_millis(200);

/// Revoke or pause many tokens of all accounts at once
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Preview(Preview),
    Start(Start),
    /// List what was started, the latest first
    List {
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Show how far a run is
    Show(One),
    /// Stop a run; what it has changed stays changed
    Stop(One),
}

/// Which tokens. All that are given must hold, and at least one has to be given.
#[derive(Debug, clap::Args)]
struct Which {
    /// Have a secret from before this time: 2026-11-23T14:30Z, or without the Z in the installation's time zone
    #[arg(long, value_name = "TIME")]
    issued_before: Option<String>,
    /// Hold this permission: by itself, through another that includes it, or through full access
    #[arg(long)]
    scope: Option<Scope>,
    /// Were used from this IP address or range in the last 90 days
    #[arg(long, value_name = "ADDRESS")]
    used_from: Option<AddressRange>,
}

/// Count and list the tokens without changing any
#[derive(Debug, clap::Args)]
struct Preview {
    #[command(flatten)]
    which: Which,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

/// Begin; a running server carries it out
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey incident preview --used-from 203.0.113.0/24
  latchkey incident start revoke --used-from 203.0.113.0/24 --reason \"Leaked by a supplier\" --wait
  latchkey incident start pause --issued-before 2026-11-23T14:30Z --scope dns:write --reason \"Ticket 4711\"")]
struct Start {
    /// revoke ends them for good, pause switches them off
    #[arg(value_name = "revoke|pause")]
    kind: RunKind,
    #[command(flatten)]
    which: Which,
    /// Why; the owners of the tokens read it
    #[arg(long)]
    reason: String,
    /// Begin only if no more tokens are meant than this
    #[arg(long, value_name = "COUNT")]
    at_most: Option<i64>,
    #[arg(long, help = "Work at it here until it is through")]
    wait: bool,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct One {
    /// The run, as list and start name it
    run: String,
    #[arg(long, help = "Wait until it is through or stopped, and work at it")]
    wait: bool,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| match &arguments.command {
        Command::Preview(arguments) => preview(app, arguments).await,
        Command::Start(arguments) => start(app, arguments).await,
        Command::List { json } => list(app, *json).await,
        Command::Show(one) => show(app, one).await,
        Command::Stop(one) => stop(app, one).await,
    })
}

fn failed(words: &str) -> CommandError {
    CommandError::Failed(words.to_owned())
}

/// The criteria that were given.
fn criteria(app: &App, which: &Which) -> Result<Criteria, CommandError> {
    if let Some(scope) = &which.scope
        && app.catalogue.scope(scope).is_none()
    {
        return Err(CommandError::Failed(format!(
            "The catalogue has no permission {scope}."
        )));
    }
    if let Some(words) = which.used_from.and_then(too_wide) {
        return Err(CommandError::Failed(format!("--used-from: {words}.")));
    }
    let issued_before = match &which.issued_before {
        Some(typed) => Some(instant(app, typed)?),
        None => None,
    };
    let criteria = Criteria {
        issued_before,
        scope: which.scope.clone(),
        used_from: which.used_from,
        ..Criteria::default()
    };
    if criteria.is_empty() {
        return Err(failed(
            "Say which tokens with --issued-before, --scope or --used-from. Without any, every token would be meant.",
        ));
    }
    Ok(criteria)
}

fn instant(app: &App, typed: &str) -> Result<PrimitiveDateTime, CommandError> {
    let (wall, is_utc) = typed.strip_suffix('Z').map_or((typed, false), |wall| (wall, true));
    let wall = times::parse_wall(wall).ok_or_else(|| {
        failed("--issued-before: give a time such as 2026-11-23T14:30Z, or without the Z for local time.")
    })?;
    let at = if is_utc {
        wall
    } else {
        app.settings.time_zone.instant(wall)
    };
    if at > app.now() {
        return Err(failed("--issued-before: give a time that has passed."));
    }
    Ok(at)
}

async fn preview(app: &App, arguments: &Preview) -> Result<(), CommandError> {
    let criteria = criteria(app, &arguments.which)?;
    let found = runs::preview(app, &Caller::shell(), &criteria, RunKind::Revoke).await;
    let found = found.map_err(|error| refusal("The tokens cannot be counted", &error))?;
    ShownPreview::of(&found).print(arguments.json);
    Ok(())
}

async fn start(app: &App, arguments: &Start) -> Result<(), CommandError> {
    let new = NewRun {
        public_id: app.new_public_id(),
        kind: arguments.kind,
        criteria: criteria(app, &arguments.which)?,
        reason: arguments
            .reason
            .parse::<Reason>()
            .map_err(|error| CommandError::because("Give another --reason", &error))?,
        at_most: arguments.at_most,
    };
    let started = runs::start(app, &Caller::shell(), new).await;
    let run = match started.map_err(|error| refusal("Nothing was begun", &error))? {
        Started::Run(run) => *run,
        Started::More(count) => {
            return Err(CommandError::Failed(format!(
                "Nothing was begun: {count} tokens are meant, more than --at-most."
            )));
        }
    };
    if arguments.wait {
        return finish(app, run, arguments.json).await;
    }
    ShownRun::of(&run).print(arguments.json);
    if !arguments.json {
        output::message(format_args!(
            "A running server carries it out. See how far it is with: latchkey incident show {}",
            run.public_id
        ));
    }
    Ok(())
}

/// Works at open runs until this one is through or stopped, and shows it.
async fn finish(app: &App, mut run: Run, json: bool) -> Result<(), CommandError> {
    let failed = |error: &AppError| refusal("The change of tokens was interrupted and can be gone on with", error);
    while run.state == RunState::Open {
        if runs::work(app).await.map_err(|error| failed(&error))? == 0 {
            tokio::time::sleep(LOOKED).await;
        }
        let found = runs::find(app, &Caller::shell(), run.public_id).await;
        run = found.map_err(|error| failed(&error))?;
    }
    ShownRun::of(&run).print(json);
    Ok(())
}

async fn list(app: &App, json: bool) -> Result<(), CommandError> {
    let found = runs::list(app, &Caller::shell(), None, LISTED).await;
    let found = found.map_err(|error| refusal("The runs cannot be read", &error))?;
    let shown: Vec<ShownRun<'_>> = found.iter().map(ShownRun::of).collect();
    if json {
        output::json(&shown);
        return Ok(());
    }
    for run in &shown {
        run.print_line();
    }
    if shown.is_empty() {
        output::message("Nothing was started yet. Look at the tokens first with: latchkey incident preview");
    }
    Ok(())
}

async fn show(app: &App, one: &One) -> Result<(), CommandError> {
    let run = runs::find(app, &Caller::shell(), one.run.clone()).await;
    let run = run.map_err(|error| missing(&error))?;
    if one.wait {
        return finish(app, run, one.json).await;
    }
    ShownRun::of(&run).print(one.json);
    Ok(())
}

async fn stop(app: &App, one: &One) -> Result<(), CommandError> {
    let stopped = runs::stop(app, &Caller::shell(), one.run.clone()).await;
    let (run, was_open) = stopped.map_err(|error| missing(&error))?;
    ShownRun::of(&run).print(one.json);
    if !was_open {
        return Err(failed("Nothing was stopped: it was over already."));
    }
    Ok(())
}

fn missing(error: &AppError) -> CommandError {
    match error {
        AppError::NotFound => failed("There is no such run. See all of them with: latchkey incident list"),
        error => refusal("The run cannot be read", error),
    }
}
