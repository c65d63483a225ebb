//! Keeps SQLite's logs of changes, the `-wal` files, short.
//!
//! SQLite writes the log back by itself, but begins it anew only when nobody reads from it at that moment. Under load
//! somebody always does, and the log would grow until the load ends.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use diesel::connection::SimpleConnection;

use super::{DbConnection, connection::beside};

/// Bytes by which the log grows before it is cut back.
const STEP: u64 = 8 << 20;

/// Waits for those who read now, each for a millisecond or two; for somebody who reads for long only so many milliseconds,
/// because everybody who writes waits meanwhile.
const CUT_BACK: &str = "PRAGMA busy_timeout = 250; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000;";

/// The logs of a database and of the file beside it.
pub(super) struct WalLogs {
    /// The lengths at which they are cut back next.
    at: [AtomicU64; 2],
}

impl Default for WalLogs {
    fn default() -> Self {
        Self {
            at: [AtomicU64::new(STEP), AtomicU64::new(STEP)],
        }
    }
}

impl WalLogs {
    /// Cuts the logs back when one of them has become long. `connection` is the one that writes, outside of a transaction.
    pub(super) fn cut_back(&self, connection: &mut DbConnection, database: &Path) {
        let logs = [log_of(database), log_of(&beside(database))];
        let length = |log: &PathBuf| fs::metadata(log).map_or(0, |found| found.len());
        let is_short = |(log, at): (&PathBuf, &AtomicU64)| length(log) < at.load(Ordering::Relaxed);
        if logs.iter().zip(&self.at).all(is_short) {
            return;
        }
        if let Err(error) = connection.batch_execute(CUT_BACK) {
            tracing::warn!(%error, "the log of changes could not be cut back");
        }
        for (log, at) in logs.iter().zip(&self.at) {
            // Where somebody reads for long, not every writer is to wait again.
            at.store(length(log) + STEP, Ordering::Relaxed);
        }
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push("-wal");
    path.into()
}
