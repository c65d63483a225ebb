//! What the database keeps twice, so that decisions find it in one place, is the same in both places.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use latchkey::{
    app::App,
    store::{DbConnection, StoreError},
};

#[derive(QueryableByName)]
struct Differing {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Panics when a token and its account stand otherwise in `token_standings` than in their own rows. A database that a
/// test has taken away or apart says nothing.
pub(super) fn are_exact(app: &App) {
    let (token, account) = match app.store.sqlite_path() {
        Some(_) => ("tokens.facts", "accounts.facts"),
        None => ("token_facts(tokens)", "account_facts(accounts)"),
    };
    let original = format!(
        "SELECT number, account_id, plan_id, secret_digest, previous_digest, {account}, {token} \
         FROM tokens JOIN accounts ON accounts.id = account_id"
    );
    let copy =
        "SELECT number, account_id, plan_id, secret_digest, previous_digest, account, token FROM token_standings";
    let differing = format!(
        "SELECT count(*) AS \"rows\" FROM (SELECT * FROM ({original} EXCEPT {copy}) AS one \
         UNION ALL SELECT * FROM ({copy} EXCEPT {original}) AS other) AS differing"
    );
    #[expect(clippy::disallowed_methods, reason = "diesel builds no EXCEPT")]
    let count = |connection: &mut DbConnection| -> Result<Differing, StoreError> {
        Ok(match connection {
            DbConnection::Sqlite(sqlite) => sql_query(&differing).get_result(sqlite)?,
            DbConnection::Postgres(postgres) => sql_query(&differing).get_result(postgres)?,
        })
    };
    if let Ok(Differing { rows }) = app.store.read_here(count) {
        assert_eq!(rows, 0, "tokens stand otherwise than decisions are made by");
    }
}
