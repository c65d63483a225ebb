//! `latchkey mail`: try whether mail works, see what waits, try it again.

use serde::Serialize;
use time::PrimitiveDateTime;

use super::{
    Context,
    output::{self, CommandError},
    serve,
};
use crate::{
    app::{App, AppError, Caller, Rule, mail},
    domain::{account::EmailAddress, token::Expiry},
};

/// Try whether mail works, list what waits, or try it again
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Send a mail at once and say what the server said
    Test {
        /// Where it goes
        #[arg(value_name = "ADDRESS")]
        address: EmailAddress,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the mail that waits or was given up, the latest first
    List {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Let the running server try everything again now that waits or was given up
    Retry {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    let app = serve::put_together(context.settings()?)?;
    match &arguments.command {
        Command::Test { address, json } => test(&app, address, *json),
        Command::List { json } => list(&app, *json),
        Command::Retry { json } => retry(&app, *json),
    }
}

#[derive(Serialize)]
struct Tested {
    sent: bool,
    answer: String,
}

fn test(app: &App, address: &EmailAddress, json: bool) -> Result<(), CommandError> {
    let answer = super::wait(mail::send_test(app, &Caller::shell(), address))?.map_err(|error| match error {
        AppError::Rule(rule) if matches!(*rule, Rule::MailOff) => {
            CommandError::Failed("Mail is off. Set mail.transport to smtp or file.".to_owned())
        }
        other => CommandError::because("No mail was sent", &other),
    })?;
    let (sent, answer) = match answer {
        Ok(answer) => (true, answer),
        Err(error) => (false, error.to_string()),
    };
    if json {
        output::json(&Tested { sent, answer });
    } else if sent {
        output::line(format_args!("Sent to {address}: {answer}"));
    } else {
        output::message(format_args!("Not sent to {address}: {answer}"));
    }
    if sent { Ok(()) } else { Err(CommandError::Reported) }
}

#[derive(Serialize)]
struct ListedMail {
    id: String,
    to: String,
    kind: &'static str,
    written_at: String,
    next_try_at: Option<String>,
    given_up: bool,
    tries: i32,
    error: Option<String>,
}

fn list(app: &App, json: bool) -> Result<(), CommandError> {
    let failed = |error: AppError| CommandError::because("Cannot read the database", &error);
    let mails = super::wait(mail::list(app, &Caller::shell()))?.map_err(failed)?;
    let iso = |at: PrimitiveDateTime| Expiry::At(at).to_string();
    let rows: Vec<ListedMail> = mails
        .into_iter()
        .map(|mail| ListedMail {
            id: mail.public_id,
            to: mail.recipient,
            kind: mail.kind,
            written_at: iso(mail.created_at),
            next_try_at: mail.due_at.map(iso),
            given_up: mail.due_at.is_none(),
            tries: mail.tries,
            error: mail.last_error,
        })
        .collect();
    if json {
        output::json(&rows);
        return Ok(());
    }
    if rows.is_empty() {
        output::line("No mail waits, and none was given up.");
    }
    for row in rows {
        let state = match &row.next_try_at {
            Some(at) => format!("next try {at}"),
            None => "given up".to_owned(),
        };
        let tries = match row.tries {
            1 => "1 try".to_owned(),
            tries => format!("{tries} tries"),
        };
        let error = row.error.map(|error| format!("  {error}")).unwrap_or_default();
        output::line(format_args!(
            "{}  {}  {}  {state}  {tries}{error}",
            row.written_at, row.kind, row.to
        ));
    }
    Ok(())
}

#[derive(Serialize)]
struct Retried {
    mails: usize,
}

fn retry(app: &App, json: bool) -> Result<(), CommandError> {
    let failed = |error: AppError| CommandError::because("Nothing was changed", &error);
    let mails = super::wait(mail::retry(app, &Caller::shell()))?.map_err(failed)?;
    if json {
        output::json(&Retried { mails });
    } else {
        output::line(match mails {
            1 => "1 mail is tried again now.".to_owned(),
            count => format!("{count} mails are tried again now."),
        });
    }
    Ok(())
}
