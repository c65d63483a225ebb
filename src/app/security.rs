//! What people do about their own sign-ins: change the password, see where they are signed in, sign out.

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::{
    App, AppError, Caller, PasswordHash, accounts,
    people::Person,
    sign_in::{account_of, confirm_password},
};
use crate::{
    domain::{
        audit::{Action, Change, Party},
        id::LoginId,
        link::Purpose,
        permission::{Act, Actor},
    },
    store::{self, StoreError, sessions::Session},
};

/// What somebody sees about their own sign-ins.
#[derive(Clone, Debug)]
pub struct Overview {
    /// When the password was last changed.
    pub password_changed_at: Option<PrimitiveDateTime>,
    /// The e-mail address that waits to be confirmed, and until when it can be.
    pub new_email: Option<(String, PrimitiveDateTime)>,
    /// Where they are signed in, the latest visit first.
    pub sessions: Vec<Session>,
}

/// A password is to be changed.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// The one that holds so far, as typed.
    pub current: Zeroizing<String>,
    /// The one that is to hold.
    pub new: Zeroizing<String>,
}

/// Where somebody is signed in, and since when the password holds.
pub async fn overview(app: &App, caller: &Caller, login: LoginId) -> Result<Overview, AppError> {
    let lifetimes = app.settings.sessions;
    let lifetime = match caller.actor {
        Actor::Staff { .. } => lifetimes.staff,
        _ => lifetimes.customer,
    };
    let now = app.now();
    app.store
        .read(move |connection| {
            let found = store::logins::find(connection, login)?.ok_or(AppError::NotFound)?;
            let (seen, begun) = (now - lifetime.idle, now - lifetime.absolute);
            let asked = store::links::find_of(connection, login, Purpose::EmailChange, now)?;
            Ok(Overview {
                new_email: asked.map(|link| (link.detail, link.expires_at)),
                password_changed_at: found.password_changed_at,
                sessions: store::sessions::list(connection, login, seen, begun)?,
            })
        })
        .await
}

/// Errors with [`Rule::WeakPassword`](super::Rule::WeakPassword) unless a password is good enough for its owner.
pub fn check_password(app: &App, owner: &Person, password: &str) -> Result<(), AppError> {
    let (username, email, name) = match owner {
        Person::Customer(account) => (&account.username, &account.email, ""),
        Person::Staff(member) => (&member.username, &member.email, member.name.as_str()),
    };
    accounts::check_password(app, password, &[username.as_str(), &email.to_string(), name])
}

/// Errors when the caller's account is suspended: it can change nothing (rule 8).
pub fn may_change_password(caller: &Caller) -> Result<(), AppError> {
    match &caller.actor {
        Actor::Account { id, .. } => caller.may(Act::ChangePreferences, Some(*id)),
        _ => Ok(()),
    }
}

/// Changes a password and ends all sessions of its owner but `session`. Returns when it was changed.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    owner: &Person,
    session: &str,
    passwords: NewPassword,
) -> Result<PrimitiveDateTime, AppError> {
    may_change_password(caller)?;
    check_password(app, owner, &passwords.new)?;
    let login = match owner {
        Person::Customer(account) => account.login,
        Person::Staff(member) => member.login,
    };
    let old = stored_hash(app, login).await?;
    confirm_password(app, caller, login, session, passwords.current).await?;
    let PasswordHash(new) = app.passwords.hash(passwords.new).await?;
    let (now, caller, session) = (app.now(), caller.clone(), session.to_owned());
    app.store
        .write(move |connection| {
            if !store::logins::change_password(connection, login, &old, &new, now)? {
                return Err(AppError::WrongPassword);
            }
            let ended = store::sessions::delete_all(connection, login, Some(&session))?;
            store::links::end_all(connection, login)?;
            let changes = vec![Change::new("sessions_ended", ended)];
            let event = caller.event(
                now,
                Action::PasswordChanged,
                account_of(&caller),
                caller.party(),
                changes,
            );
            store::audit::insert(connection, &event)?;
            Ok(now)
        })
        .await
}

async fn stored_hash(app: &App, login: LoginId) -> Result<String, AppError> {
    let found = app
        .store
        .read(move |connection| store::logins::find(connection, login))
        .await?;
    found
        .and_then(|login| login.password_hash)
        .ok_or(AppError::WrongPassword)
}

/// Ends the session that asks.
pub async fn sign_out(app: &App, caller: &Caller, login: LoginId, session: &str) -> Result<(), AppError> {
    end(app, caller, login, session, Action::SignedOut).await.map(|_| ())
}

/// Ends another session of the same login. [`AppError::NotFound`] when there is none of that public id.
pub async fn end_session(app: &App, caller: &Caller, login: LoginId, session: &str) -> Result<(), AppError> {
    if end(app, caller, login, session, Action::SessionEnded).await? {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

async fn end(app: &App, caller: &Caller, login: LoginId, session: &str, action: Action) -> Result<bool, AppError> {
    let target = Party::new("session", session, "");
    let event = caller.event(app.now(), action, account_of(caller), target, Vec::new());
    let session = session.to_owned();
    let ended = app
        .store
        .write(move |connection| {
            let ended = store::sessions::delete_one(connection, login, &session)?;
            if ended {
                store::audit::insert(connection, &event)?;
            }
            Ok(ended)
        })
        .await;
    Ok(ended.map_err(|error: StoreError| error)?)
}

/// Ends all sessions of a login but one; returns how many.
pub async fn end_other_sessions(app: &App, caller: &Caller, login: LoginId, keep: &str) -> Result<usize, AppError> {
    let (now, caller, keep) = (app.now(), caller.clone(), keep.to_owned());
    let ended = app
        .store
        .write(move |connection| {
            let ended = store::sessions::delete_all(connection, login, Some(&keep))?;
            if ended > 0 {
                let changes = vec![Change::new("sessions_ended", ended)];
                let account = account_of(&caller);
                let event = caller.event(now, Action::SessionsEnded, account, caller.party(), changes);
                store::audit::insert(connection, &event)?;
            }
            Ok(ended)
        })
        .await;
    Ok(ended.map_err(|error: StoreError| error)?)
}
