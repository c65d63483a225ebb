//! `latchkey service`: makes service credentials, shows and revokes them.

use serde::Serialize;

use super::{
    Context,
    addresses::{self, AddressArguments},
    login::with_app,
    output::{self, CommandError},
};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        services::{self, Created, NewCredential},
    },
    domain::{
        address::AddressSet,
        secret::PublicId,
        service::{ServiceCredential, ServiceName},
    },
    web::times::iso,
};

/// Make, show and revoke what hosting services and proxies ask about tokens with
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    /// List every service credential that is not revoked
    List {
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Revoke a service credential: whoever has it is refused from the next request on
    Revoke {
        /// Its id, as the list has it
        id: PublicId,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
}

/// Make a service credential and print it, once
///
/// Whoever has it can ask about every token whose secret they are shown, so give each service its own. It is sent as
/// X-Service-Credential to /authz/, and as a bearer token to /oauth/introspect.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey service create \"Backup API\"
  latchkey service create edge-1 --address 10.0.0.5 --address 10.1.0.0/16")]
struct Create {
    /// Which service or proxy has it: 1 to 50 characters
    name: ServiceName,
    #[command(flatten)]
    from: AddressArguments,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: PublicId,
    name: &'a str,
    addresses: Vec<String>,
    created_at: String,
    created_by: &'a str,
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn new(credential: &'a ServiceCredential, secret: Option<&'a str>) -> Self {
        Self {
            id: credential.public_id,
            name: credential.name.as_str(),
            addresses: addresses::list(&credential.addresses),
            created_at: iso(credential.created_at),
            created_by: &credential.created_by,
            last_used_at: credential.last_use.as_ref().map(|used| iso(used.at)),
            secret,
        }
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Create(arguments) => {
            let addresses = arguments.from.read("The service credential was not made")?;
            with_app(context, async |app| create(arguments, addresses, app).await)
        }
        Command::List { json } => with_app(context, async |app| list(*json, app).await),
        Command::Revoke { id, json } => with_app(context, async |app| revoke(*id, *json, app).await),
    }
}

async fn create(arguments: &Create, addresses: AddressSet, app: &App) -> Result<(), CommandError> {
    let new = NewCredential {
        name: arguments.name.clone(),
        addresses,
    };
    let made = services::create(app, &Caller::shell(), new, None).await;
    let (credential, secret) = match made.map_err(|error| refusal("The service credential was not made", &error))? {
        Created::New(credential, secret) => (credential, secret),
        // Only a form that is sent twice has made one before.
        Created::Before(_) => return Err(CommandError::Reported),
    };
    let shown = Shown::new(&credential, Some(secret.expose()));
    if arguments.json {
        output::json(&shown);
        return Ok(());
    }
    output::line(format_args!("The service credential {} was made.\n", shown.name));
    output::line(format_args!("Id      {}", shown.id));
    output::line(format_args!("From    {}", addresses::words(&shown.addresses)));
    output::line(format_args!("Secret  {}   (shown this once)", secret.expose()));
    Ok(())
}

async fn list(json: bool, app: &App) -> Result<(), CommandError> {
    let found = services::list(app, &Caller::shell()).await;
    let credentials = found.map_err(|error| refusal("The service credentials cannot be read", &error))?;
    let shown: Vec<Shown<'_>> = credentials.iter().map(|one| Shown::new(one, None)).collect();
    let words = |one: &Shown<'_>| {
        let used = one.last_used_at.as_deref().unwrap_or("never used");
        format!(
            "{}  {:<24}  {used}  {}",
            one.id,
            one.name,
            addresses::words(&one.addresses)
        )
    };
    let empty = "There is no service credential yet. Make one with: latchkey service create";
    output::list(&shown, json, words, empty);
    Ok(())
}

async fn revoke(id: PublicId, json: bool, app: &App) -> Result<(), CommandError> {
    let ended = services::revoke(app, &Caller::shell(), id).await;
    let credential = ended.map_err(|error| refusal("The service credential was not revoked", &error))?;
    if json {
        output::json(&Shown::new(&credential, None));
    } else {
        output::line(format_args!("The service credential {} was revoked.", credential.name));
    }
    Ok(())
}

fn refusal(what: &str, error: &AppError) -> CommandError {
    let advice = match error {
        AppError::NotFound => "there is none with that id. “latchkey service list” shows them.".to_owned(),
        AppError::Rule(rule) => match &**rule {
            Rule::NameTaken => "another one has that name. Choose another, or revoke that one first.".to_owned(),
            Rule::TooManyServices { limit } => format!("there are {limit}, which is the most. Revoke one first."),
            Rule::Revoked(_) => "it is revoked already.".to_owned(),
            _ => return CommandError::because(what, error),
        },
        _ => return CommandError::because(what, error),
    };
    CommandError::Failed(format!("{what}: {advice}"))
}
