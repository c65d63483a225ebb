//! `latchkey token`: shows the tokens of accounts, says whose a token is that was found, and stops tokens as staff do.
//! Never a secret.

mod shown;

use std::io::{self, Read};

use zeroize::Zeroizing;

use self::shown::{Shown, ShownWhole, print_found};
use super::{
    Context,
    login::with_app,
    output::{self, CommandError},
};
use crate::{
    app::{
        App, AppError, Caller, Rule, accounts, reuse,
        tokens::{
            bulk, identify, leaked,
            list::{self, Selection},
            pause, revoke, shorten,
        },
    },
    clock::TimeZone,
    domain::{account::Username, secret::PublicId, text::Reason, token::PausedBy},
    store::tokens::{Filter, KnownToken},
    web::times,
};

/// Most characters that are read from standard input.
const MOST: u64 = 64 * 1024;

/// Show tokens, identify them and stop them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey token list --account priya
  latchkey token identify < found.txt
  latchkey token revoke Ab12Cd34 --leaked --reason 'Found in a public repository'
  latchkey token shorten Ab12Cd34 --until 2026-12-31 --reason 'The contract ends'")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the tokens of an account
    List {
        /// Username of the account
        #[arg(long)]
        account: Username,
        /// Revoked ones of the last 90 days instead of those that are not
        #[arg(long)]
        revoked: bool,
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Show one token
    Show {
        /// Its id: the 8 characters after lk_
        id: PublicId,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
    /// Say whose the tokens in a text are, which is read from standard input and kept nowhere
    Identify {
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Switch tokens off until they are resumed from here or by staff
    Pause(Change),
    /// Switch tokens on again
    Resume(Change),
    /// Let tokens end sooner
    Shorten {
        #[command(flatten)]
        change: Change,
        /// Last day, as year-month-day, to its end in the account's time zone
        #[arg(long, value_name = "DATE")]
        until: String,
    },
    /// End tokens for good
    Revoke {
        #[command(flatten)]
        change: Change,
        /// Somebody else had them: their holders are told so, and what to do
        #[arg(long)]
        leaked: bool,
    },
    /// End every token of an account for good
    RevokeAll {
        /// Username of the account
        #[arg(long)]
        account: Username,
        /// Why; the customer reads it
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
}

/// Which tokens, and why.
#[derive(Debug, clap::Args)]
struct Change {
    /// Their ids: the 8 characters after lk_
    #[arg(required = true)]
    ids: Vec<PublicId>,
    /// Why; the customer reads it
    #[arg(long, value_name = "TEXT")]
    reason: Reason,
    #[arg(long, help = "Answer with one JSON array")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::List { account, revoked, json } => {
            with_app(context, async |app| list(app, account, *revoked, *json).await)
        }
        Command::Show { id, json } => with_app(context, async |app| show(app, *id, *json).await),
        Command::Identify { json } => with_app(context, async |app| identify(app, *json).await),
        Command::Pause(sent) => change(context, sent, "paused", async |app, caller, known| {
            pause::pause(app, caller, known.token.account, known.token.public_id).await
        }),
        Command::Resume(sent) => change(context, sent, "resumed", async |app, caller, known| {
            pause::resume(app, caller, known.token.account, known.token.public_id).await
        }),
        Command::Shorten { change: sent, until } => {
            let Some(day) = times::parse_day(until) else {
                return Err(CommandError::Failed(
                    "Write --until as year, month and day, such as 2026-12-31.".to_owned(),
                ));
            };
            change(context, sent, "shortened", async |app, caller, known| {
                let zone: TimeZone = known.time_zone.parse().unwrap_or_default();
                let (owner, id) = (known.token.account, known.token.public_id);
                shorten::shorten(app, caller, owner, id, zone.end_of_day(day)).await
            })
        }
        Command::Revoke { change: sent, leaked } => change(context, sent, "revoked", async |app, caller, known| {
            let (owner, id) = (known.token.account, known.token.public_id);
            if *leaked {
                leaked::report(app, caller, owner, id).await
            } else {
                revoke::revoke(app, caller, owner, id).await
            }
        }),
        Command::RevokeAll { account, reason, json } => {
            with_app(context, async |app| revoke_all(app, account, reason, *json).await)
        }
    }
}

async fn account_named(app: &App, username: &Username) -> Result<crate::domain::account::Account, CommandError> {
    let found = accounts::find(app, &Caller::shell(), username).await;
    let found = found.map_err(|error| CommandError::because("The account cannot be read", &error))?;
    found.ok_or_else(|| {
        CommandError::Failed(format!(
            "There is no account {username}. See them all with: latchkey account list"
        ))
    })
}

async fn list(app: &App, username: &Username, revoked: bool, json: bool) -> Result<(), CommandError> {
    let (account, caller) = (account_named(app, username).await?, Caller::shell());
    let selection = Selection {
        filter: if revoked { Filter::Revoked } else { Filter::All },
        ..Selection::default()
    };
    let read = async {
        let ids = list::ids(app, &caller, account.id, selection).await?;
        list::by_ids(app, &caller, account.id, ids).await
    };
    let tokens = read
        .await
        .map_err(|error| CommandError::because("The tokens cannot be read", &error))?;
    let (now, suspended) = (app.now(), account.is_suspended());
    let shown: Vec<Shown> = tokens
        .iter()
        .map(|token| Shown::of(token, account.username.as_str(), suspended, now))
        .collect();
    if json {
        output::json(&shown);
        return Ok(());
    }
    for token in &shown {
        token.print_line();
    }
    if shown.is_empty() {
        output::message(format_args!("{username} has no such token."));
    }
    Ok(())
}

/// The token with this id, whoever's it is.
async fn known(app: &App, id: PublicId) -> Result<KnownToken, CommandError> {
    match identify::find_anyones(app, &Caller::shell(), id).await {
        Ok(known) => Ok(known),
        Err(AppError::NotFound) => Err(CommandError::Failed(format!("No token has the id {id}."))),
        Err(error) => Err(CommandError::because("The token cannot be read", &error)),
    }
}

async fn show(app: &App, id: PublicId, json: bool) -> Result<(), CommandError> {
    let known = known(app, id).await?;
    let reuse = reuse::of_token(app, &Caller::shell(), &known.token).await;
    let reuse = reuse.map_err(|error| CommandError::because("The token cannot be read", &error))?;
    let shown = ShownWhole::of(&known, &reuse, app.now());
    if json {
        output::json(&shown);
    } else {
        shown.print();
    }
    Ok(())
}

async fn identify(app: &App, json: bool) -> Result<(), CommandError> {
    let mut text = Zeroizing::new(String::new());
    let read = io::stdin().lock().take(MOST).read_to_string(&mut text);
    read.map_err(|error| CommandError::because("Standard input cannot be read as text", &error))?;
    let found = identify::identify(app, &Caller::shell(), &text).await;
    let found = found.map_err(|error| CommandError::because("The text cannot be looked at", &error))?;
    if found.is_empty() {
        return Err(CommandError::Failed(
            "No token of ours stands in the text. A token has 50 characters and begins with lk_; a staff member’s has 51 and \
             begins with lka_."
                .to_owned(),
        ));
    }
    print_found(&found, app.now(), json);
    Ok(())
}

/// Changes each of the tokens, in a transaction of its own; fails when any could not be changed.
fn change(
    context: &Context,
    sent: &Change,
    verb: &str,
    work: impl AsyncFn(&App, &Caller, &KnownToken) -> Result<(), AppError>,
) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let caller = Caller::shell().because(sent.reason.clone());
        let (mut shown, mut failed) = (Vec::new(), false);
        for id in &sent.ids {
            let before = known(app, *id).await?;
            match work(app, &caller, &before).await {
                Ok(()) => shown.push(Shown::of_known(&known(app, *id).await?, app.now())),
                Err(error) => {
                    failed = true;
                    output::message(format_args!("{id} was not {verb}: {}", why_not(&error)));
                }
            }
        }
        if sent.json {
            output::json(&shown);
        } else {
            for token in &shown {
                output::line(format_args!(
                    "{} “{}” of {} was {verb}.",
                    token.id, token.name, token.account
                ));
            }
        }
        if failed { Err(CommandError::Reported) } else { Ok(()) }
    })
}

