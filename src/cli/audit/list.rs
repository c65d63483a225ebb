//! `latchkey audit list` and `latchkey audit export`: what happened, on the screen or as a file.

use std::str::FromStr;

use time::{Duration, PrimitiveDateTime, Time};

use crate::{
    app::{
        App, AppError, Caller,
        audit::search::{self, Wanted},
    },
    cli::{
        Context,
        login::{refusal, with_app},
        output::{self, CommandError},
    },
    clock::TimeZone,
    domain::audit::Action,
    store::audit::search::{Filter, Found},
    web::{
        csv,
        pages::staff::audit::file,
        times,
        words::{self, Reader},
    },
};

/// Which events.
#[derive(Debug, clap::Args)]
struct Filters {
    /// Only those of this account: its username, e-mail address or id
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Only what this one did: the username, e-mail address or id of a staff member, a username, or a token's name
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only this, such as token.revoked, or all of an area, such as token; can be given several times
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<Actions>,
    /// Only from this instant on: a day such as 2026-11-23, or 2026-11-23T12:00:00Z; in UTC
    #[arg(long, value_name = "TIME", value_parser = beginning)]
    since: Option<PrimitiveDateTime>,
    /// Only before this instant; a day is included
    #[arg(long, value_name = "TIME", value_parser = end)]
    until: Option<PrimitiveDateTime>,
}

/// One action, or those of an area.
#[derive(Clone, Debug)]
struct Actions(String, Vec<Action>);

impl FromStr for Actions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let of_area = |action: &&Action| action.code().split('.').next() == Some(text) || action.code() == text;
        let actions: Vec<Action> = Action::ALL.iter().filter(of_area).copied().collect();
        if actions.is_empty() {
            let mut areas: Vec<&str> = Action::ALL
                .iter()
                .filter_map(|it| it.code().split('.').next())
                .collect();
            areas.sort_unstable();
            areas.dedup();
            return Err(format!("there is no such action; the areas are {}", areas.join(", ")));
        }
        Ok(Self(text.to_owned(), actions))
    }
}

const TIMES: &str = "write a day such as 2026-11-23, or an instant such as 2026-11-23T12:00:00Z";

fn beginning(text: &str) -> Result<PrimitiveDateTime, &'static str> {
    let day = times::parse_day(text).map(|day| PrimitiveDateTime::new(day, Time::MIDNIGHT));
    day.or_else(|| times::parse_iso(text)).ok_or(TIMES)
}

fn end(text: &str) -> Result<PrimitiveDateTime, &'static str> {
    let whole_day = if times::parse_day(text).is_some() {
        Duration::DAY
    } else {
        Duration::ZERO
    };
    Ok(beginning(text)? + whole_day)
}

impl Filters {
    async fn understand(&self, app: &App) -> Result<Filter, CommandError> {
        let wanted = Wanted {
            account: self.account.clone(),
            actor: self.actor.clone(),
            actions: self.actions.iter().flat_map(|actions| actions.1.clone()).collect(),
            since: self.since,
            until: self.until,
            ..Wanted::default()
        };
        match search::understand(app, &Caller::shell(), wanted).await {
            Err(AppError::NotFound) => Err(CommandError::Failed(format!(
                "There is no account {}. List them with: latchkey account list",
                self.account.as_deref().unwrap_or_default()
            ))),
            other => other.map_err(|error| refusal("The events cannot be read", &error)),
        }
    }

    /// What stands in the event about an export.
    fn in_words(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.account.iter().map(|name| format!("account={name}")));
        words.extend(self.actor.iter().map(|name| format!("actor={name}")));
        words.extend(self.actions.iter().map(|actions| format!("action={}", actions.0)));
        words.extend(self.since.iter().map(|at| format!("since={}", times::iso(*at))));
        words.extend(self.until.iter().map(|at| format!("until={}", times::iso(*at))));
        words.join("&")
    }
}

/// List what happened, latest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey audit list --account priya --since 2026-11-01
  latchkey audit list --action token.revoked --action account --limit 200")]
pub(super) struct List {
    #[command(flatten)]
    filters: Filters,
    /// As many events at most
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    limit: usize,
    #[arg(long, help = "Answer with one JSON array")]
    json: bool,
}

/// Write what happened to standard output, all of it, latest first
///
/// Opens safely in a spreadsheet. The export is an event itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey audit export --format csv --since 2026-01-01 --until 2026-12-31 > audit-2026.csv
  latchkey audit export --format jsonl --account priya > priya.jsonl")]
pub(super) struct Export {
    /// A table, or one JSON object a line
    #[arg(long, value_name = "csv|jsonl")]
    format: Format,
    #[command(flatten)]
    filters: Filters,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

pub(super) fn list(arguments: &List, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let filter = arguments.filters.understand(app).await?;
        let found = page(app, &filter, None, arguments.limit).await?;
        if arguments.json {
            output::json(&found.iter().map(file::line).collect::<Vec<_>>());
            return Ok(());
        }
        for found in &found {
            output::line(in_words(app, found));
        }
        if found.is_empty() {
            output::message("Nothing like that has happened.");
        }
        Ok(())
    })
}

async fn page(
    app: &App,
    filter: &Filter,
    before: Option<crate::domain::id::EventId>,
    limit: usize,
) -> Result<Vec<Found>, CommandError> {
    let found = search::list(app, &Caller::shell(), filter, before, limit).await;
    found.map_err(|error| refusal("The events cannot be read", &error))
}

/// On one line, with nothing in it that could move a terminal's cursor.
fn in_words(app: &App, found: &Found) -> String {
    let words = words::event_words(&app.catalogue, &TimeZone::default(), Reader::Staff, &found.event);
    let account = found.account.as_ref().map_or("-", |account| &account.username);
    let mut text = format!(
        "{:>6}  {}  {account:<16}  {}; {}",
        found.event.id.0,
        words.at.iso,
        words.what(),
        words.who,
    );
    if !words.address.is_empty() {
        text = format!("{text}, from {}", words.address);
    }
    for change in &words.changes {
        text = format!("{text}; {}", change.line());
    }
    if let Some(reason) = &words.reason {
        text = format!("{text}; reason: {reason}");
    }
    text.chars().filter(|letter| !letter.is_control()).collect()
}

pub(super) fn export(arguments: &Export, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let filter = arguments.filters.understand(app).await?;
        let format = match arguments.format {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
        };
        let noted = search::note_export(app, &Caller::shell(), format, &arguments.filters.in_words()).await;
        noted.map_err(|error| refusal("Nothing was exported", &error))?;
        if matches!(arguments.format, Format::Csv) {
            output::bytes(&csv::lines([file::COLUMNS]));
        }
        let mut before = None;
        loop {
            let found = page(app, &filter, before, csv::BATCH).await?;
            match arguments.format {
                Format::Csv => output::bytes(&csv::lines(found.iter().map(|found| file::row(app, found)))),
                Format::Jsonl => output::bytes(&file::lines(&found)),
            }
            let Some(last) = found.last().filter(|_| found.len() == csv::BATCH) else {
                return Ok(());
            };
            before = Some(last.event.id);
        }
    })
}
