//! `latchkey account`: makes accounts, shows them and changes what they are.

mod act;
mod list;
mod notes;

use serde::Serialize;

use super::{
    Context,
    login::{self, password, refusal, with_app},
    output::{self, CommandError},
    reset_link,
};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        accounts::{self, NewAccount},
        sign_in,
    },
    clock::TimeZone,
    domain::{
        account::{Account, EmailAddress, Standing, Username},
        site::SiteName,
    },
    web::times::iso,
};

const TIME_ZONE_HELP: &str = "Where its days end, such as Asia/Kolkata [default: the setting time_zone]";

/// Make, show and change accounts
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    List(list::Arguments),
    /// Show one account
    Show {
        /// Username of the account
        username: Username,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
    Change(act::Change),
    Suspend(act::Suspend),
    /// End the suspension of an account: its tokens work again
    Unsuspend(act::MayHaveReason),
    /// Show where an account is signed in
    Sessions(act::Of),
    EndSessions(act::EndSessions),
    /// Show what staff noted about an account
    Notes(act::Of),
    Note(notes::WriteNote),
    /// Send an account a link to choose its password
    Invite(act::MayHaveReason),
    Remove(act::Remove),
    ResetLink(reset_link::Arguments),
    /// Let an account sign in with a new browser again after too many wrong passwords
    Unblock {
        /// Username or e-mail address of the account
        name: String,
    },
}

/// Make an account
///
/// Prints a password that is made for it, once, unless one is given on standard input.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey account create --username priya --email priya@example.com --site sunrise.example --site shop.example
  latchkey account create --username arjun --email arjun@example.com --password-stdin < password.txt")]
struct Create {
    /// What its holder signs in with: 1 to 16 of a-z and 0-9, starting with a letter
    #[arg(long)]
    username: Username,
    /// Where its holder gets mail; signs in as well
    #[arg(long)]
    email: EmailAddress,
    /// A domain of the account; can be given several times
    #[arg(long = "site", value_name = "DOMAIN")]
    sites: Vec<SiteName>,
    /// What it may do
    #[arg(long, default_value = "standard")]
    plan: String,
    #[arg(long, value_name = "ZONE", help = TIME_ZONE_HELP)]
    time_zone: Option<TimeZone>,
    #[arg(long, help = "Read the password from the first line of standard input")]
    password_stdin: bool,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    username: &'a str,
    email: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension_reason: Option<&'a str>,
    plan: &'a str,
    time_zone: &'a str,
    sites: Vec<&'a str>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn new(account: &'a Account, password: Option<&'a str>) -> Self {
        let (status, suspension_reason) = match &account.standing {
            Standing::Active => ("active", None),
            Standing::Suspended { reason, .. } => ("suspended", Some(reason.as_str())),
        };
        Self {
            id: &account.public_id,
            username: account.username.as_str(),
            email: account.email.to_string(),
            status,
            suspension_reason,
            plan: &account.plan_name,
            time_zone: &account.time_zone,
            sites: account.sites.iter().map(SiteName::as_str).collect(),
            created_at: iso(account.created_at),
            password,
        }
    }

    fn print(&self) {
        let sites = if self.sites.is_empty() {
            "none".to_owned()
        } else {
            self.sites.join(", ")
        };
        output::line(format_args!("Username   {}", self.username));
        output::line(format_args!("E-mail     {}", self.email));
        output::line(format_args!("Status     {}", self.status));
        if let Some(reason) = self.suspension_reason {
            output::line(format_args!("Reason     {reason}"));
        }
        output::line(format_args!("Plan       {}", self.plan));
        output::line(format_args!("Time zone  {}", self.time_zone));
        output::line(format_args!("Sites      {sites}"));
        if let Some(password) = self.password {
            output::line(format_args!("Password   {password}   (shown this once)"));
        }
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Create(arguments) => create(arguments, context),
        Command::List(arguments) => with_app(context, async |app| list::run(arguments, app).await),
        Command::Show { username, json } => with_app(context, async |app| show(app, username, *json).await),
        Command::Change(arguments) => with_app(context, async |app| act::change(arguments, app).await),
        Command::Suspend(arguments) => with_app(context, async |app| act::suspend(arguments, app).await),
        Command::Unsuspend(arguments) => with_app(context, async |app| act::unsuspend(arguments, app).await),
        Command::Sessions(of) => with_app(context, async |app| act::list_sessions(of, app).await),
        Command::EndSessions(arguments) => with_app(context, async |app| act::end_sessions(arguments, app).await),
        Command::Notes(of) => with_app(context, async |app| notes::list_notes(of, app).await),
        Command::Note(arguments) => with_app(context, async |app| notes::write_note(arguments, app).await),
        Command::Invite(arguments) => with_app(context, async |app| act::invite(arguments, app).await),
        Command::Remove(arguments) => with_app(context, async |app| act::remove(arguments, app).await),
        Command::ResetLink(arguments) => with_app(context, async |app| reset_link::run(arguments, false, app).await),
        Command::Unblock { name } => with_app(context, async |app| unblock(app, name).await),
    }
}

fn create(arguments: &Create, context: &Context) -> Result<(), CommandError> {
    let password = password(arguments.password_stdin)?;
    with_app(context, async |app| {
        let zone = arguments.time_zone.as_ref().unwrap_or(&app.settings.time_zone);
        let new = NewAccount {
            username: arguments.username.clone(),
            email: arguments.email.clone(),
            password: Some(password.text.clone()),
            plan: arguments.plan.clone(),
            time_zone: zone.name().to_owned(),
            sites: arguments.sites.clone(),
        };
        let made = accounts::create(app, &Caller::shell(), new).await;
        let account = match made {
            Ok(account) => account,
            Err(error) => return Err(refused(app, &error).await),
        };
        let shown = Shown::new(&account, password.is_new.then_some(password.text.as_str()));
        if arguments.json {
            output::json(&shown);
        } else {
            output::line(format_args!("The account {} was made.\n", account.username));
            shown.print();
            output::line(format_args!("Signs in   {}/sign-in", app.settings.public_url));
        }
        Ok(())
    })
}

async fn refused(app: &App, error: &AppError) -> CommandError {
    let what = "The account was not made";
    match (error, accounts::plan_names(app).await) {
        (AppError::Rule(rule), Ok(plans)) if matches!(**rule, Rule::UnknownPlan) => CommandError::Failed(format!(
            "{what}: there is no such plan. Choose with --plan from: {}.",
            plans.join(", ")
        )),
        _ => refusal(what, error),
    }
}

async fn show(app: &App, username: &Username, json: bool) -> Result<(), CommandError> {
    let found = accounts::find(app, &Caller::shell(), username).await;
    let found = found.map_err(|error| refusal("The account cannot be read", &error))?;
    let account = found.ok_or_else(|| {
        CommandError::Failed(format!(
            "There is no account {username}. See them all with: latchkey account list"
        ))
    })?;
    let shown = Shown::new(&account, None);
    if json {
        output::json(&shown);
    } else {
        shown.print();
    }
    Ok(())
}

/// For staff members too: they sign in at the same page.
pub(super) async fn unblock(app: &App, name: &str) -> Result<(), CommandError> {
    match sign_in::unblock(app, &Caller::shell(), name).await {
        Ok(()) => {
            output::line(format_args!("{name} can sign in with a new browser again."));
            Ok(())
        }
        Err(AppError::NotFound) => Err(CommandError::Failed(format!("Nobody signs in as {name}."))),
        Err(error) => Err(login::refusal("Nothing was changed", &error)),
    }
}
