//! The databases: the only place that knows diesel.
//!
//! [`Store::read`] and [`Store::write`] lend a [`DbConnection`] to a closure; the modules beside this one hold the
//! queries, one file a table or feature, each keeping its row types to itself. Nothing here knows who asks or why.

mod among;
mod connection;
mod dialect;
mod error;
mod gather;
mod instant;
mod kept;
mod lookup;
mod migrate;
mod readers;
mod schema;
mod snapshot;
mod turn;
mod wal_index;
mod wal_log;

pub mod accounts;
pub mod audit;
pub mod installation;
pub mod links;
pub mod logins;
pub mod once;
pub mod outbox;
pub mod plans;
pub mod refusals;
pub mod reuse;
pub mod runs;
pub mod services;
pub mod sessions;
pub mod staff;
pub mod staff_tokens;
pub mod throttles;
pub mod tokens;
pub mod usage;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{
    Connection,
    connection::{AnsiTransactionManager, TransactionManager},
    r2d2,
};

pub use connection::{DbConnection, Location};
pub use error::StoreError;
pub use migrate::Shape;

use crate::{clock::Clock, domain::chain::ChainKeys};

/// PostgreSQL connections per node. A page holds one for a few milliseconds; more would only queue in the database.
const POSTGRES_CONNECTIONS: u32 = 16;

/// How long a request waits for a PostgreSQL connection before it answers 503.
const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
    post: Option<Clock>,
    chain_keys: Arc<RwLock<Option<Arc<ChainKeys>>>>,
}

enum Backend {
    Sqlite {
        path: PathBuf,
        number: u64,
        writer: Mutex<DbConnection>,
        index: wal_index::WalIndex,
        logs: wal_log::WalLogs,
    },
    Postgres {
        pool: r2d2::Pool<connection::PostgresSource>,
        gatherer: gather::Gatherer,
    },
}

type Transactions = <DbConnection as Connection>::TransactionManager;

