//! Changing one's own e-mail address.

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::{Draft, Opened, link, make_in, put_email_in};
use crate::{
    app::{
        App, AppError, Caller, Rule, people, people::Person, security, sign_in::confirm_password, throttle::Buckets,
    },
    domain::{
        account::EmailAddress,
        audit::{Action, Change},
        link::Purpose,
    },
    store::{self, DbConnection},
};

/// What became of a wish for another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is changed: no mail is sent, so that nothing can be confirmed.
    Now,
    /// A link was sent to the new address, which is taken once it is confirmed there.
    OnceConfirmed {
        /// Until when the link works.
        until: PrimitiveDateTime,
    },
}

/// A new e-mail address, and the password, as typed: it is asked for every time (ASVS 5.0 7.5.1).
#[derive(Clone, Debug)]
pub struct NewAddress {
    /// The address.
    pub email: EmailAddress,
    /// The password.
    pub password: Zeroizing<String>,
}

/// Changes the caller's own e-mail address, or sends the new one a link where mail is sent.
///
/// [`AppError::WrongPassword`]; [`Rule::AlreadySo`] for the address that they have; [`Rule::EmailTaken`];
/// [`AppError::TooManyTries`] after ten in an hour, each of which could send mail to a stranger.
pub async fn change_email(
    app: &App,
    caller: &Caller,
    person: &Person,
    session: &str,
    new: NewAddress,
) -> Result<Changed, AppError> {
    security::may_change_password(caller)?;
    confirm_password(app, caller, person.login(), session, new.password).await?;
    Buckets::of_new_addresses(app, person.login()).take(app).await?;
    let (draft, mailed) = (Draft::new(app), app.sends_mail());
    let (caller, login, email) = (caller.clone(), person.login(), new.email);
    app.store
        .write(move |connection| {
            store::logins::lock(connection, login)?;
            let person = people::holder(connection, login)?.ok_or(AppError::NotFound)?;
            if person.email().to_string() == email.to_string() {
                return Err(Rule::AlreadySo.into());
            }
            if store::logins::has_email(connection, login, &email)? {
                return Err(Rule::EmailTaken.into());
            }
            if !mailed {
                put(connection, &caller, &person, &email, draft.now)?;
                return Ok(Changed::Now);
            }
            let link = link(&draft, Purpose::EmailChange, login, &email.to_string());
            make_in(connection, &draft, &link, person.account(), &email)?;
            Ok(Changed::OnceConfirmed { until: link.expires_at })
        })
        .await
}

/// Takes the address that a link was sent to. The password is asked for: somebody who was sent the link by a slip of the
/// keyboard must not be able to make the address theirs.
///
/// [`Rule::LinkOver`] when the link was used or ended meanwhile; [`Rule::EmailTaken`] when the address was.
pub async fn confirm_email(
    app: &App,
    caller: &Caller,
    opened: &Opened,
    password: Zeroizing<String>,
) -> Result<(), AppError> {
    let email: EmailAddress = opened.new_email().ok_or(Rule::LinkOver)?;
    let caller = Caller {
        actor: opened.person.actor(),
        ..caller.clone()
    };
    security::may_change_password(&caller)?;
    confirm_password(app, &caller, opened.link.login, &opened.link.public_id, password).await?;
    let (now, link) = (app.now(), opened.link.clone());
    app.store
        .write(move |connection| {
            store::logins::lock(connection, link.login)?;
            if !store::links::take(connection, &link, now)? {
                return Err(Rule::LinkOver.into());
            }
            let person = people::holder(connection, link.login)?.ok_or(Rule::LinkOver)?;
            put(connection, &caller, &person, &email, now)
        })
        .await
}

fn put(
    connection: &mut DbConnection,
    caller: &Caller,
    person: &Person,
    email: &EmailAddress,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    put_email_in(connection, person, email, false, now)?;
    let changes = Change::between("email", person.email(), email).into_iter().collect();
    let event = caller.event(now, Action::EmailChanged, person.account(), person.party(), changes);
    Ok(store::audit::insert(connection, &event)?)
}
