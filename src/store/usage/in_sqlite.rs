//! Writing what tokens were used for to SQLite, all rows of a table in one statement.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryResult, SqliteConnection,
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{
    json_rows::{json, statement},
    last_uses, one_by_one,
};
use crate::{
    domain::{
        id::TokenId,
        usage::{MAX_VARIETY, TokenUse},
    },
    store::{StoreError, instant},
};

/// See [`super::write`].
pub(super) fn write(connection: &mut SqliteConnection, uses: &[TokenUse]) -> Result<(), StoreError> {
    last_uses::keep(connection, uses)?;
    give_way();
    let rows = rows_of(connection, uses)?;
    let (roomy, full): (Vec<_>, Vec<_>) = uses.iter().partition(|used| has_room(&rows, used));
    add_cells(connection, &roomy)?;
    give_way();
    for used in full {
        one_by_one::write_cells(connection, used)?;
        give_way();
    }
    add_days(connection, uses)?;
    Ok(())
}

/// Where this thread shares a core with those who answer, they go first.
fn give_way() {
    std::thread::yield_now();
}

/// How many rows tokens have in their hours.
type Rows = HashMap<(TokenId, String), usize>;

#[derive(QueryableByName)]
struct HourRows {
    #[diesel(sql_type = BigInt)]
    token_id: i64,
    #[diesel(sql_type = Text)]
    hour: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

fn rows_of(connection: &mut SqliteConnection, uses: &[TokenUse]) -> QueryResult<Rows> {
    let hours: HashSet<(i64, String)> = uses
        .iter()
        .flat_map(|used| used.cells.iter().map(|cell| (used.token.0, instant::text(cell.hour))))
        .collect();
    let rows: Vec<HourRows> = statement(
        "SELECT value ->> 0 AS token_id, value ->> 1 AS hour, \
             (SELECT count(*) FROM usage_hours \
              WHERE usage_hours.token_id = value ->> 0 AND usage_hours.hour = value ->> 1) AS rows \
         FROM json_each(?)",
    )
    .bind::<Text, _>(json(&hours))
    .load(connection)?;
    let count = |row: HourRows| {
        (
            (TokenId(row.token_id), row.hour),
            usize::try_from(row.rows).unwrap_or(usize::MAX),
        )
    };
    Ok(rows.into_iter().map(count).collect())
}

/// Whether there is room for all that the token was used for, whatever of it has a row already.
fn has_room(rows: &Rows, used: &TokenUse) -> bool {
    used.cells.iter().all(|cell| {
        let known = rows.get(&(used.token, instant::text(cell.hour)));
        known.copied().unwrap_or_default() + used.cells.len() <= MAX_VARIETY
    })
}

/// Adds calls to the rows of their hours, which are made where there are none. As in PostgreSQL those of a token that is
/// not there are left out.
fn add_cells(connection: &mut SqliteConnection, uses: &[&TokenUse]) -> QueryResult<()> {
    let cells = uses.iter().flat_map(|used| {
        used.cells.iter().map(|cell| {
            (
                used.token.0,
                instant::text(cell.hour),
                &*cell.route,
                &*cell.scope,
                &*cell.site,
                cell.address_text(),
                cell.outcome,
                cell.calls,
                instant::text(cell.last_at),
            )
        })
    });
    let cells: Vec<_> = cells.collect();
    // What a process could not write at once comes later than what others have written since.
    statement(
        "INSERT INTO usage_hours (token_id, hour, route, scope, site, address, outcome, calls, last_at) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
             value ->> 8 \
         FROM json_each(?) JOIN tokens ON tokens.id = value ->> 0 WHERE true \
         ON CONFLICT (token_id, hour, route, scope, site, address, outcome) DO UPDATE \
         SET calls = calls + excluded.calls, last_at = max(last_at, excluded.last_at)",
    )
    .bind::<Text, _>(json(&cells))
    .execute(connection)?;
    Ok(())
}

fn add_days(connection: &mut SqliteConnection, uses: &[TokenUse]) -> QueryResult<()> {
    let days = uses.iter().flat_map(TokenUse::days);
    let days: Vec<_> = days
        .map(|day| (day.token.0, instant::text(day.day), day.allowed, day.refused))
        .collect();
    statement(
        "INSERT INTO usage_days (token_id, day, allowed, refused) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 \
         FROM json_each(?) JOIN tokens ON tokens.id = value ->> 0 WHERE true \
         ON CONFLICT (token_id, day) DO UPDATE \
         SET allowed = allowed + excluded.allowed, refused = refused + excluded.refused",
    )
    .bind::<Text, _>(json(&days))
    .execute(connection)?;
    Ok(())
}
