//! `latchkey account change`, `suspend`, `remove` ...: what staff do to one account, at the server's shell.

use serde::Serialize;

use super::Shown;
use crate::{
    app::{
        App, AppError, Caller, Rule,
        accounts::{self, change, remove, sessions, suspend},
        links,
        people::Person,
    },
    cli::{
        login,
        output::{self, CommandError},
    },
    domain::{
        account::{Account, EmailAddress, Username},
        link::Purpose,
        site::SiteName,
        text::Reason,
    },
    web::{times::iso, words},
};

/// Change an account's user name, e-mail address, plan or sites
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey account change priya --username priyanka --reason 'She married'
  latchkey account change priya --site shop.example --site blog.example")]
pub(super) struct Change {
    #[command(flatten)]
    of: Of,
    /// What its holder signs in with from now on
    #[arg(long = "username", value_name = "NEW")]
    new_username: Option<Username>,
    /// Where its holder gets mail from now on
    #[arg(long)]
    email: Option<EmailAddress>,
    /// Name of its plan
    #[arg(long)]
    plan: Option<String>,
    /// A domain of the account; given several times, all its sites, the main one first
    #[arg(long = "site", value_name = "DOMAIN")]
    sites: Vec<SiteName>,
    /// Why; the customer reads it
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
}

/// Which account, and how to answer.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// Username of the account
    #[arg(value_name = "USERNAME")]
    account: Username,
    #[arg(long, help = "Answer with one JSON value")]
    pub(super) json: bool,
}

/// Suspend an account: its tokens are refused and its sessions end
#[derive(Debug, clap::Args)]
pub(super) struct Suspend {
    #[command(flatten)]
    of: Of,
    /// Why; the customer reads it
    #[arg(long, value_name = "TEXT")]
    reason: Reason,
}

/// Something that may have a reason.
#[derive(Debug, clap::Args)]
pub(super) struct MayHaveReason {
    #[command(flatten)]
    of: Of,
    /// Why; the customer reads it
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
}

/// End all sessions of an account, or one
#[derive(Debug, clap::Args)]
pub(super) struct EndSessions {
    #[command(flatten)]
    of: Of,
    /// Only the one with this id, as `latchkey account sessions` shows it
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Why; the customer reads it
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
}

/// Remove an account for good: its tokens are revoked, its names and sites are free for others
#[derive(Debug, clap::Args)]
pub(super) struct Remove {
    #[command(flatten)]
    of: Of,
    /// The username once more: this cannot be undone
    #[arg(long, value_name = "USERNAME")]
    confirm: String,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: Reason,
}

fn caller(reason: Option<&Reason>) -> Caller {
    let shell = Caller::shell();
    reason.map_or_else(|| shell.clone(), |reason| shell.because(reason.clone()))
}

pub(super) async fn find(app: &App, of: &Of) -> Result<Account, CommandError> {
    let found = accounts::find(app, &Caller::shell(), &of.account).await;
    let found = found.map_err(|error| CommandError::because("The account cannot be read", &error))?;
    found.ok_or_else(|| {
        CommandError::Failed(format!(
            "There is no account {}. See them all with: latchkey account list",
            of.account
        ))
    })
}

/// Why nothing was changed.
pub(super) fn refusal(error: &AppError) -> CommandError {
    let what = "Nothing was changed";
    let AppError::Rule(rule) = error else {
        return match error {
            AppError::NotFound => CommandError::Failed(format!("{what}: there is no such thing any more.")),
            _ => login::refusal(what, error),
        };
    };
    let why = match &**rule {
        Rule::AlreadySo => "the account is so already.",
        Rule::AccountChanged => "somebody else changed the account just now. Look at it and try again.",
        Rule::UnknownPlan => "there is no such plan.",
        Rule::MailOff => "no mail is sent. Print a link with: latchkey account reset-link",
        Rule::EmailChangedRecently { .. } => "the e-mail address was changed less than 24 hours ago.",
        _ => return login::refusal(what, error),
    };
    CommandError::Failed(format!("{what}: {why}"))
}

pub(super) fn answer(of: &Of, value: &impl Serialize, text: impl std::fmt::Display) {
    if of.json {
        output::json(value);
    } else {
        output::line(text);
    }
}

pub(super) async fn change(arguments: &Change, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let caller = caller(arguments.reason.as_ref());
    let before = change::current(app, &caller, &account).await;
    let before = before.map_err(|error| refusal(&error))?;
    let mut after = before.clone();
    if let Some(username) = &arguments.new_username {
        after.username = username.clone();
    }
    if let Some(email) = &arguments.email {
        after.email = email.clone();
    }
    if let Some(plan) = &arguments.plan {
        after.plan.clone_from(plan);
    }
    if !arguments.sites.is_empty() {
        after.sites.clone_from(&arguments.sites);
    }
    let name = after.username.clone();
    let ids = (account.id, account.login);
    let changed = change::change(app, &caller, ids, &before.version(), after).await;
    let changed = changed.map_err(|error| refusal(&error))?;
    let account = accounts::find(app, &caller, &name).await;
    let account = account.map_err(|error| refusal(&error))?;
    let account = account.ok_or_else(|| refusal(&AppError::NotFound))?;
    let text = if changed {
        format!("The account {name} was changed.")
    } else {
        "Nothing was different, so nothing was changed.".to_owned()
    };
    answer(&arguments.of, &Shown::new(&account, None), text);
    Ok(())
}

