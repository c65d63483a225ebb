//! Counting calls: in memory while they are answered, and to the database every few seconds.
//!
//! A call costs a look-up in a map and no write. What a process that is killed has not written yet, at most a few
//! seconds of counting, is lost; decisions never depend on it.

mod limits;
mod meter;
mod rate;
mod sample;
mod slot;

use std::{net::IpAddr, ops::Range, sync::Arc};

use super::{
    App, AppError, reuse,
    verify::{Ruling, Verified},
};
use crate::{
    domain::usage::ALLOWED,
    store::{self, DbConnection, StoreError},
};

pub(in crate::app) use self::limits::try_to_reread_limits;
use self::meter::Entry;
pub use self::{
    limits::{CallLimits, reread_limits},
    meter::{Counted, OTHER, UsageMeter},
    sample::Sample,
};

/// Rows of one transaction at most: the one writer of SQLite is not to be kept from others for long.
const CHUNK: usize = 500;
/// Longest site that is counted under its own name: what is longer is no domain name (RFC 1035).
const LONGEST_SITE: usize = 253;

/// Counts a decided call under its route, or, where it has none, under `route`. Only an allowed one is a use.
pub fn note(app: &App, verified: &Verified, ruling: &Ruling, from: IpAddr, route: &str) {
    let outcome = ruling.decision.first().map_or(ALLOWED, |refusal| refusal.code());
    let route = ruling.route.as_deref().unwrap_or(route);
    let now = app.now();
    let site = ruling.site.as_deref().unwrap_or_default();
    app.usage.count(&Counted {
        token: verified.token().id,
        generation: verified.generation,
        at: now,
        route,
        scope: &ruling.required.to_string(),
        site: if site.len() > LONGEST_SITE { OTHER } else { site },
        from,
        outcome,
    });
    if outcome != ALLOWED {
        reuse::refused(app, verified, ruling, from);
    }
    if outcome != ALLOWED
        && let Some(others) = app.usage.refusals.take(now)
    {
        let token = verified.token().public_id;
        tracing::info!(%token, route, outcome, %from, others, "a call was refused");
    }
}

impl UsageMeter {
    /// Writes what was counted since the last time; returns how many rows. What could not be written is kept for the
    /// next time.
    pub async fn flush(&self, app: &App) -> Result<usize, AppError> {
        let entries: Arc<[Entry]> = self.take().into();
        let (mut written, mut failed) = (0, None);
        for start in (0..entries.len()).step_by(CHUNK) {
            let range = start..entries.len().min(start + CHUNK);
            match write_chunk(app, Arc::clone(&entries), range.clone()).await {
                Ok(()) => written += range.len(),
                Err(error) => {
                    self.put_back(&entries[range.clone()]);
                    let unreachable = matches!(error, StoreError::Unreachable(_));
                    failed = Some(error);
                    if unreachable {
                        self.put_back(&entries[range.end..]);
                        break;
                    }
                }
            }
        }
        failed.map_or(Ok(written), |error| Err(error.into()))
    }
}

async fn write_chunk(app: &App, entries: Arc<[Entry]>, range: Range<usize>) -> Result<(), StoreError> {
    app.store
        .write(move |connection| entries[range].iter().try_for_each(|entry| write(connection, entry)))
        .await
}

fn write(connection: &mut DbConnection, entry: &Entry) -> Result<(), StoreError> {
    match entry {
        Entry::Hour(slot, count) => store::usage::add(connection, &slot.row(*count)),
        Entry::Day(day) => store::usage::add_day(connection, day),
        Entry::Seen(seen) => store::tokens::record_use(connection, seen),
    }
}

#[cfg(test)]
mod tests;
