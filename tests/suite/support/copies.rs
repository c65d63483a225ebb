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
    const ORIGINAL: &str = "SELECT tokens.number, tokens.id, tokens.account_id, accounts.plan_id, \
         accounts.suspended_at IS NOT NULL, accounts.removed_at IS NOT NULL, secret_digest, secret_key_id, scopes, sites, \
         addresses, expires_at, name, accounts.public_id, accounts.username, paused_at, paused_by, revoked_at, \
         previous_digest, previous_key_id, previous_until \
         FROM tokens JOIN accounts ON accounts.id = tokens.account_id";
    const COPY: &str = "SELECT * FROM token_standings";
    let differing = format!(
        "SELECT count(*) AS \"rows\" FROM (SELECT * FROM ({ORIGINAL} EXCEPT {COPY}) AS one \
         UNION ALL SELECT * FROM ({COPY} EXCEPT {ORIGINAL}) AS other) AS differing"
    );
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
