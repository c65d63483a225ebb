//! `latchkey account reset-link` and `latchkey staff reset-link`: prints a link by which somebody chooses a password.

use serde::Serialize;

use super::{
    login::refusal,
    output::{self, CommandError},
};
use crate::{
    app::{App, Caller, links, people, people::Person},
    domain::{account::Username, text::Reason},
    web::times::iso,
};

/// Print a link by which they choose a password; it works once
///
/// Whoever has the link can sign in with it: hand it to nobody but its owner. Links that were made before stop working.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What they sign in with
    username: Username,
    /// Why, for the record; the holder of an account reads it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    username: &'a str,
    link: &'a str,
    expires_at: String,
}

/// Prints a link for somebody; `staff` says of which kind they have to be.
pub(super) async fn run(arguments: &Arguments, staff: bool, app: &App) -> Result<(), CommandError> {
    let mut caller = Caller::shell();
    if let Some(text) = &arguments.reason {
        let reason = text.parse::<Reason>();
        let reason = reason.map_err(|error| CommandError::because("The reason cannot be kept", &error))?;
        caller = caller.because(reason);
    }
    let what = "No link was made";
    let username = &arguments.username;
    let found = people::find_by_username(app, &caller, username).await;
    let found = found.map_err(|error| refusal(what, &error))?;
    let person = found.filter(|person| matches!(person, Person::Staff(_)) == staff);
    let person = person.ok_or_else(|| {
        let (kind, list) = if staff {
            ("staff member", "staff")
        } else {
            ("account", "account")
        };
        CommandError::Failed(format!(
            "There is no {kind} {username}. See them all with: latchkey {list} list"
        ))
    })?;
    let made = links::print(app, &caller, &person).await;
    let (link, expires_at) = made.map_err(|error| refusal(what, &error))?;
    if arguments.json {
        output::json(&Shown {
            username: username.as_str(),
            link: &link,
            expires_at: iso(expires_at),
        });
        return Ok(());
    }
    output::line(format_args!(
        "Whoever opens this link chooses the password of {username}.\n"
    ));
    output::line(format_args!("{link}\n"));
    output::line(format_args!("It works once, until {}.", iso(expires_at)));
    Ok(())
}
