//! What time asks for: removing what is over, and looking after the server's keys.
//!
//! Each of these may run on several nodes at once.

use time::Duration;

use super::{App, AppError, Caller, links, once, usage};
use crate::{
    domain::{
        audit::{Action, Change, Party},
        id::AccountId,
        permission::Act,
        refused, reuse,
        secret::KeyId,
        usage::{KEPT_DAYS, day_of},
    },
    keyring::Keyring,
    store::{self, StoreError},
};

/// Accounts of one transaction of [`fill_account_terms`]: other writers wait for some milliseconds.
const FILLED_AT_ONCE: i64 = 100;

/// How many rows were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that had ended by themselves.
    pub sessions: usize,
    /// Counts of tries that no longer matter.
    pub throttles: usize,
    /// Hours and days of usage from before [`KEPT_DAYS`].
    pub usage: usize,
    /// Mails that are out or were given up, from before `MAIL_KEPT`.
    pub mails: usize,
    /// Hours of refusals from before [`refused::KEPT_DAYS`].
    pub refusals: usize,
    /// Calls with old secrets, and the digests of these, from before [`reuse::KEPT`].
    pub reuse: usize,
    /// Links that are over, and requests for links that nobody waits for any more.
    pub links: usize,
    /// Keys of acts from before [`once::KEPT`].
    pub acts: usize,
}

/// What became of a mail is kept so long.
const MAIL_KEPT: Duration = Duration::days(30);

/// Removes what is over. One short transaction for each kind.
pub async fn sweep(app: &App) -> Result<Swept, AppError> {
    let now = app.now();
    let lifetimes = app.settings.sessions;
    let idle = now - lifetimes.customer.idle.max(lifetimes.staff.idle);
    let begun = now - lifetimes.customer.absolute.max(lifetimes.staff.absolute);
    let kept_since = day_of(now - Duration::days(KEPT_DAYS.into()));
    let refused_since = now - Duration::days(refused::KEPT_DAYS);
    let store = &app.store;
    Ok(Swept {
        sessions: store
            .write(move |connection| store::sessions::sweep(connection, idle, begun))
            .await?,
        throttles: store
            .write(move |connection| store::throttles::sweep(connection, now))
            .await?,
        usage: usage::sweep(app, kept_since).await?,
        mails: store
            .write(move |connection| store::outbox::queue::sweep(connection, now - MAIL_KEPT))
            .await?,
        refusals: store
            .write(move |connection| store::refusals::sweep(connection, refused_since))
            .await?,
        reuse: store
            .write(move |connection| store::reuse::sweep(connection, now - reuse::KEPT))
            .await?,
        links: store
            .write(move |connection| {
                let links = store::links::sweep(connection, now)?;
                let requests = store::links::sweep_requests(connection, now - links::FORGOTTEN)?;
                Ok::<_, StoreError>(links + requests)
            })
            .await?,
        acts: store
            .write(move |connection| store::once::sweep(connection, now - once::KEPT))
            .await?,
    })
}

/// Writes what accounts are found by for those that have nothing yet: accounts from before there was a search.
pub async fn fill_account_terms(app: &App) -> Result<(), AppError> {
    let mut last = Some(AccountId(0));
    while let Some(after) = last {
        last = app
            .store
            .write(move |connection| store::accounts::terms::fill(connection, after, FILLED_AT_ONCE))
            .await?;
    }
    Ok(())
}

/// The ids of keys under which digests of live tokens of both kinds and of service credentials were made and that the
/// keyring lacks. With any of them the server must not start: those would be refused.
pub fn missing_keys(app: &App) -> Result<Vec<KeyId>, StoreError> {
    let mut ids = app.store.read_here(|connection| {
        let mut ids = store::tokens::key_ids_in_use(connection)?;
        ids.extend(store::services::key_ids_in_use(connection)?);
        ids.extend(store::staff_tokens::key_ids_in_use(connection)?);
        Ok::<_, StoreError>(ids)
    })?;
    ids.sort_unstable();
    ids.dedup();
    let keyring = app.keyring();
    ids.retain(|id| keyring.find(id).is_none());
    Ok(ids)
}

/// A key as it is listed.
#[derive(Clone, Debug)]
pub struct ListedKey {
    /// Its id.
    pub id: KeyId,
    /// When it was made.
    pub created: time::PrimitiveDateTime,
    /// Live tokens whose secret has its digest under it.
    pub tokens: i64,
    /// Live service credentials whose secret has its digest under it.
    pub services: i64,
    /// Live tokens of staff members whose secret has its digest under it.
    pub staff_tokens: i64,
    /// Whether digests are made with it.
    pub current: bool,
}

/// The keys of the keyring, oldest first.
pub fn list_keys(app: &App) -> Result<Vec<ListedKey>, StoreError> {
    let keyring = app.keyring();
    let current = keyring.current().0;
    app.store.read_here(|connection| {
        let listed = |id: &KeyId| {
            Ok(ListedKey {
                id: id.clone(),
                created: keyring.created(id).unwrap_or(time::PrimitiveDateTime::MIN),
                tokens: store::tokens::digests_under_key(connection, id)?,
                services: store::services::digests_under_key(connection, id)?,
                staff_tokens: store::staff_tokens::digests_under_key(connection, id)?,
                current: id == current,
            })
        };
        keyring.ids().map(listed).collect()
    })
}

/// Adds a new key to the key file; it is used from now on, here and, within seconds, by every running server that reads
/// the file. What was made with older keys goes on working.
///
/// Errors where the keys come from the settings: there is no file to add to.
pub async fn rotate_key(app: &App, caller: &Caller) -> Result<KeyId, AppError> {
    caller.may(Act::SetPolicy, None)?;
    if app.settings.server_key.is_some() {
        return Err(AppError::Key(
            "the keys come from the settings, not from a file".to_owned(),
        ));
    }
    let before = app.keyring().current().0.clone();
    let (path, clock) = (app.settings.key_file(), app.clock.clone());
    let (now, caller) = (app.now(), caller.clone());
    let id = app
        .store
        .write(move |connection| {
            // Inside the transaction: without a database that can be written to, nothing happens.
            let id = Keyring::rotate(&path, &clock).map_err(|error| AppError::Key(error.to_string()))?;
            let changes = Change::between("key", &before, &id).into_iter().collect();
            let target = Party::new("installation", "", "server key");
            let event = caller.event(now, Action::KeyRotated, None, target, changes);
            store::audit::insert(connection, &event)?;
            Ok::<_, AppError>(id)
        })
        .await?;
    app.reread_keys().map_err(|error| AppError::Key(error.to_string()))?;
    Ok(id)
}
