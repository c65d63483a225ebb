//! A database that belongs to one test and is gone after it.

use std::{
    env,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

/// Names the server on which the PostgreSQL tests make their databases; `tests/run` sets it.
const POSTGRES: &str = "LATCHKEY_TEST_POSTGRES";

/// An empty database for one test.
#[derive(Debug)]
pub(crate) struct Database {
    folder: TempDir,
    postgres: Option<String>,
}

impl Database {
    /// A new file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        Self::with(None)
    }

    fn with(postgres: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { folder, postgres }
    }

    /// A new database on the server that `LATCHKEY_TEST_POSTGRES` names. Panics when that is not set.
    pub(crate) fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "latchkey_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        sql(&format!("CREATE DATABASE {name}"));
        Self::with(Some(name))
    }

    /// The folder for the server key and whatever else is no database.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// What the `database` setting takes.
    pub(crate) fn url(&self) -> String {
        match &self.postgres {
            Some(name) => on_server(name),
            None => format!("sqlite://{}", self.folder.path().join("latchkey.db").display()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.postgres {
            sql(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The URL of a database of that name on the tests' server, with everything else as the server's own URL has it.
fn on_server(name: &str) -> String {
    let server = env::var(POSTGRES).unwrap_or_else(|_| panic!("{POSTGRES} is not set: run tests/run"));
    let (address, options) = server.split_once('?').unwrap_or((&server, ""));
    let (address, _) = address.rsplit_once('/').expect("a URL has a path");
    if options.is_empty() {
        format!("{address}/{name}")
    } else {
        format!("{address}/{name}?{options}")
    }
}

/// Runs a statement on the server, outside any database of the application.
fn sql(statement: &str) {
    let psql = env::var("LATCHKEY_TEST_PSQL").unwrap_or_else(|_| "psql".to_owned());
    let output = Command::new(psql)
        .args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--dbname",
            &on_server("postgres"),
            "--command",
            statement,
        ])
        .output()
        .expect("psql can be started");
    assert!(
        output.status.success(),
        "{statement}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

mod tests {
    use crate::support::Database;

    on_both!(no_two_tests_share_a_database);

    fn no_two_tests_share_a_database(first: &Database) {
        let second = if first.is_postgres() {
            Database::postgres()
        } else {
            Database::sqlite()
        };
        assert_ne!(first.url(), second.url());
        assert_ne!(first.folder(), second.folder());
        assert!(
            first.folder().is_dir()
                && first.url().starts_with(if first.is_postgres() {
                    "postgres://"
                } else {
                    "sqlite:///"
                })
        );
    }
}
