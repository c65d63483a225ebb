//! Brings a database to the shape that this version of the program expects.

use diesel::{Connection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::DbConnection, error::StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any fixed number; nodes that start together on one PostgreSQL wait for each other on it.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(7061253408)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(7061253408)";

/// Applies what is pending and returns the names of what was applied.
pub(super) fn run(connection: &mut DbConnection) -> Result<Vec<String>, StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    match connection {
        DbConnection::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(names).map_err(failed),
        DbConnection::Postgres(postgres) => {
            // The wait for another node's migration may be longer than a page may take.
            postgres.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")?;
            postgres.batch_execute(MIGRATION_LOCK)?;
            let applied = postgres.run_pending_migrations(POSTGRES).map(names).map_err(failed);
            postgres.batch_execute(MIGRATION_UNLOCK)?;
            postgres.batch_execute("SET statement_timeout = '10s'; SET lock_timeout = '5s'")?;
            applied
        }
    }
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// The SQLite build options that the statement cache and the threading rely on.
///
/// Errors with [`StoreError::Migration`] when the program was built without the flags of `.cargo/config.toml`.
pub(super) fn check_sqlite_build(connection: &mut DbConnection) -> Result<(), StoreError> {
    let DbConnection::Sqlite(sqlite) = connection else {
        return Ok(());
    };
    let options: Vec<String> = sqlite.transaction(|sqlite| {
        use diesel::{RunQueryDsl, dsl::sql, sql_types::Text};
        sql::<Text>("SELECT compile_options FROM pragma_compile_options").load(sqlite)
    })?;
    let has = |name: &str| options.iter().any(|option| option.starts_with(name));
    if has("ENABLE_STAT4") || !has("ENABLE_QPSG") || !has("THREADSAFE=2") {
        return Err(StoreError::Migration(
            "SQLite was built without the flags of .cargo/config.toml; build from the project's folder".to_owned(),
        ));
    }
    Ok(())
}
