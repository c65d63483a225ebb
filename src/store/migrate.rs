//! Brings a database to the shape that this version of the program expects.

use diesel::{
    Connection, RunQueryDsl,
    backend::Backend,
    connection::SimpleConnection,
    dsl::sql,
    migration::MigrationSource,
    pg::Pg,
    sql_types::{BigInt, Bool, Text},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{connection::DbConnection, dialect::on_backend, error::StoreError};

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

/// How the shape of a database stands to what this version expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing has been made in it yet.
    New,
    /// These migrations will be applied at the next start.
    Behind(Vec<String>),
    /// It is as expected.
    Current,
    /// A later version of the program applied these, which this one does not know.
    Ahead(Vec<String>),
}

/// Compares without changing anything.
pub(super) fn shape(connection: &mut DbConnection) -> Result<Shape, StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    let (exists, known) = match connection {
        DbConnection::Sqlite(sqlite) => {
            let count = sql::<BigInt>("SELECT count(*) FROM sqlite_schema WHERE name = '__diesel_schema_migrations'");
            let exists = count.get_result::<i64>(sqlite)? > 0;
            (exists, known::<Sqlite>(&SQLITE).map_err(failed)?)
        }
        DbConnection::Postgres(postgres) => {
            let there = sql::<Bool>("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL");
            (there.get_result(postgres)?, known::<Pg>(&POSTGRES).map_err(failed)?)
        }
    };
    if !exists {
        return Ok(Shape::New);
    }
    let applied: Vec<String> = on_backend!(connection, inner => {
        sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(inner)
    })?;
    let missing_in = |here: &[String], there: &[String]| -> Vec<String> {
        there.iter().filter(|name| !here.contains(name)).cloned().collect()
    };
    let (ahead, behind) = (missing_in(&known, &applied), missing_in(&applied, &known));
    Ok(if !ahead.is_empty() {
        Shape::Ahead(ahead)
    } else if behind.is_empty() {
        Shape::Current
    } else {
        Shape::Behind(behind)
    })
}

/// The versions that this program brings along.
fn known<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let migrations = MigrationSource::<DB>::migrations(source)?;
    Ok(migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect())
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
    let options: Vec<String> =
        sqlite.transaction(|sqlite| sql::<Text>("SELECT compile_options FROM pragma_compile_options").load(sqlite))?;
    let has = |name: &str| options.iter().any(|option| option.starts_with(name));
    if has("ENABLE_STAT4") || !has("ENABLE_QPSG") || !has("THREADSAFE=2") {
        return Err(StoreError::Migration(
            "SQLite was built without the flags of .cargo/config.toml; build from the project's folder".to_owned(),
        ));
    }
    Ok(())
}
