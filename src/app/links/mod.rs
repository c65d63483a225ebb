//! Links that somebody is sent and that work once: an invitation, a password reset, a change of address; and those by
//! which a program that staff run lets a customer in.
//!
//! What makes a link work is never stored and never logged. It leaves in a mail, or on the command line; staff see it
//! only of somebody who never had a password, where no mail is sent. With a customer's reset link they could act as the
//! customer (rule 9).

mod email;
mod forgot;
mod open;
mod reset;
mod sign_in;

use time::PrimitiveDateTime;

use super::{App, AppError, Caller, people::Person};
use crate::{
    domain::{
        account::EmailAddress,
        id::{AccountId, LoginId},
        link::{Link, Purpose},
        mail::{Message, NewMail},
        permission::Act,
        secret::DigestKey,
    },
    store::{self, DbConnection, StoreError},
};

pub use self::{
    email::{Changed, NewAddress, change_email, confirm_email},
    forgot::{ask, resolve},
    open::{Opened, find, set_password},
    reset::{Sent, print, send_reset},
    sign_in::sign_in,
};
pub(super) use self::{forgot::FORGOTTEN, sign_in::sign_in_in};

/// What a new link needs and no transaction can draw: made before it.
#[derive(Clone, Debug)]
pub struct Draft {
    public_id: String,
    /// The public id of the mail; none where no mail is sent.
    mail: Option<String>,
    now: PrimitiveDateTime,
}

impl Draft {
    /// Draws a link's public id, and its mail's where mail is sent.
    pub fn new(app: &App) -> Self {
        Self {
            public_id: app.new_public_id(),
            mail: app.sends_mail().then(|| app.new_public_id()),
            now: app.now(),
        }
    }

    /// The same for a link that goes out in no mail.
    pub(super) fn unsent(app: &App) -> Self {
        Self {
            mail: None,
            ..Self::new(app)
        }
    }
}

/// Makes the link by which somebody without a password chooses one, in the transaction that makes their login, and the
/// mail that brings it where mail is sent. `account` is none for staff members. Returns the link's public id.
pub fn invite_in(
    connection: &mut DbConnection,
    draft: &Draft,
    login: LoginId,
    account: Option<AccountId>,
    recipient: &EmailAddress,
) -> Result<String, StoreError> {
    let link = link(draft, Purpose::Invitation, login, "");
    make_in(connection, draft, &link, account, recipient)?;
    Ok(link.public_id)
}

fn link(draft: &Draft, purpose: Purpose, login: LoginId, detail: &str) -> Link {
    Link {
        public_id: draft.public_id.clone(),
        purpose,
        login,
        detail: detail.to_owned(),
        expires_at: draft.now + purpose.lifetime(),
    }
}

/// Stores a link and the mail that brings it.
fn make_in(
    connection: &mut DbConnection,
    draft: &Draft,
    link: &Link,
    account: Option<AccountId>,
    recipient: &EmailAddress,
) -> Result<(), StoreError> {
    store::links::insert(connection, link, draft.now)?;
    let name = link.public_id.clone();
    let message = match link.purpose {
        Purpose::Invitation => Message::Invitation { link: name },
        Purpose::PasswordReset => Message::PasswordReset { link: name },
        Purpose::EmailChange => Message::EmailChange { link: name },
        // It lives too short for a mail.
        Purpose::SignIn => return Ok(()),
    };
    let Some(mail) = &draft.mail else { return Ok(()) };
    let new = NewMail {
        account,
        recipient: recipient.clone(),
        message,
        once_key: None,
        stale_at: Some(link.expires_at),
    };
    store::outbox::insert(connection, mail, &new, draft.now).map(drop)
}

/// The whole address of a link that still works: whoever has it can use the link. For the mail that brings it, and for
/// nothing that anybody else sees.
pub async fn address(app: &App, public_id: &str) -> Result<Option<String>, AppError> {
    let (now, public_id) = (app.now(), public_id.to_owned());
    let found = app
        .store
        .read(move |connection| store::links::find(connection, &public_id, now))
        .await?;
    Ok(found.map(|link| address_of(app, &link)))
}

pub(super) fn address_of(app: &App, link: &Link) -> String {
    format!("{}/link/{}", app.settings.public_url, link.secret(&key(app)))
}

fn key(app: &App) -> DigestKey {
    DigestKey::new(app.keyring().derive("links"))
}

/// The address of the invitation of somebody who has no password yet, for staff to hand over where no mail is sent;
/// nothing where mail is sent, or once a password was chosen, or the invitation is over.
pub async fn invitation(app: &App, caller: &Caller, person: &Person) -> Result<Option<String>, AppError> {
    may_send(caller, person)?;
    if app.sends_mail() {
        return Ok(None);
    }
    let (now, login) = (app.now(), person.login());
    let found = app
        .store
        .read(move |connection| {
            let has_password =
                store::logins::find(connection, login)?.is_none_or(|login| login.password_hash.is_some());
            if has_password {
                return Ok::<_, AppError>(None);
            }
            Ok(store::links::find_of(connection, login, Purpose::Invitation, now)?)
        })
        .await?;
    Ok(found.map(|link| address_of(app, &link)))
}

/// Errors unless the caller may have a link sent to that person.
fn may_send(caller: &Caller, person: &Person) -> Result<(), AppError> {
    caller.may(
        match person {
            Person::Customer(_) => Act::ChangeAccounts,
            Person::Staff(_) => Act::ManageStaff,
        },
        None,
    )
}

/// Gives somebody another e-mail address and ends their links, which were sent to the old one. `by_staff` keeps reset
/// links from the new address for [`EMAIL_SETTLES`]. [`Rule::EmailTaken`](super::Rule::EmailTaken).
pub fn put_email_in(
    connection: &mut DbConnection,
    person: &Person,
    email: &EmailAddress,
    by_staff: bool,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    if !store::logins::put_email(connection, person.login(), email, by_staff.then_some(now))? {
        return Err(super::Rule::EmailTaken.into());
    }
    store::links::end_all(connection, person.login())?;
    if let Some(account) = person.account() {
        store::accounts::terms::refresh(connection, account)?;
    }
    Ok(())
}

/// How long an address that staff gave to somebody with a password gets no link to set another: so long its holder has
/// to object, who was told at the old address.
pub const EMAIL_SETTLES: time::Duration = time::Duration::hours(24);
