//! One connection to either database, and how it is opened.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection, r2d2};
use zeroize::Zeroizing;

use super::error::StoreError;

/// A connection to SQLite or PostgreSQL; store functions take it and do not know which it is.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// PostgreSQL, for many nodes.
    Postgres(PgConnection),
    /// The embedded database.
    Sqlite(SqliteConnection),
}

/// Where the data are.
pub enum Location {
    /// The SQLite file at this path, made when it is not there.
    Sqlite(PathBuf),
    /// The server that this URL names, for PostgreSQL's client library; it may hold a password.
    Postgres(Zeroizing<String>),
}

/// `synchronous=FULL`: a confirmed change survives a power cut (NORMAL loses what was committed since a checkpoint).
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864; \
     PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;";

/// What stands in the file [`beside`] the database: the books of usage, and what is still to be written into them. A commit
/// that changes nothing in the database itself leaves everybody who reads it what they know of its pages, so what is
/// written all the time while calls come fast has a file of its own. `synchronous=NORMAL`: what a power cut takes from it
/// is a few seconds of counting.
const BESIDE: &str = include_str!("../../migrations/beside.sql");

/// The file beside the database at `path`. Without it the database lacks the usage of its tokens and nothing else.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-usage");
    name.into()
}

/// The files that SQLite keeps of the database at `path`: itself, the one beside it, and the journals of both.
pub(super) fn files(path: &Path) -> Vec<PathBuf> {
    let journals = |file: &Path| {
        ["", "-wal", "-shm"].map(|ending| {
            let mut name = OsString::from(file);
            name.push(ending);
            PathBuf::from(name)
        })
    };
    [path, &beside(path)].into_iter().flat_map(journals).collect()
}

/// Opens SQLite at `path`; `writes` is false for connections that only ever read.
pub(super) fn open_sqlite(path: &Path, writes: bool) -> Result<DbConnection, StoreError> {
    let beside = beside(path);
    if writes {
        for file in [path, &beside] {
            make_file(file).map_err(|error| StoreError::Unreachable(error.into()))?;
        }
    }
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| StoreError::Unreachable(error.into()))?;
    connection.batch_execute(SQLITE_PRAGMAS)?;
    if beside.exists() {
        let quoted = beside.to_string_lossy().replace('\'', "''");
        connection.batch_execute(&format!("ATTACH DATABASE '{quoted}' AS beside"))?;
    }
    if writes {
        connection.batch_execute(BESIDE)?;
    } else {
        connection.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(DbConnection::Sqlite(connection))
}

/// Makes the file, if it is not there, for its owner alone; SQLite gives the files beside it the same mode.
fn make_file(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A read in a page may not wait for ever on a database that does not answer.
const POSTGRES_SESSION: &str =
    "SET TIME ZONE 'UTC'; SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET client_min_messages = warning;";

/// A server that is cut off from us neither answers nor says so: unless the URL says otherwise, that is found out after
/// these times, in seconds and milliseconds. Without them it takes minutes.
const POSTGRES_TIMEOUTS: [(&str, &str); 2] = [("connect_timeout", "3"), ("tcp_user_timeout", "5000")];

/// The URL with [`POSTGRES_TIMEOUTS`].
fn bounded(url: &str) -> Zeroizing<String> {
    // Room for all of it, so that no copy stays behind that nobody overwrites.
    let mut bounded = Zeroizing::new(String::with_capacity(url.len() + 64));
    bounded.push_str(url);
    for (name, value) in POSTGRES_TIMEOUTS {
        if !url.contains(name) {
            let separator = if bounded.contains('?') { "&" } else { "?" };
            bounded.extend([separator, name, "=", value]);
        }
    }
    bounded
}

/// Makes PostgreSQL connections for the pool.
///
/// Our own, because the derived one tries every database in turn and swallows the real cause of a failure.
pub(super) struct PostgresSource {
    pub(super) url: Zeroizing<String>,
}

impl r2d2::ManageConnection for PostgresSource {
    type Connection = DbConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<DbConnection, r2d2::Error> {
        let mut connection = PgConnection::establish(&bounded(&self.url)).map_err(r2d2::Error::ConnectionError)?;
        connection
            .batch_execute(POSTGRES_SESSION)
            .map_err(r2d2::Error::QueryError)?;
        Ok(DbConnection::Postgres(connection))
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), r2d2::Error> {
        connection.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        std::thread::panicking() || r2d2::R2D2Connection::is_broken(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn what_a_url_says_of_timeouts_counts() {
        let with = |url| bounded(url).as_str().to_owned();
        assert_eq!(
            with("postgres://db.example/x"),
            "postgres://db.example/x?connect_timeout=3&tcp_user_timeout=5000"
        );
        assert_eq!(
            with("postgres://db.example/x?sslmode=require&connect_timeout=9"),
            "postgres://db.example/x?sslmode=require&connect_timeout=9&tcp_user_timeout=5000"
        );
    }
}
