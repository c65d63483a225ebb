//! One read transaction for all look-ups of a turn of the event loop.
//!
//! A read transaction costs SQLite two file locks and the statements that begin and end it, more than the look-up itself.
//! The first look-up of a turn begins one on a connection that is this thread's own, a task that runs once the turn is
//! over ends it. Within the turn each look-up first makes sure that nothing was committed since the transaction began: it
//! never sees less than was confirmed when it was asked for. No transaction outlives its turn, so none keeps the log of
//! changes from being written back.

use std::{cell::RefCell, path::Path};

use diesel::{SqliteConnection, connection::SimpleConnection};

use super::{
    DbConnection, StoreError, connection, turn,
    wal_index::{Header, WalIndex},
};

/// Pages that are looked up are all over the file, so a cache of our own would only hold what the system's holds: a small
/// one, for the inner pages of the indexes, and the file itself in the address space, which is not the process's memory.
const PRAGMAS: &str = "PRAGMA cache_size = -4000; PRAGMA mmap_size = 2147418112;";

struct Snapshot {
    /// The number of its store.
    number: u64,
    connection: SqliteConnection,
    /// What was read just before its transaction began; `None` when there is no transaction.
    began_at: Option<Header>,
}

thread_local! {
    #[expect(clippy::vec_box, reason = "each look-up takes one out and puts it back, and it is large")]
    static SNAPSHOTS: RefCell<Vec<Box<Snapshot>>> = const { RefCell::new(Vec::new()) };
}

/// Runs a look-up in the snapshot of this turn, or, outside of an event loop, in a transaction of its own.
pub(super) fn look_up<T>(
    (path, number, index): (&Path, u64, &WalIndex),
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let now = index.header(path);
    let mut snapshot = match take(number) {
        Some(snapshot) => snapshot,
        None => Snapshot::open(path, number)?,
    };
    if now.is_none() || snapshot.began_at != now {
        snapshot.end()?;
        // Where nobody would end it, it must not begin.
        if now.is_some() && turn::at_its_end(move || end_it(number)) {
            snapshot.connection.batch_execute("BEGIN")?;
            snapshot.began_at = now;
        }
    }
    // After an error the connection goes, and its transaction with it.
    let found = work(&mut snapshot.connection)?;
    SNAPSHOTS.with_borrow_mut(|snapshots| snapshots.push(snapshot));
    Ok(found)
}

fn take(number: u64) -> Option<Box<Snapshot>> {
    SNAPSHOTS.with_borrow_mut(|snapshots| {
        let place = snapshots.iter().position(|snapshot| snapshot.number == number)?;
        Some(snapshots.swap_remove(place))
    })
}

impl Snapshot {
    fn open(path: &Path, number: u64) -> Result<Box<Self>, StoreError> {
        let DbConnection::Sqlite(mut connection) = connection::open_sqlite(path, false)? else {
            return Err(StoreError::CutOff);
        };
        connection.batch_execute(PRAGMAS)?;
        Ok(Box::new(Self {
            number,
            connection,
            began_at: None,
        }))
    }

    fn end(&mut self) -> Result<(), StoreError> {
        if self.began_at.take().is_some() {
            self.connection.batch_execute("COMMIT")?;
        }
        Ok(())
    }
}

/// Ends the snapshot of this thread.
fn end_it(number: u64) {
    let Some(mut snapshot) = take(number) else { return };
    match snapshot.end() {
        Ok(()) => SNAPSHOTS.with_borrow_mut(|snapshots| snapshots.push(snapshot)),
        Err(error) => tracing::warn!(%error, "a read transaction could not be ended; its connection is closed"),
    }
}
