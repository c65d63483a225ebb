//! Signing in, and giving the password again.

use std::net::IpAddr;

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::{
    App, AppError, Caller, PasswordHash, Passwords, devices, people, people::Person, refusals::count_signed_in,
    throttle::Buckets,
};
use crate::{
    domain::{
        audit::{Action, Change, Party},
        id::{AccountId, LoginId},
        mail::NEW_BROWSER,
        password::MAX_LENGTH,
        permission::{Act, Actor},
        refused::RefusedKind,
    },
    store::{
        self,
        logins::{Holder, Login},
    },
};

/// Somebody tries to sign in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// A user name or an e-mail address, as typed.
    pub name: String,
    /// The password, as typed.
    pub password: Zeroizing<String>,
    /// What the browser keeps of earlier sign-ins; empty when it keeps nothing.
    pub device: String,
    /// From where.
    pub address: IpAddr,
    /// With which browser, as it names itself, shortened.
    pub browser: String,
    /// The request; names it in the log and in the audit.
    pub request_id: String,
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Who.
    pub person: Person,
    /// Their login.
    pub login: LoginId,
    /// The public id that their new session is to have.
    pub session: String,
    /// What the browser is to keep of this sign-in.
    pub device: String,
    /// When the password was given.
    pub at: PrimitiveDateTime,
    /// When that password was set: no other session outlives it.
    pub password_set_at: Option<PrimitiveDateTime>,
}

/// Signs somebody in.
///
/// [`AppError::WrongPassword`] for every reason why it is not to be, after the same work; [`AppError::TooManyTries`]
/// before any work; [`AppError::Busy`] when too many sign in at once.
pub async fn sign_in(app: &App, attempt: Attempt) -> Result<Admitted, AppError> {
    let (login, buckets) = recognise(app, &attempt).await?;
    admit(app, &attempt, login, buckets).await
}

/// Somebody gave their password with a call.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// Who.
    pub person: Person,
    /// When the password was given.
    pub at: PrimitiveDateTime,
}

/// Whether somebody is who they say, for a single call that carries the password and begins no session: slowed down,
/// refused and counted as [`sign_in`] is. It is noted as the login's last sign-in and not as an event: a program calls
/// often, and what it changes is an event of its own. For the same reason a right password does not count against the
/// place that it comes from, while not too many of them come.
pub async fn recognise_once(app: &App, attempt: Attempt) -> Result<Recognised, AppError> {
    let (login, buckets) = recognise(app, &attempt).await?;
    let at = app.now();
    let hash = login.password_hash.unwrap_or_default();
    let calls = Buckets::of_calls(app, login.id);
    let person = app
        .store
        .write(move |connection| {
            if calls.take_here(connection, at)?.is_none() {
                buckets.give_back_pace(connection, at)?;
            }
            if !store::logins::record_sign_in(connection, login.id, &hash, at)? {
                return Err(AppError::WrongPassword);
            }
            buckets.reset(connection)?;
            people::holder(connection, login.id)?.ok_or(AppError::WrongPassword)
        })
        .await?;
    Ok(Recognised { person, at })
}

/// The login whose password was given, and where the tries for it are counted.
async fn recognise(app: &App, attempt: &Attempt) -> Result<(Login, Buckets), AppError> {
    let name = attempt.name.clone();
    let found = app
        .store
        .read(move |connection| store::logins::find_by_name(connection, &name))
        .await?;
    let buckets = buckets(app, attempt, found.as_ref());
    let known = found.as_ref().map(|login| login.username.clone());
    let count = |kind| {
        let at = app.now();
        app.refusals.count(kind, known.as_deref(), Some(attempt.address), at);
    };
    if let Err(refused) = buckets.take(app).await {
        log_refusal(&refused, attempt);
        if matches!(refused, AppError::TooManyTries { .. }) {
            count(RefusedKind::SignInTooMany);
        }
        return Err(refused);
    }
    // A login that may not sign in has no hash to be compared with: the work is done on a dummy.
    let login = found.filter(|login| login.holder.is_some() && login.password_hash.is_some());
    let stored = login.as_ref().and_then(|login| login.password_hash.clone());
    let right = verify(app, &buckets, attempt.password.clone(), stored).await?;
    let Some(login) = login.filter(|_| right) else {
        tracing::warn!(request = %attempt.request_id, address = %attempt.address, "authn_login_fail");
        count(RefusedKind::SignIn);
        return Err(AppError::WrongPassword);
    };
    Ok((login, buckets))
}

fn buckets(app: &App, attempt: &Attempt, found: Option<&Login>) -> Buckets {
    let Some(login) = found else {
        let typed = attempt.name.trim().to_lowercase();
        return Buckets::of_stranger(app, attempt.address, &format!("name {typed}"));
    };
    match devices::known(app, &attempt.device, login.id) {
        Some(device) => Buckets::of_device(app, &device),
        None => Buckets::of_stranger(app, attempt.address, &shared_bucket(login.id)),
    }
}

/// What names the bucket of a login that all browsers without a mark share, whatever name was typed.
fn shared_bucket(login: LoginId) -> String {
    format!("id {}", login.0)
}

/// What all those browsers share.
pub(super) fn strangers(app: &App, login: LoginId) -> Buckets {
    Buckets::of_strangers(app, &shared_bucket(login))
}

/// Compares a password with a stored hash. A try that could not be made is given back.
async fn verify(
    app: &App,
    buckets: &Buckets,
    password: Zeroizing<String>,
    stored: Option<String>,
) -> Result<bool, AppError> {
    // No password is so long; the work is done all the same.
    let fits = password.chars().count() <= MAX_LENGTH;
    let (password, stored) = if fits {
        (password, stored)
    } else {
        (Zeroizing::default(), None)
    };
    let verified = app.passwords.verify(password, stored).await;
    if matches!(verified, Err(AppError::Busy)) {
        buckets.give_back(app).await?;
    }
    verified
}

