//! Making accounts: with a password at the command line, without one in the staff area.

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::party;
use crate::{
    app::{
        App, AppError, Caller, PasswordHash, Rule, links,
        once::{Made, Once},
    },
    domain::{
        account::{Account, EmailAddress, Username},
        audit::{Action, Change},
        id::LoginId,
        password,
        permission::Act,
        site::SiteName,
    },
    store::{self, DbConnection, StoreError, logins::InsertedLogin},
};

/// An account that is to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What its holder signs in with.
    pub username: Username,
    /// Where its holder gets mail; signs in as well.
    pub email: EmailAddress,
    /// The password that its holder begins with.
    pub password: Option<Zeroizing<String>>,
    /// Name of its plan.
    pub plan: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Its sites, the main one first.
    pub sites: Vec<SiteName>,
}

/// Checks a new password against what is known about its owner.
pub(in crate::app) fn check_password(app: &App, password: &str, personal: &[&str]) -> Result<(), AppError> {
    let mut known = personal.to_vec();
    known.push(&app.settings.company.name);
    password::check(password, &known).map_err(|weakness| Rule::WeakPassword(weakness).into())
}

/// Stores a login, naming what is taken.
pub(in crate::app) fn insert_login(
    connection: &mut DbConnection,
    username: &Username,
    email: &EmailAddress,
    hash: Option<&PasswordHash>,
    now: PrimitiveDateTime,
) -> Result<LoginId, AppError> {
    match store::logins::insert(connection, username, email, hash.map(|hash| hash.0.as_str()), now)? {
        InsertedLogin::Stored(id) => Ok(id),
        InsertedLogin::UsernameTaken => Err(Rule::UsernameTaken.into()),
        InsertedLogin::EmailTaken => Err(Rule::EmailTaken.into()),
    }
}

/// Makes an account. [`Rule`] names what is taken, unknown or weak.
pub async fn create(app: &App, caller: &Caller, new: NewAccount) -> Result<Account, AppError> {
    let (Made::New(account) | Made::Before(account)) = make(app, caller, new, None).await?;
    Ok(account)
}

/// Makes an account without a password, and the link by which its holder chooses one, with the mail that brings it where
/// mail is sent.
pub async fn invite(app: &App, caller: &Caller, new: NewAccount) -> Result<Account, AppError> {
    let (Made::New(account) | Made::Before(account)) = make_invited(app, caller, new, None).await?;
    Ok(account)
}

/// [`create`], unless the same act has made one before.
pub async fn make(app: &App, caller: &Caller, new: NewAccount, once: Option<Once>) -> Result<Made<Account>, AppError> {
    caller.may(Act::CreateAccounts, None)?;
    let hash = match &new.password {
        Some(password) => {
            check_password(app, password, &[new.username.as_str(), &new.email.to_string()])?;
            Some(app.passwords.hash(password.clone()).await?)
        }
        None => None,
    };
    in_one(app, caller, once, move |connection, caller, public_id, now| {
        insert(connection, caller, &new, hash.as_ref(), public_id, now)
    })
    .await
}

/// [`invite`], unless the same act has made one before.
pub async fn make_invited(
    app: &App,
    caller: &Caller,
    new: NewAccount,
    once: Option<Once>,
) -> Result<Made<Account>, AppError> {
    caller.may(Act::CreateAccounts, None)?;
    let draft = links::Draft::new(app);
    in_one(app, caller, once, move |connection, caller, public_id, now| {
        let account = insert(connection, caller, &new, None, public_id, now)?;
        links::invite_in(connection, &draft, account.login, Some(account.id), &account.email)?;
        Ok(account)
    })
    .await
}

/// Makes an account by `work` in one transaction, under a new public id.
async fn in_one(
    app: &App,
    caller: &Caller,
    once: Option<Once>,
    work: impl FnOnce(&mut DbConnection, &Caller, &str, PrimitiveDateTime) -> Result<Account, AppError> + Send + 'static,
) -> Result<Made<Account>, AppError> {
    let (public_id, now, caller) = (app.new_public_id(), app.now(), caller.clone());
    app.store
        .write(move |connection| {
            if let Some(once) = &once
                && let Some(made) = once.claim(connection, now)?
            {
                let account = store::accounts::find_by_public_id(connection, &made)?.ok_or(AppError::NotFound)?;
                return Ok(Made::Before(account));
            }
            let account = work(connection, &caller, &public_id, now)?;
            if let Some(once) = &once {
                once.fulfil(connection, &public_id)?;
            }
            Ok(Made::New(account))
        })
        .await
}

fn insert(
    connection: &mut DbConnection,
    caller: &Caller,
    new: &NewAccount,
    hash: Option<&PasswordHash>,
    public_id: &str,
    now: PrimitiveDateTime,
) -> Result<Account, AppError> {
    let plan = store::plans::hold_by_name(connection, &new.plan)?.ok_or(Rule::UnknownPlan)?;
    let login = insert_login(connection, &new.username, &new.email, hash, now)?;
    let id = store::accounts::insert(connection, public_id, login, plan, &new.time_zone, now)?;
    for site in &new.sites {
        if !store::accounts::insert_site(connection, id, site, now)? {
            return Err(Rule::SiteTaken(site.clone()).into());
        }
    }
    store::accounts::terms::refresh(connection, id)?;
    let account = store::accounts::find(connection, id)?.ok_or(StoreError::CutOff)?;
    let sites: Vec<&str> = account.sites.iter().map(SiteName::as_str).collect();
    let changes = vec![
        Change::new("username", &account.username),
        Change::new("email", &account.email),
        Change::new("plan", &account.plan_name),
        Change::new("sites", sites.join(" ")),
    ];
    let event = caller.event(now, Action::AccountCreated, Some(id), party(&account), changes);
    store::audit::insert(connection, &event)?;
    Ok(account)
}
