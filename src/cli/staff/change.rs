//! `latchkey staff invite`, `change`, `deactivate` and `reactivate`.

use serde::Serialize;

use crate::{
    app::{
        App, AppError, Caller, Rule, links,
        people::Person,
        staff::{self, MemberChange, NewMember},
    },
    cli::{
        Context,
        login::{refusal, with_app},
        output::{self, CommandError},
    },
    domain::{
        account::{EmailAddress, Username},
        staff::{Role, StaffName},
    },
    store::staff::Details,
};

/// Make a staff member who chooses a password by a link
///
/// The link goes out by mail; where no mail is sent it is printed, once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  latchkey staff invite --role support --username ben --email ben@example.com --name \"Ben Okri\"")]
pub(super) struct Invite {
    /// What they sign in with: 1 to 16 of a-z and 0-9, starting with a letter
    #[arg(long)]
    username: Username,
    /// Where they get mail; signs in as well
    #[arg(long)]
    email: EmailAddress,
    /// Their name, as customers read it
    #[arg(long)]
    name: StaffName,
    /// support looks after accounts, admin also sets rules and manages staff members
    #[arg(long, value_name = "support|admin")]
    role: Role,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

/// Change a staff member's name, e-mail address or role
#[derive(Debug, clap::Args)]
pub(super) struct Change {
    /// Username of the staff member
    username: Username,
    /// Their name, as customers read it
    #[arg(long)]
    name: Option<StaffName>,
    /// Where they get mail; signs in as well
    #[arg(long)]
    email: Option<EmailAddress>,
    /// support or admin
    #[arg(long, value_name = "support|admin")]
    role: Option<Role>,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

/// One staff member by name.
#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// Username of the staff member
    username: Username,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    username: String,
    email: String,
    name: String,
    role: String,
    status: &'static str,
    changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<String>,
}

/// The staff member of that name.
pub(super) async fn find(app: &App, username: &Username) -> Result<Details, CommandError> {
    let all = staff::list_details(app, &Caller::shell()).await;
    let all = all.map_err(|error| refusal("The staff members cannot be read", &error))?;
    let found = all.into_iter().find(|details| details.member.username == *username);
    found.ok_or_else(|| {
        CommandError::Failed(format!(
            "There is no staff member {username}. See them all with: latchkey staff list"
        ))
    })
}

/// Prints a staff member as they are now.
async fn tell(app: &App, username: &Username, said: &str, changed: bool, json: bool) -> Result<(), CommandError> {
    let details = find(app, username).await?;
    let active = details.member.deactivated_at.is_none();
    let person = Person::Staff(Box::new(details.member.clone()));
    let invitation = links::invitation(app, &Caller::shell(), &person).await;
    let invitation = invitation.map_err(|error| refusal("The invitation cannot be read", &error))?;
    let member = details.member;
    let shown = Shown {
        id: member.public_id,
        username: member.username.to_string(),
        email: member.email.to_string(),
        name: member.name,
        role: member.role.to_string(),
        status: match (active, details.has_password) {
            (false, _) => "deactivated",
            (true, true) => "active",
            (true, false) => "invited",
        },
        changed,
        invitation: invitation.filter(|_| active),
    };
    if json {
        output::json(&shown);
        return Ok(());
    }
    output::line(format_args!("{said}\n"));
    output::line(format_args!("Username   {}", shown.username));
    output::line(format_args!("E-mail     {}", shown.email));
    output::line(format_args!("Name       {}", shown.name));
    output::line(format_args!("Role       {}", shown.role));
    output::line(format_args!("Status     {}", shown.status));
    if let Some(link) = shown.invitation {
        output::line(format_args!(
            "Link       {link}   (works once, until a password is chosen)"
        ));
    }
    Ok(())
}

pub(super) fn invite(arguments: &Invite, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let new = NewMember {
            username: arguments.username.clone(),
            email: arguments.email.clone(),
            name: arguments.name.clone(),
            role: arguments.role,
        };
        let made = staff::invite(app, &Caller::shell(), new).await;
        made.map_err(|error| refusal("The staff member was not invited", &error))?;
        let said = format!("The staff member {} was invited.", arguments.username);
        tell(app, &arguments.username, &said, true, arguments.json).await
    })
}

pub(super) fn change(arguments: &Change, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let member = find(app, &arguments.username).await?.member;
        let kept = member.name.parse::<StaffName>();
        let name = arguments.name.clone().map_or(kept, Ok);
        let name =
            name.map_err(|error| CommandError::because("Give the staff member another name with --name", &error))?;
        let to = MemberChange {
            name,
            email: arguments.email.clone().unwrap_or(member.email),
            role: arguments.role.unwrap_or(member.role),
        };
        let done = staff::change(app, &Caller::shell(), &member.public_id, None, to).await;
        let changed = done.map_err(|error| refused("The staff member was not changed", &error))?;
        let said = if changed {
            "The staff member was changed."
        } else {
            "Nothing was different, so nothing was changed."
        };
        tell(app, &arguments.username, said, changed, arguments.json).await
    })
}

pub(super) fn deactivate(arguments: &Named, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let member = find(app, &arguments.username).await?.member;
        let done = staff::deactivate(app, &Caller::shell(), &member.public_id).await;
        let ended = done.map_err(|error| refused("The staff member was not deactivated", &error))?;
        let said = format!("The staff member was deactivated; sessions that ended with it: {ended}.");
        tell(app, &arguments.username, &said, true, arguments.json).await
    })
}

pub(super) fn reactivate(arguments: &Named, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let member = find(app, &arguments.username).await?.member;
        let done = staff::reactivate(app, &Caller::shell(), &member.public_id).await;
        done.map_err(|error| refused("The staff member was not reactivated", &error))?;
        tell(
            app,
            &arguments.username,
            "The staff member can sign in again.",
            true,
            arguments.json,
        )
        .await
    })
}

fn refused(what: &str, error: &AppError) -> CommandError {
    let AppError::Rule(rule) = error else {
        return refusal(what, error);
    };
    match **rule {
        Rule::LastAdministrator => CommandError::Failed(format!(
            "{what}: this is the last administrator who can sign in. Make another first."
        )),
        Rule::AlreadySo => CommandError::Failed(format!("{what}: it is so already.")),
        _ => refusal(what, error),
    }
}
