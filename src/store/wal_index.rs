//! Whether anybody has changed a SQLite database, asked for less than a microsecond.
//!
//! In WAL mode each commit, of any connection in any process, writes a new header into the `-shm` file before it is
//! confirmed: a counter of commits, the end of the log and its checksum
//! (<https://www.sqlite.org/walformat.html#the_wal_index_header>). The header is the same only while nothing is committed.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// The header. It may be read while it is written: then it is like none that is read when it is whole.
pub(super) type Header = [u8; 48];

/// The `-shm` files that were opened, for all stores of the process.
///
/// SQLite's locks are those of POSIX: a process loses all that it has on a file as soon as it closes any descriptor of
/// it. So each file is opened once and closed only when it has no name any more and no store uses it.
static OPENED: Mutex<Vec<Arc<File>>> = Mutex::new(Vec::new());

/// The way to a database's header; opened when it is first read.
#[derive(Default)]
pub(super) struct WalIndex(OnceLock<Option<Arc<File>>>);

impl WalIndex {
    /// The header as it is now; `None` where it cannot be read: then nobody can tell whether there was a change.
    ///
    /// `database` is the path of the database file, which the process has open.
    pub(super) fn header(&self, database: &Path) -> Option<Header> {
        let file = self.0.get_or_init(|| {
            open(database)
                .inspect_err(|error| tracing::warn!(%error, "the file of changes beside the database cannot be read"))
                .ok()
        });
        let mut header = [0; 48];
        file.as_ref()?.read_exact_at(&mut header, 0).ok()?;
        Some(header)
    }
}

fn open(database: &Path) -> io::Result<Arc<File>> {
    let mut path = OsString::from(database);
    path.push("-shm");
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    opened.retain(|file| file.metadata().map_or(true, |found| found.nlink() > 0));
    let named = fs::metadata(&path)?;
    let same = |file: &&Arc<File>| {
        let found = file.metadata();
        found.is_ok_and(|found| (found.dev(), found.ino()) == (named.dev(), named.ino()))
    };
    if let Some(file) = opened.iter().find(same) {
        return Ok(Arc::clone(file));
    }
    let file = Arc::new(File::open(&path)?);
    opened.push(Arc::clone(&file));
    Ok(file)
}
