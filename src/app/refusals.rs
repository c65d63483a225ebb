//! Failed sign-ins and refusals: counted in memory, written every few seconds, so that whoever makes thousands of them
//! costs the database nothing.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::PrimitiveDateTime;

use super::{App, AppError, Caller};
use crate::{
    domain::{
        id::LoginId,
        permission::Act,
        refused::{KEPT_APART, RefusedCount, RefusedKey, RefusedKind},
    },
    store,
};

type Counts = HashMap<RefusedKey, (i64, PrimitiveDateTime)>;

/// What was refused since it was last written. What a process that is killed has not written is in its log alone.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Counts>);

impl Refusals {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one refusal. `subject` is the user name of a login that exists; never what somebody typed.
    pub fn count(&self, kind: RefusedKind, subject: Option<&str>, address: Option<IpAddr>, at: PrimitiveDateTime) {
        self.add(RefusedKey::new(kind, subject, address, at), 1, at);
    }

    fn add(&self, key: RefusedKey, tries: i64, at: PrimitiveDateTime) {
        let mut counts = self.lock();
        let full = i64::try_from(counts.len()).is_ok_and(|length| length >= KEPT_APART);
        let key = if full && !counts.contains_key(&key) {
            key.others()
        } else {
            key
        };
        let entry = counts.entry(key).or_insert((0, at));
        *entry = (entry.0 + tries, entry.1.max(at));
    }

    /// Writes what was counted. What cannot be written is kept for the next time.
    pub async fn flush(&self, app: &App) -> Result<(), AppError> {
        let counts = std::mem::take(&mut *self.lock());
        if counts.is_empty() {
            return Ok(());
        }
        let mut counts: Vec<RefusedCount> = counts
            .into_iter()
            .map(|(key, (tries, last_at))| RefusedCount { key, tries, last_at })
            .collect();
        // Nodes that write at once take the rows in the same order.
        counts.sort_by(|one, other| one.key.cmp(&other.key));
        let written = counts.clone();
        let done = app
            .store
            .write(move |connection| store::refusals::add(connection, &written));
        if let Err(error) = done.await {
            for count in counts {
                self.add(count.key, count.tries, count.last_at);
            }
            return Err(AppError::Store(error));
        }
        Ok(())
    }
}

/// Counts a refusal to somebody who is signed in, by their user name.
pub async fn count_signed_in(
    app: &App,
    kind: RefusedKind,
    login: Option<LoginId>,
    address: Option<IpAddr>,
) -> Result<(), AppError> {
    let found = match login {
        None => None,
        Some(login) => {
            app.store
                .read(move |connection| store::logins::find(connection, login))
                .await?
        }
    };
    let name = found.as_ref().map(|login| login.username.as_str());
    app.refusals.count(kind, name, address, app.now());
    Ok(())
}

/// At most `limit` counts after `after`, of this kind if one is given, the latest hour first.
pub async fn list(
    app: &App,
    caller: &Caller,
    kind: Option<RefusedKind>,
    after: Option<RefusedKey>,
    limit: usize,
) -> Result<Vec<RefusedCount>, AppError> {
    caller.may(Act::ReadAudit, None)?;
    app.refusals.flush(app).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(app
        .store
        .read(move |connection| store::refusals::list(connection, kind.map(RefusedKind::code), after.as_ref(), limit))
        .await?)
}
