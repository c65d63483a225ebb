//! Using a link.

use zeroize::Zeroizing;

use super::{LoginId, key};
use crate::{
    app::{App, AppError, Caller, PasswordHash, Rule, people, people::Person, security, sign_in},
    domain::{
        account::EmailAddress,
        audit::{Action, Change},
        link::{self, Link, Purpose},
    },
    store,
};

/// A link that works, and whose it is.
#[derive(Clone, Debug)]
pub struct Opened {
    pub(super) link: Link,
    /// Whose password or address it is about.
    pub person: Person,
}

impl Opened {
    /// What the link is for.
    pub fn purpose(&self) -> Purpose {
        self.link.purpose
    }

    /// The address that the link makes theirs.
    pub fn new_email(&self) -> Option<EmailAddress> {
        let is_change = self.purpose() == Purpose::EmailChange;
        is_change.then(|| self.link.detail.parse().ok()).flatten()
    }

    fn login(&self) -> LoginId {
        self.link.login
    }
}

/// Looks at the link whose address ends in `secret`, without using it. [`Rule::LinkOver`] for every reason why it does
/// not work: it is none of ours, was used, was replaced, is over, or its owner can no longer sign in.
pub async fn find(app: &App, secret: &str) -> Result<Opened, AppError> {
    let over = || AppError::from(Rule::LinkOver);
    let (now, key, secret) = (app.now(), key(app), Zeroizing::new(secret.to_owned()));
    app.store
        .read(move |connection| {
            let name = link::public_id(&secret).ok_or_else(over)?;
            let link = store::links::find(connection, name, now)?;
            let link = link.filter(|link| link.opens_with(&secret, &key)).ok_or_else(over)?;
            let person = people::holder(connection, link.login)?.ok_or_else(over)?;
            Ok(Opened { link, person })
        })
        .await
}

/// Sets the password that somebody chose with an invitation or a reset link, ends all their sessions and all their
/// links, and forgets the wrong passwords that strangers gave for them.
///
/// [`Rule::WeakPassword`] leaves the link as it is; [`Rule::LinkOver`] when somebody else was faster.
pub async fn set_password(
    app: &App,
    caller: &Caller,
    opened: &Opened,
    password: Zeroizing<String>,
) -> Result<(), AppError> {
    if !matches!(opened.purpose(), Purpose::Invitation | Purpose::PasswordReset) {
        return Err(Rule::LinkOver.into());
    }
    security::check_password(app, &opened.person, &password)?;
    let PasswordHash(hash) = app.passwords.hash(password).await?;
    let strangers = sign_in::strangers(app, opened.login());
    let (now, caller, opened) = (app.now(), caller.clone(), opened.clone());
    app.store
        .write(move |connection| {
            if !store::links::take(connection, &opened.link, now)? {
                return Err(Rule::LinkOver.into());
            }
            let person = people::holder(connection, opened.login())?.ok_or(Rule::LinkOver)?;
            store::logins::put_password(connection, opened.login(), &hash, Some(now))?;
            let ended = store::sessions::delete_all(connection, opened.login(), None)?;
            store::links::end_all(connection, opened.login())?;
            strangers.reset(connection)?;
            let changes = vec![
                Change::new("purpose", opened.purpose()),
                Change::new("sessions_ended", ended),
            ];
            let caller = Caller {
                actor: person.actor(),
                ..caller
            };
            let event = caller.event(now, Action::PasswordSet, person.account(), person.party(), changes);
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}
