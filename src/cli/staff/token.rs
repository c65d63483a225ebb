//! `latchkey staff token`: makes tokens of staff members, shows and revokes them.

use serde::Serialize;
use time::Duration;

use super::change::find;
use crate::{
    app::{
        App, AppError, Caller, Rule, staff,
        staff_tokens::{self, Created},
    },
    cli::{
        Context,
        addresses::{self, AddressArguments},
        login::with_app,
        output::{self, CommandError},
    },
    domain::{
        account::Username,
        address::AddressSet,
        policy::ExpiryRefusal,
        secret::PublicId,
        staff::StaffMember,
        staff_scope::StaffScope,
        staff_token::{StaffDraft, StaffToken},
        token::TokenName,
    },
    web::times::iso,
};

/// Make, show and revoke what programs look after accounts with, in a staff member's name
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    /// List every staff token that is not revoked, or those of one staff member
    List {
        /// Username of the staff member
        username: Option<Username>,
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Revoke a staff token: whoever has it is refused from the next request on
    Revoke {
        /// Its id: the 8 characters after lka_
        id: PublicId,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
}

/// Make a staff token and print it, once
///
/// It acts for its staff member, within their role, and is sent as a bearer token to /api/v1/. Give each program its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey staff token create asha Billing --scope accounts:read --scope accounts:create
  latchkey staff token create asha Billing --scope accounts:suspend --days 30 --address 203.0.113.7")]
struct Create {
    /// Username of the staff member
    username: Username,
    /// Which program has it: 1 to 50 characters
    name: TokenName,
    /// What it may do, any number of times, such as accounts:read
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<StaffScope>,
    #[command(flatten)]
    from: AddressArguments,
    /// It expires after so many days, 90 at most
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    days: u16,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

/// A staff token as it is printed.
#[derive(Serialize)]
pub(in crate::cli) struct Shown {
    id: PublicId,
    staff_member: String,
    name: String,
    scopes: Vec<&'static str>,
    addresses: Vec<String>,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Shown {
    pub(in crate::cli) fn new(token: &StaffToken, member: &StaffMember) -> Self {
        Self {
            id: token.public_id,
            staff_member: member.username.to_string(),
            name: token.name.to_string(),
            scopes: token.scopes.iter().map(StaffScope::as_str).collect(),
            addresses: addresses::list(&token.addresses),
            created_at: iso(token.created_at),
            expires_at: iso(token.expires_at),
            revoked_at: token.revoked_at.map(iso),
            last_used_at: token.last_use.map(|used| iso(used.at)),
            secret: None,
        }
    }

    fn print_terms(&self) {
        output::line(format_args!("Id       {}", self.id));
        output::line(format_args!("Can      {}", self.scopes.join(", ")));
        output::line(format_args!("From     {}", addresses::words(&self.addresses)));
        output::line(format_args!("Expires  {}", self.expires_at));
    }

    pub(in crate::cli) fn print(&self) {
        output::line(format_args!("Staff token {} of {}", self.name, self.staff_member));
        self.print_terms();
        if let Some(at) = &self.revoked_at {
            output::line(format_args!("Revoked  {at}"));
        }
        output::line(format_args!(
            "Used     {}",
            self.last_used_at.as_deref().unwrap_or("never")
        ));
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Create(arguments) => {
            let addresses = arguments.from.read("The staff token was not made")?;
            with_app(context, async |app| create(arguments, addresses, app).await)
        }
        Command::List { username, json } => with_app(context, async |app| list(username.as_ref(), *json, app).await),
        Command::Revoke { id, json } => with_app(context, async |app| revoke(*id, *json, app).await),
    }
}

async fn create(arguments: &Create, addresses: AddressSet, app: &App) -> Result<(), CommandError> {
    let member = find(app, &arguments.username).await?.member;
    let draft = StaffDraft {
        name: arguments.name.clone(),
        scopes: arguments.scopes.iter().copied().collect(),
        addresses,
        expires_at: app.now() + Duration::days(arguments.days.into()),
    };
    let made = staff_tokens::create(app, &Caller::shell(), member.id, draft, None).await;
    let (token, secret) = match made.map_err(|error| refusal("The staff token was not made", &error))? {
        Created::New(token, secret) => (token, secret),
        // Only a form that is sent twice has made one before.
        Created::Before(_) => return Err(CommandError::Reported),
    };
    let shown = Shown {
        secret: Some(secret.expose().to_owned()),
        ..Shown::new(&token, &member)
    };
    if arguments.json {
        output::json(&shown);
        return Ok(());
    }
    output::line(format_args!(
        "The staff token {} of {} was made.\n",
        shown.name, shown.staff_member
    ));
    shown.print_terms();
    output::line(format_args!("Secret   {}   (shown this once)", secret.expose()));
    Ok(())
}

/// Every live token with its member, in the order of the members' names.
async fn live(app: &App, username: Option<&Username>) -> Result<Vec<(StaffToken, StaffMember)>, CommandError> {
    let failed = |error: AppError| refusal("The staff tokens cannot be read", &error);
    let members = match username {
        Some(username) => vec![find(app, username).await?.member],
        None => staff::list(app, &Caller::shell()).await.map_err(failed)?,
    };
    let mut found = Vec::new();
    for member in members {
        let tokens = staff_tokens::list(app, &Caller::shell(), member.id).await;
        let tokens = tokens.map_err(failed)?.into_iter();
        found.extend(tokens.map(|token| (token, member.clone())));
    }
    Ok(found)
}

async fn list(username: Option<&Username>, json: bool, app: &App) -> Result<(), CommandError> {
    let found = live(app, username).await?;
    let shown: Vec<Shown> = found.iter().map(|(token, member)| Shown::new(token, member)).collect();
    let words = |one: &Shown| {
        format!(
            "{}  {:<16}  {:<24}  until {}  {}",
            one.id,
            one.staff_member,
            one.name,
            one.expires_at,
            one.scopes.join(" ")
        )
    };
    let empty = "There is no staff token. Make one with: latchkey staff token create";
    output::list(&shown, json, words, empty);
    Ok(())
}

async fn revoke(id: PublicId, json: bool, app: &App) -> Result<(), CommandError> {
    let what = "The staff token was not revoked";
    let ended = match staff_tokens::owner(app, &Caller::shell(), id).await {
        Ok(member) => {
            let ended = staff_tokens::revoke(app, &Caller::shell(), member.id, id).await;
            ended.map(|token| (token, member))
        }
        Err(error) => Err(error),
    };
    let (token, member) = ended.map_err(|error| refusal(what, &error))?;
    if json {
        output::json(&Shown::new(&token, &member));
    } else {
        output::line(format_args!(
            "The staff token {} of {} was revoked.",
            token.name, member.username
        ));
    }
    Ok(())
}

fn refusal(what: &str, error: &AppError) -> CommandError {
    let advice = match error {
        AppError::NotFound => "there is none with that id. “latchkey staff token list” shows them.".to_owned(),
        AppError::Denied(_) => "the staff member is deactivated.".to_owned(),
        AppError::Rule(rule) => match &**rule {
            Rule::NameTaken => {
                "the staff member has another one of that name. Choose another, or revoke that one first.".to_owned()
            }
            Rule::TooManyStaffTokens { limit } => {
                format!("the staff member has {limit}, which is the most. Revoke one first.")
            }
            Rule::RoleExcludes(scopes) => {
                let scopes: Vec<&str> = scopes.iter().map(StaffScope::as_str).collect();
                format!(
                    "only an administrator’s can have {}. Leave that out.",
                    scopes.join(", ")
                )
            }
            Rule::Expiry(ExpiryRefusal::TooLate { .. }) => "90 days are the most. Give fewer with --days.".to_owned(),
            Rule::Expiry(_) => "it would be over at once. Give at least one day with --days.".to_owned(),
            Rule::Revoked(_) => "it is revoked already.".to_owned(),
            _ => return CommandError::because(what, error),
        },
        _ => return CommandError::because(what, error),
    };
    CommandError::Failed(format!("{what}: {advice}"))
}
