//! Keeps SQLite's log of changes, the `-wal` file, short.
//!
//! SQLite writes the log back by itself, but begins it anew only when nobody reads from it at that moment. Under load
//! somebody always does, and the log would grow until the load ends.

use std::{
    ffi::OsString,
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use diesel::connection::SimpleConnection;

use super::DbConnection;

/// Bytes by which the log grows before it is cut back.
const STEP: u64 = 8 << 20;

/// Waits for those who read now, each for a millisecond or two; for somebody who reads for long only so many milliseconds,
/// because everybody who writes waits meanwhile.
const CUT_BACK: &str = "PRAGMA busy_timeout = 250; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000;";

/// The log of one database.
pub(super) struct WalLog {
    /// The length at which it is cut back next.
    at: AtomicU64,
}

impl Default for WalLog {
    fn default() -> Self {
        Self {
            at: AtomicU64::new(STEP),
        }
    }
}

impl WalLog {
    /// Cuts the log back when it has become long. `connection` is the one that writes, outside of a transaction.
    pub(super) fn cut_back(&self, connection: &mut DbConnection, database: &Path) {
        let mut path = OsString::from(database);
        path.push("-wal");
        let length = || fs::metadata(&path).map_or(0, |found| found.len());
        if length() < self.at.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = connection.batch_execute(CUT_BACK) {
            tracing::warn!(%error, "the log of changes could not be cut back");
        }
        // Where somebody reads for long, not every writer is to wait again.
        self.at.store(length() + STEP, Ordering::Relaxed);
    }
}
