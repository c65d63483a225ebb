//! A database of its own on a PostgreSQL server, for as long as something is measured on it.

use std::process::{self, Command};

/// Makes a database on the server that `server` is a URL of, lends the URL of the database, and removes it.
pub(crate) fn with_database(server: &str, measure: impl FnOnce(&str)) {
    let name = format!("latchkey_bench_{}", process::id());
    // What follows the question mark may name files.
    let (address, parameters) = server
        .split_once('?')
        .map_or((server, String::new()), |(address, rest)| (address, format!("?{rest}")));
    let (host, _) = address.rsplit_once('/').expect("a URL has a path");
    sql(server, &format!("CREATE DATABASE {name}"));
    measure(&format!("{host}/{name}{parameters}"));
    sql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// Runs a statement outside the database that is measured.
fn sql(server: &str, statement: &str) {
    let psql = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--dbname", server, "--command", statement])
        .status();
    assert!(psql.is_ok_and(|status| status.success()), "{statement}");
}