fn why_not(error: &AppError) -> String {
    let AppError::Rule(rule) = error else {
        return error.to_string();
    };
    match &**rule {
        Rule::Revoked(at) => format!("it was revoked on {}.", times::iso(*at)),
        Rule::Paused(Some(PausedBy::Owner)) => "its holder has paused it already.".to_owned(),
        Rule::Paused(Some(PausedBy::Staff)) => "staff have paused it already.".to_owned(),
        Rule::Paused(None) => "it is not paused.".to_owned(),
        Rule::AlreadySo => "it ends no later than that. Give an earlier day.".to_owned(),
        Rule::Expiry(_) => "that day is past. Give one from today on.".to_owned(),
        Rule::Changed(_) => "it was changed meanwhile. Try again.".to_owned(),
        _ => error.to_string(),
    }
}

async fn revoke_all(app: &App, username: &Username, reason: &Reason, json: bool) -> Result<(), CommandError> {
    let account = account_named(app, username).await?;
    let caller = Caller::shell().because(reason.clone());
    let outcome = bulk::revoke_all(app, &caller, account.id).await;
    let outcome = outcome.map_err(|error| CommandError::because("Nothing was revoked", &error))?;
    if json {
        let ids: Vec<String> = outcome.done.iter().map(|token| token.public_id.to_string()).collect();
        output::json(&ids);
        return Ok(());
    }
    for token in &outcome.done {
        output::line(format_args!("{} “{}” was revoked.", token.public_id, token.name));
    }
    if outcome.done.is_empty() {
        output::message(format_args!("{username} has no token that is not revoked."));
    }
    Ok(())
}
