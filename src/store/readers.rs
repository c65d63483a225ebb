//! Each thread's own connections that only read SQLite: no lock and no pool on the way to a read.

use std::{cell::RefCell, path::Path};

use super::{
    StoreError,
    connection::{self, DbConnection},
};

thread_local! {
    /// By the number of their store.
    static READERS: RefCell<Vec<(u64, DbConnection)>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's connection to the database at `path`, which is opened when it has none yet. Work that panics
/// takes its connection with it.
pub(super) fn with_reader<T, E: From<StoreError>>(
    path: &Path,
    number: u64,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let kept = READERS.with_borrow_mut(|readers| {
        let position = readers.iter().position(|(of, _)| *of == number)?;
        Some(readers.swap_remove(position).1)
    });
    let mut connection = match kept {
        Some(connection) => connection,
        None => connection::open_sqlite(path, false)?,
    };
    let result = work(&mut connection);
    READERS.with_borrow_mut(|readers| readers.push((number, connection)));
    result
}
