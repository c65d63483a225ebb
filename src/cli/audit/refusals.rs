//! `latchkey audit refusals`: failed sign-ins and refusals, counted by the hour.

use serde::Serialize;

use crate::{
    app::{Caller, refusals},
    cli::{
        Context,
        login::{refusal, with_app},
        output::{self, CommandError},
    },
    domain::refused::RefusedCount,
    web::{pages::staff::audit::refusals as page, times},
};

/// List failed sign-ins and refusals, counted by the hour, latest first
///
/// A name is shown only when somebody has it: people type passwords into the wrong field.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// As many at most
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    limit: usize,
    #[arg(long, help = "Answer with one JSON array")]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    hour: String,
    kind: &'a str,
    name: &'a str,
    address: &'a str,
    tries: i64,
    last: String,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let counts = refusals::list(app, &Caller::shell(), None, None, arguments.limit).await;
        let counts = counts.map_err(|error| refusal("The refusals cannot be read", &error))?;
        if arguments.json {
            output::json(&counts.iter().map(shown).collect::<Vec<_>>());
            return Ok(());
        }
        for count in &counts {
            let kind = count.key.kind.parse().ok();
            output::line(format_args!(
                "{}  {:>6} times  {}: {}  {}",
                times::iso(count.last_at),
                count.tries,
                kind.map_or("Something else was refused", page::words),
                page::who(kind, &count.key.subject),
                count.key.address,
            ));
        }
        if counts.is_empty() {
            output::message("Nothing was refused.");
        }
        Ok(())
    })
}

fn shown(count: &RefusedCount) -> Shown<'_> {
    Shown {
        hour: times::iso(count.key.hour),
        kind: &count.key.kind,
        name: &count.key.subject,
        address: &count.key.address,
        tries: count.tries,
        last: times::iso(count.last_at),
    }
}