/// Notes the sign-in, unless the password was changed since it was compared.
async fn admit(app: &App, attempt: &Attempt, login: Login, buckets: Buckets) -> Result<Admitted, AppError> {
    let at = app.now();
    let hash = login.password_hash.unwrap_or_default();
    let renewed = rehash(app, &attempt.password, &hash).await;
    let session = app.new_public_id();
    // Nothing is strange about the very first sign-in.
    let strange = login.last_sign_in_at.is_some() && devices::known(app, &attempt.device, login.id).is_none();
    let changes = strange.then(|| Change::new(NEW_BROWSER, "new")).into_iter().collect();
    let device = devices::remember(app, &attempt.device, login.id);
    let (id, caller, target) = (login.id, attempt.clone(), session.clone());
    let person = app
        .store
        .write(move |connection| {
            if !store::logins::record_sign_in(connection, id, &hash, at)? {
                return Err(AppError::WrongPassword);
            }
            if let Some(PasswordHash(hash)) = renewed {
                store::logins::put_password(connection, id, &hash, None)?;
            }
            buckets.reset(connection)?;
            let person = people::holder(connection, id)?.ok_or(AppError::WrongPassword)?;
            let caller = Caller {
                actor: match &person {
                    Person::Customer(account) => Actor::from(account.as_ref()),
                    Person::Staff(member) => Actor::from(member.as_ref()),
                },
                address: Some(caller.address),
                browser: Some(caller.browser),
                request_id: caller.request_id,
                password_at: Some(at),
                reason: None,
            };
            let target = Party::new("session", &target, "");
            let event = caller.event(at, Action::SignedIn, account_of(&caller), target, changes);
            store::audit::insert(connection, &event)?;
            Ok(person)
        })
        .await?;
    tracing::info!(request = %attempt.request_id, address = %attempt.address, login = id.0, "authn_login_success");
    Ok(Admitted {
        person,
        login: id,
        session,
        device,
        at,
        password_set_at: login.password_changed_at,
    })
}

/// A hash with today's parameters for a password that was stored with others. A full queue is no reason to turn
/// somebody away: it is then done the next time.
async fn rehash(app: &App, password: &Zeroizing<String>, stored: &str) -> Option<PasswordHash> {
    if Passwords::is_outdated(stored) {
        app.passwords.hash(password.clone()).await.ok()
    } else {
        None
    }
}

/// The account that events about the caller's own sign-ins belong to; none for staff members.
pub(super) fn account_of(caller: &Caller) -> Option<AccountId> {
    match &caller.actor {
        Actor::Account { id, .. } => Some(*id),
        _ => None,
    }
}

fn log_refusal(refused: &AppError, attempt: &Attempt) {
    if let AppError::TooManyTries { seconds, .. } = refused {
        tracing::warn!(request = %attempt.request_id, address = %attempt.address, seconds, "authn_login_fail_max");
    }
}

/// Forgets the wrong passwords that browsers without a mark gave for a login, so that its owner can sign in with a new
/// browser again. [`AppError::NotFound`] when nobody signs in with that name.
pub async fn unblock(app: &App, caller: &Caller, name: &str) -> Result<(), AppError> {
    let (now, app_caller, name) = (app.now(), caller.clone(), name.to_owned());
    let found = app
        .store
        .read(move |connection| store::logins::find_by_name(connection, &name))
        .await?;
    let login = found.ok_or(AppError::NotFound)?;
    let (act, account) = match login.holder.ok_or(AppError::NotFound)? {
        Holder::Account(account) => (Act::ChangeAccounts, Some(account)),
        Holder::Staff(_) => (Act::ManageStaff, None),
    };
    caller.may(act, None)?;
    let buckets = strangers(app, login.id);
    app.store
        .write(move |connection| {
            buckets.reset(connection)?;
            let target = Party::new("login", "", &login.username);
            let event = app_caller.event(now, Action::SignInUnblocked, account, target, Vec::new());
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}

/// Until when browsers that have not signed in to a login before are kept out of it; nothing when they are not.
pub(super) async fn blocked_until(app: &App, login: LoginId) -> Result<Option<PrimitiveDateTime>, AppError> {
    Buckets::of_strangers(app, &shared_bucket(login))
        .refuses_until(app)
        .await
}

/// Checks the password of somebody who is signed in; returns when it was given.
///
/// A session has ten tries of its own in 15 minutes: [`AppError::TooManyTries`] after them.
pub async fn confirm_password(
    app: &App,
    caller: &Caller,
    login: LoginId,
    session: &str,
    password: Zeroizing<String>,
) -> Result<PrimitiveDateTime, AppError> {
    let at = app.now();
    let buckets = Buckets::of_session(app, session);
    if let Err(refused) = buckets.take(app).await {
        tracing::warn!(request = %caller.request_id, login = login.0, "authn_login_fail_max");
        if matches!(refused, AppError::TooManyTries { .. }) {
            count_signed_in(app, RefusedKind::PasswordTooMany, Some(login), caller.address).await?;
        }
        return Err(refused);
    }
    let found = app
        .store
        .read(move |connection| store::logins::find(connection, login))
        .await?;
    let stored = found.and_then(|login| login.password_hash);
    if !verify(app, &buckets, password, stored).await? {
        tracing::warn!(request = %caller.request_id, login = login.0, "authn_login_fail");
        count_signed_in(app, RefusedKind::Password, Some(login), caller.address).await?;
        return Err(AppError::WrongPassword);
    }
    app.store.write(move |connection| buckets.reset(connection)).await?;
    Ok(at)
}
