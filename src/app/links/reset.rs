//! Having somebody sent a link to choose a password.

use time::PrimitiveDateTime;

use super::{Draft, EMAIL_SETTLES, address_of, link, make_in, may_send};
use crate::{
    app::{App, AppError, Caller, Rule, people::Person},
    domain::{
        audit::{Action, Change},
        link::{Link, Purpose},
        permission::{Actor, Denied},
    },
    store::{self, DbConnection, logins::Login},
};

/// A link was made.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Names the link.
    pub public_id: String,
    /// An invitation for somebody who has no password yet, or a password reset.
    pub purpose: Purpose,
    /// When it stops working.
    pub expires_at: PrimitiveDateTime,
    /// Whether it goes out by mail. If not, it is an invitation, which [`invitation`](super::invitation) shows.
    pub mailed: bool,
}

/// Sends somebody a link to choose a password: staff cannot set one. Where no mail is sent, an invitation is made for
/// whoever has no password yet, and [`Rule::MailOff`] answers for all others. [`Rule::EmailChangedRecently`] where staff
/// changed the address of somebody who has a password.
pub async fn send_reset(app: &App, caller: &Caller, person: &Person) -> Result<Sent, AppError> {
    may_send(caller, person)?;
    let draft = Draft::new(app);
    let mailed = app.sends_mail();
    let made = make(app, caller, person, draft, move |login, now| {
        let purpose = purpose_for(login);
        if purpose == Purpose::PasswordReset {
            if !mailed {
                return Err(Rule::MailOff.into());
            }
            settled(login, now)?;
        }
        Ok(purpose)
    });
    let link = made.await?;
    Ok(Sent {
        public_id: link.public_id,
        purpose: link.purpose,
        expires_at: link.expires_at,
        mailed,
    })
}

/// Makes a link to choose a password and returns its address and when it stops working: for whoever may run the program
/// on the server, and nobody else.
pub async fn print(app: &App, caller: &Caller, person: &Person) -> Result<(String, PrimitiveDateTime), AppError> {
    if caller.actor != Actor::Shell {
        return Err(Denied::Role.into());
    }
    let made = make(app, caller, person, Draft::unsent(app), |login, _| {
        Ok(purpose_for(login))
    });
    let link = made.await?;
    Ok((address_of(app, &link), link.expires_at))
}

/// What somebody needs in order to choose a password.
pub(super) fn purpose_for(login: &Login) -> Purpose {
    match login.password_hash {
        Some(_) => Purpose::PasswordReset,
        None => Purpose::Invitation,
    }
}

/// Errors while staff's change of an address is too recent.
pub(super) fn settled(login: &Login, now: PrimitiveDateTime) -> Result<(), AppError> {
    match login.email_changed_by_staff_at.map(|at| at + EMAIL_SETTLES) {
        Some(until) if until > now => Err(Rule::EmailChangedRecently { until }.into()),
        _ => Ok(()),
    }
}

async fn make(
    app: &App,
    caller: &Caller,
    person: &Person,
    draft: Draft,
    choose: impl FnOnce(&Login, PrimitiveDateTime) -> Result<Purpose, AppError> + Send + 'static,
) -> Result<Link, AppError> {
    let (caller, person) = (caller.clone(), person.clone());
    app.store
        .write(move |connection| {
            store::logins::lock(connection, person.login())?;
            let login = store::logins::find(connection, person.login())?.ok_or(AppError::NotFound)?;
            if login.holder.is_none() {
                return Err(AppError::NotFound);
            }
            let purpose = choose(&login, draft.now)?;
            make_for(connection, &caller, &person, &draft, purpose)
        })
        .await
}

/// Makes a link for somebody, with its mail and its event.
pub(super) fn make_for(
    connection: &mut DbConnection,
    caller: &Caller,
    person: &Person,
    draft: &Draft,
    purpose: Purpose,
) -> Result<Link, AppError> {
    let link = link(draft, purpose, person.login(), "");
    make_in(connection, draft, &link, person.account(), person.email())?;
    let changes = vec![Change::new("purpose", purpose)];
    let event = caller.event(
        draft.now,
        Action::PasswordLinkMade,
        person.account(),
        person.party(),
        changes,
    );
    store::audit::insert(connection, &event)?;
    Ok(link)
}
