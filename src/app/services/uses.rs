//! When and from where service credentials were last used. A proxy shows one with every request: a use costs no write,
//! and each is written once a minute at most.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, PrimitiveDateTime};

use crate::{
    app::{App, AppError},
    domain::{id::ServiceId, service::ServiceCredential, token::LastUse},
    store::{self, StoreError},
};

/// A use that is noted in the database is not written again for so long.
const WRITE_EVERY: Duration = Duration::minutes(1);

/// The uses that are not written yet: one a service credential at most, so as many as there are live ones.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<ServiceId, LastUse>>);

impl Uses {
    /// Notes that `credential`, as it was read for this very request, was used.
    pub(super) fn note(&self, credential: &ServiceCredential, from: IpAddr, now: PrimitiveDateTime) {
        // A clock that was set back must not keep uses from being noted.
        let is_fresh = |last: LastUse| last.at <= now && now - last.at < WRITE_EVERY;
        if !credential.last_use.is_some_and(is_fresh) {
            self.lock().insert(credential.id, LastUse { at: now, from });
        }
    }

    /// Writes what was noted since the last time. What could not be written is kept for the next time.
    pub async fn flush(&self, app: &App) -> Result<(), AppError> {
        let noted: Vec<(ServiceId, LastUse)> = self.lock().drain().collect();
        if noted.is_empty() {
            return Ok(());
        }
        let rows = noted.clone();
        let written: Result<(), StoreError> = app
            .store
            .write(move |connection| {
                let mut rows = rows.iter();
                rows.try_for_each(|(id, used)| store::services::record_use(connection, *id, used))
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

    fn lock(&self) -> MutexGuard<'_, HashMap<ServiceId, LastUse>> {
        // Whole entries are put in and taken out, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
