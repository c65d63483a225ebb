//! When and from where something that is shown with every request was last used: service credentials, tokens of staff
//! members. A use costs no write, and each is written once a minute at most.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, PrimitiveDateTime};

use super::{App, AppError};
use crate::{
    domain::token::LastUse,
    store::{DbConnection, StoreError},
};

/// A use that is noted in the database is not written again for so long.
const WRITE_EVERY: Duration = Duration::minutes(1);

/// How one use is written.
type Record<I> = fn(&mut DbConnection, I, &LastUse) -> Result<(), StoreError>;

/// The uses that are not written yet: one at most of each, so as many as there are live ones.
#[derive(Debug)]
pub struct Uses<I> {
    noted: Mutex<HashMap<I, LastUse>>,
    record: Record<I>,
}

impl<I: Copy + Eq + Hash + Send + Sync + 'static> Uses<I> {
    /// No use; `record` will write them.
    pub(super) fn new(record: Record<I>) -> Self {
        Self {
            noted: Mutex::default(),
            record,
        }
    }

    /// Notes that `id` was used. `last` is its last use, as it was read for this very request.
    pub(super) fn note(&self, id: I, last: Option<LastUse>, from: IpAddr, now: PrimitiveDateTime) {
        // A clock that was set back must not keep uses from being noted.
        let is_fresh = |last: LastUse| last.at <= now && now - last.at < WRITE_EVERY;
        if !last.is_some_and(is_fresh) {
            self.lock().insert(id, LastUse { at: now, from });
        }
    }

    /// Writes what was noted since the last time. What could not be written is kept for the next time.
    pub async fn flush(&self, app: &App) -> Result<(), AppError> {
        let noted: Vec<(I, LastUse)> = self.lock().drain().collect();
        if noted.is_empty() {
            return Ok(());
        }
        let (rows, record) = (noted.clone(), self.record);
        let written: Result<(), StoreError> = app
            .store
            .write(move |connection| {
                let mut rows = rows.iter();
                rows.try_for_each(|(id, used)| record(connection, *id, used))
            })
            .await;
        if written.is_err() {
            let mut kept = self.lock();
            for (id, used) in noted {
                kept.entry(id).or_insert(used);
            }
        }
        Ok(written?)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<I, LastUse>> {
        // Whole entries are put in and taken out, so a panic elsewhere leaves nothing half done.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
