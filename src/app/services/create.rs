//! Making a service credential. Its secret leaves here once, in [`Created::New`], and nothing keeps it.

use super::event;
use crate::{
    app::{App, AppError, Caller, Rule, minting::Minting, tokens::create::CREATION_KEY_LENGTH},
    domain::{
        address::AddressSet,
        audit::{Action, Change, NewEvent},
        permission::Act,
        secret::ServiceSecret,
        service::{MAX_LIVE, ServiceCredential, ServiceName},
    },
    store::{self, DbConnection, services::NewService},
};

/// A service credential that is to be made.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Unique among the live ones ignoring case.
    pub name: ServiceName,
    /// From where it may be used.
    pub addresses: AddressSet,
}

/// What became of a creation.
#[derive(Debug)]
pub enum Created {
    /// A new service credential, and its secret, to be shown once.
    New(Box<ServiceCredential>, ServiceSecret),
    /// The same form has already made this one. Its secret is gone.
    Before(Box<ServiceCredential>),
}

/// A key that names one act of creation; each form that is shown gets its own.
pub fn new_creation_key(app: &App) -> String {
    app.clock.random_base62(CREATION_KEY_LENGTH)
}

/// The service credential that the form with this key has already made.
pub async fn find_made(app: &App, caller: &Caller, key: &str) -> Result<Option<ServiceCredential>, AppError> {
    caller.may(Act::ManageServices, None)?;
    let key = key.to_owned();
    let found = app
        .store
        .read(move |connection| store::services::find_by_creation_key(connection, &key));
    Ok(found.await?)
}

/// Makes a service credential, unless the form with this key has already made one.
///
/// Errors with [`AppError::PasswordNeeded`], [`Rule::NameTaken`] or [`Rule::TooManyServices`].
pub async fn create(
    app: &App,
    caller: &Caller,
    new: NewCredential,
    creation_key: Option<String>,
) -> Result<Created, AppError> {
    caller.may(Act::ManageServices, None)?;
    let (now, caller, minting) = (app.now(), caller.clone(), Minting::of(app));
    app.store
        .write(move |connection| {
            // Whoever makes one at the same time waits here, so that number, name and key are looked at by one.
            store::installation::hold(connection)?;
            if let Some(key) = &creation_key
                && let Some(made) = store::services::find_by_creation_key(connection, key)?
            {
                return Ok(Created::Before(Box::new(made)));
            }
            caller.needs_fresh_password(now)?;
            check(connection, &new)?;
            let (made, secret) = minting.insert(|secret| {
                let row = NewService {
                    public_id: secret.public_id,
                    name: new.name.clone(),
                    addresses: new.addresses.clone(),
                    created_at: now,
                    created_by: caller.party().name,
                    creation_key: creation_key.clone(),
                    digest: secret.digest,
                    key: secret.key,
                    last4: secret.last4,
                };
                insert(connection, &caller, &row)
            })?;
            let (made, event) = made;
            store::audit::insert(connection, &event)?;
            Ok(Created::New(Box::new(made), secret))
        })
        .await
}

/// Stores a service credential; nothing when its public id is taken. Its event is for the caller to write.
pub(in crate::app) fn insert(
    connection: &mut DbConnection,
    caller: &Caller,
    row: &NewService,
) -> Result<Option<(ServiceCredential, NewEvent)>, AppError> {
    let made = store::services::insert(connection, row)?;
    Ok(made.map(|made| {
        let changes = vec![
            Change::new("name", &made.name),
            Change::new("addresses", &made.addresses),
            Change::new("last4", &made.last4),
        ];
        let event = event(caller, row.created_at, Action::ServiceCredentialCreated, &made, changes);
        (made, event)
    }))
}

fn check(connection: &mut DbConnection, new: &NewCredential) -> Result<(), AppError> {
    if store::services::is_name_taken(connection, &new.name)? {
        return Err(Rule::NameTaken.into());
    }
    if store::services::count_live(connection)? >= i64::from(MAX_LIVE) {
        return Err(Rule::TooManyServices { limit: MAX_LIVE }.into());
    }
    Ok(())
}