impl Store {
    /// Opens the database at `location` and applies pending migrations.
    ///
    /// Errors when it cannot be reached or brought to this version's shape.
    pub fn open(location: &Location) -> Result<(Self, Vec<String>), StoreError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let (backend, applied) = match location {
            Location::Sqlite(path) => {
                let mut writer = connection::open_sqlite(path, true)?;
                migrate::check_sqlite_build(&mut writer)?;
                let applied = migrate::run(&mut writer)?;
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                (
                    Backend::Sqlite {
                        path: path.clone(),
                        number,
                        writer: Mutex::new(writer),
                        index: wal_index::WalIndex::default(),
                        logs: wal_log::WalLogs::default(),
                    },
                    applied,
                )
            }
            Location::Postgres(url) => {
                let source = connection::PostgresSource { url: url.clone() };
                let mut first =
                    r2d2::ManageConnection::connect(&source).map_err(|e| StoreError::Unreachable(e.into()))?;
                let applied = migrate::run(&mut first)?;
                let pool = r2d2::Pool::builder()
                    .max_size(POSTGRES_CONNECTIONS)
                    // None that nobody asked for: a short command ends while the pool's thread still connects, and
                    // OpenSSL, which cleans up at that moment, would take the process down with it.
                    .min_idle(Some(0))
                    .connection_timeout(CONNECTION_WAIT)
                    .build_unchecked(source);
                let gatherer = gather::Gatherer::new(url.clone());
                (Backend::Postgres { pool, gatherer }, applied)
            }
        };
        Ok((
            Self {
                backend: Arc::new(backend),
                post: None,
                chain_keys: Arc::default(),
            },
            applied,
        ))
    }

    /// The same store, which from now on puts the mails that events cause into the outbox. `clock` draws their ids.
    #[must_use]
    pub fn with_mail(mut self, clock: Clock) -> Self {
        self.post = Some(clock);
        self
    }

    /// Seals events with these keys from now on, on every clone. Before that no transaction that causes an event is
    /// committed.
    pub fn seal_events_with(&self, keys: ChainKeys) {
        *self.chain_keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
    }

    /// The keys that events are sealed with.
    pub fn chain_keys(&self) -> Option<Arc<ChainKeys>> {
        self.chain_keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the database at `location` without changing it; a SQLite file that is not there is [`Shape::New`].
    pub fn inspect(location: &Location) -> Result<Shape, StoreError> {
        let mut connection = match location {
            Location::Sqlite(path) if !path.exists() => return Ok(Shape::New),
            Location::Sqlite(path) => connection::open_sqlite(path, false)?,
            Location::Postgres(url) => {
                let source = connection::PostgresSource { url: url.clone() };
                r2d2::ManageConnection::connect(&source).map_err(|e| StoreError::Unreachable(e.into()))?
            }
        };
        migrate::shape(&mut connection)
    }

    /// The files of the embedded database at `path`, whether they are there or not: all that goes with it.
    pub fn sqlite_files(path: &Path) -> Vec<PathBuf> {
        connection::files(path)
    }

    /// Path of the database file, when the database is the embedded one.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &*self.backend {
            Backend::Sqlite { path, .. } => Some(path),
            Backend::Postgres { .. } => None,
        }
    }

    /// Runs `work` on a connection that only reads.
    ///
    /// On SQLite it runs at once on the calling thread, in one snapshot: a query takes microseconds there, far less
    /// than handing it to another thread. On PostgreSQL it runs on a blocking thread.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if let Backend::Sqlite { .. } = &*self.backend {
            return self.read_here(work);
        }
        self.read_apart(work).await
    }

    /// [`Store::read`] for what takes long, such as counting in all tokens: always on a blocking thread, so that nobody
    /// else's request waits for it.
    pub async fn read_apart<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.read_here(work)).await
    }

    /// [`Store::read`] on the calling thread, for callers that are not asynchronous.
    pub fn read_here<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.backend {
            Backend::Sqlite { path, number, .. } => {
                readers::with_reader(path, *number, |connection| transaction(connection, None, work))
            }
            Backend::Postgres { pool, .. } => work(&mut *pool.get().map_err(|e| StoreError::Unreachable(e.into()))?),
        }
    }

    /// Runs `work` in one write transaction: all of it is committed, or, when it errors, none.
    ///
    /// On SQLite write transactions follow one another (`BEGIN IMMEDIATE` on the one write connection). On PostgreSQL
    /// they run side by side at READ COMMITTED: a limit is held by writing the parent row first.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.write_here(work)).await
    }

    /// [`Store::write`] on the calling thread, for callers that are not asynchronous.
    pub fn write_here<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.backend {
            Backend::Sqlite { writer, path, logs, .. } => {
                let mut connection = writer.lock().unwrap_or_else(|poisoned| {
                    writer.clear_poison();
                    let mut connection = PoisonError::into_inner(poisoned);
                    // The work that panicked left its transaction open.
                    let _ = Transactions::rollback_transaction(&mut *connection);
                    connection
                });
                let result = transaction(&mut connection, Some(self), work);
                logs.cut_back(&mut connection, path);
                result
            }
            Backend::Postgres { pool, .. } => {
                let mut pooled = pool.get().map_err(|e| StoreError::Unreachable(e.into()))?;
                // Not through the pool's own wrapper: the work is to see the enum.
                let connection: &mut DbConnection = &mut pooled;
                transaction(connection, Some(self), work)
            }
        }
    }
}

/// `BEGIN IMMEDIATE` for a write, so that two writers wait for each other instead of failing halfway.
fn begin(connection: &mut DbConnection, writes: bool) -> Result<(), diesel::result::Error> {
    match connection {
        DbConnection::Sqlite(sqlite) if writes => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")
        }
        other => Transactions::begin_transaction(other),
    }
}

fn transaction<T, E: From<StoreError>>(
    connection: &mut DbConnection,
    writes: Option<&Store>,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection, writes.is_some()).map_err(StoreError::from)?;
    audit::forget_pending();
    let finished = work(connection).and_then(|value| {
        if let Some(store) = writes {
            audit::write_pending(connection, store)?;
        }
        Ok(value)
    });
    match finished {
        Ok(value) => {
            Transactions::commit_transaction(connection).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            audit::forget_pending();
            // The work's own error says more than a failed rollback would; the connection is checked before reuse.
            let _ = Transactions::rollback_transaction(connection);
            Err(error)
        }
    }
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(StoreError::CutOff.into()))
}