#[derive(Serialize)]
struct Ended {
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<usize>,
    sessions: usize,
}

pub(super) async fn suspend(arguments: &Suspend, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let effect = suspend::suspend(app, &caller(Some(&arguments.reason)), account.id).await;
    let effect = effect.map_err(|error| refusal(&error))?;
    let ended = Ended {
        username: account.username.to_string(),
        tokens: usize::try_from(effect.tokens).ok(),
        sessions: effect.sessions,
    };
    let text = format!(
        "The account {} was suspended: {} stopped, {} ended.",
        account.username,
        words::counted(effect.tokens, "token"),
        counted(effect.sessions, "session")
    );
    answer(&arguments.of, &ended, text);
    Ok(())
}

fn counted(count: usize, one: &str) -> String {
    words::counted(i64::try_from(count).unwrap_or(i64::MAX), one)
}

pub(super) async fn unsuspend(arguments: &MayHaveReason, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let done = suspend::unsuspend(app, &caller(arguments.reason.as_ref()), account.id).await;
    done.map_err(|error| refusal(&error))?;
    let account = find(app, &arguments.of).await?;
    let text = format!("The suspension of {} was ended.", account.username);
    answer(&arguments.of, &Shown::new(&account, None), text);
    Ok(())
}

#[derive(Serialize)]
struct ShownSession {
    id: String,
    browser: String,
    address: String,
    signed_in_at: String,
    last_seen_at: String,
}

pub(super) async fn list_sessions(of: &Of, app: &App) -> Result<(), CommandError> {
    let account = find(app, of).await?;
    let found = sessions::list(app, &Caller::shell(), &account).await;
    let found = found.map_err(|error| CommandError::because("The sessions cannot be read", &error))?;
    let shown: Vec<ShownSession> = found
        .into_iter()
        .map(|session| ShownSession {
            browser: words::browser(&session.browser),
            address: session.address,
            signed_in_at: iso(session.created_at),
            last_seen_at: iso(session.last_seen_at),
            id: session.public_id,
        })
        .collect();
    if of.json {
        output::json(&shown);
        return Ok(());
    }
    for session in &shown {
        output::line(format_args!(
            "{}  {}  {:<39}  {}",
            session.id, session.last_seen_at, session.address, session.browser
        ));
    }
    if shown.is_empty() {
        output::message(format_args!("{} is signed in nowhere.", account.username));
    }
    Ok(())
}

pub(super) async fn end_sessions(arguments: &EndSessions, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let caller = caller(arguments.reason.as_ref());
    let ended = match &arguments.session {
        Some(session) => sessions::end(app, &caller, &account, session).await.map(|()| 1),
        None => sessions::end_all(app, &caller, &account).await,
    };
    let ended = Ended {
        username: account.username.to_string(),
        tokens: None,
        sessions: ended.map_err(|error| refusal(&error))?,
    };
    let text = format!("{} of {} ended.", counted(ended.sessions, "session"), account.username);
    answer(&arguments.of, &ended, text);
    Ok(())
}

pub(super) async fn remove(arguments: &Remove, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    if arguments.confirm != account.username.as_str() {
        return Err(CommandError::Failed(format!(
            "Nothing was changed: to remove this account, add --confirm {}",
            account.username
        )));
    }
    let removed = remove::remove(app, &caller(Some(&arguments.reason)), account.id).await;
    let removed = removed.map_err(|error| refusal(&error))?;
    let ended = Ended {
        username: account.username.to_string(),
        tokens: Some(removed.tokens),
        sessions: removed.sessions,
    };
    let text = format!(
        "The account {} was removed: {} revoked, {} ended.",
        account.username,
        counted(removed.tokens, "token"),
        counted(removed.sessions, "session")
    );
    answer(&arguments.of, &ended, text);
    Ok(())
}

#[derive(Serialize)]
struct Invited {
    username: String,
    email: String,
    mailed: bool,
    /// Absent where it went out by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    expires_at: String,
}

pub(super) async fn invite(arguments: &MayHaveReason, app: &App) -> Result<(), CommandError> {
    let account = find(app, &arguments.of).await?;
    let person = Person::Customer(Box::new(account.clone()));
    let caller = caller(arguments.reason.as_ref());
    let sent = links::send_reset(app, &caller, &person).await;
    let sent = sent.map_err(|error| refusal(&error))?;
    let link = links::invitation(app, &caller, &person).await;
    let link = link.map_err(|error| refusal(&error))?;
    let what = match sent.purpose {
        Purpose::Invitation => "An invitation",
        _ => "A link to choose another password",
    };
    let text = match &link {
        Some(link) => format!(
            "No mail is sent. Hand this link to the holder of {}, and to nobody else:\n{link}",
            account.username
        ),
        None => format!("{what} was sent to {}.", account.email),
    };
    let value = Invited {
        username: account.username.to_string(),
        email: account.email.to_string(),
        mailed: sent.mailed,
        expires_at: iso(sent.expires_at),
        link,
    };
    answer(&arguments.of, &value, text);
    Ok(())
}
