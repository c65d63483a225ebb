//! `latchkey staff`: makes staff members, changes and shows them; [`token`]: their tokens.

mod change;
pub(super) mod token;

use serde::Serialize;

use super::{
    Context, account,
    login::{password, refusal, with_app},
    output::{self, CommandError},
    reset_link,
};
use crate::{
    app::{
        App, Caller,
        staff::{self, NewStaffMember},
    },
    domain::{
        account::{EmailAddress, Username},
        staff::{Role, StaffMember},
    },
};

/// Make, change and show staff members
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    Invite(change::Invite),
    Change(change::Change),
    /// Sign a staff member out everywhere and keep them out
    Deactivate(change::Named),
    /// Let a deactivated staff member sign in again
    Reactivate(change::Named),
    /// List every staff member
    List {
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    Token(token::Arguments),
    ResetLink(reset_link::Arguments),
    /// Let a staff member sign in with a new browser again after too many wrong passwords
    Unblock {
        /// Username or e-mail address of the staff member
        name: String,
    },
}

/// Make a staff member; the first administrator closes the setup page
///
/// Prints a password that is made for them, once, unless one is given on standard input.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey staff create --role admin --username asha --email asha@example.com --name \"Asha Rao\"
  latchkey staff create --role support --username ben --email ben@example.com --name Ben --password-stdin < password.txt")]
struct Create {
    /// What they sign in with: 1 to 16 of a-z and 0-9, starting with a letter
    #[arg(long)]
    username: Username,
    /// Where they get mail; signs in as well
    #[arg(long)]
    email: EmailAddress,
    /// Their name, as customers read it
    #[arg(long)]
    name: String,
    /// support looks after accounts, admin also sets rules and manages staff members
    #[arg(long, value_name = "support|admin")]
    role: Role,
    #[arg(long, help = "Read the password from the first line of standard input")]
    password_stdin: bool,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    username: &'a str,
    email: String,
    name: &'a str,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Create(arguments) => create(arguments, context),
        Command::Invite(arguments) => change::invite(arguments, context),
        Command::Change(arguments) => change::change(arguments, context),
        Command::Deactivate(arguments) => change::deactivate(arguments, context),
        Command::Reactivate(arguments) => change::reactivate(arguments, context),
        Command::List { json } => with_app(context, async |app| list(app, *json).await),
        Command::Token(arguments) => token::run(arguments, context),
        Command::ResetLink(arguments) => with_app(context, async |app| reset_link::run(arguments, true, app).await),
        Command::Unblock { name } => with_app(context, async |app| account::unblock(app, name).await),
    }
}

fn create(arguments: &Create, context: &Context) -> Result<(), CommandError> {
    let name = arguments.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(CommandError::Failed(
            "The staff member was not made: give a name of 1 to 80 characters with --name.".to_owned(),
        ));
    }
    let password = password(arguments.password_stdin)?;
    with_app(context, async |app| {
        let new = NewStaffMember {
            username: arguments.username.clone(),
            email: arguments.email.clone(),
            name: name.to_owned(),
            role: arguments.role,
            password: password.text.clone(),
        };
        let made = staff::create(app, &Caller::shell(), new).await;
        made.map_err(|error| refusal("The staff member was not made", &error))?;
        let shown = Shown {
            username: arguments.username.as_str(),
            email: arguments.email.to_string(),
            name,
            role: arguments.role.to_string(),
            status: None,
            password: password.is_new.then_some(password.text.as_str()),
        };
        if arguments.json {
            output::json(&shown);
            return Ok(());
        }
        output::line(format_args!("The staff member {} was made.\n", shown.username));
        output::line(format_args!("Username   {}", shown.username));
        output::line(format_args!("E-mail     {}", shown.email));
        output::line(format_args!("Role       {}", shown.role));
        if let Some(password) = shown.password {
            output::line(format_args!("Password   {password}   (shown this once)"));
        }
        output::line(format_args!("Signs in   {}/sign-in", app.settings.public_url));
        Ok(())
    })
}

async fn list(app: &App, json: bool) -> Result<(), CommandError> {
    let found = staff::list(app, &Caller::shell()).await;
    let members = found.map_err(|error| refusal("The staff members cannot be read", &error))?;
    if json {
        output::json(&members.iter().map(shown).collect::<Vec<_>>());
        return Ok(());
    }
    for member in members.iter().map(shown) {
        output::line(format_args!(
            "{:<16}  {:<7}  {:<11}  {:<24}  {}",
            member.username,
            member.role,
            member.status.unwrap_or_default(),
            member.name,
            member.email
        ));
    }
    if members.is_empty() {
        output::message("There is no staff member yet. Make one with: latchkey staff create");
    }
    Ok(())
}

fn shown(member: &StaffMember) -> Shown<'_> {
    Shown {
        username: member.username.as_str(),
        email: member.email.to_string(),
        name: &member.name,
        role: member.role.to_string(),
        status: Some(if member.deactivated_at.is_some() {
            "deactivated"
        } else {
            "active"
        }),
        password: None,
    }
}
