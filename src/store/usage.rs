//! Rows of `usage_hours` and `usage_days`, and what waits to become some of them.

mod in_postgres;
mod in_sqlite;
mod json_rows;
mod last_uses;
mod one_by_one;
mod sums;
mod waiting;

use diesel::{dsl::case_when, prelude::*, upsert::excluded};
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    among::among,
    dialect::on_backend,
    instant::Instant,
    schema::{usage_days, usage_hours},
};
use crate::domain::{
    id::TokenId,
    usage::{TokenUse, UsageDay, UsageKey, UsageRow},
};

pub use sums::{OutcomeFilter, UsageChoices, UsageFilter, UsageSum, list_choices, sum};
pub use waiting::{Piece, count_waiting, next_waiting, put_down, write_down};

/// Days of tokens that one [`sweep`] removes: with their hours some thousands of rows.
const SWEPT_AT_ONCE: i64 = 25;

/// Adds what tokens were used for: to their hours, of which each has no more than [`MAX_VARIETY`](crate::domain::usage::MAX_VARIETY) rows and some for the
/// others, to their days, and to the tokens themselves or what [`note_last_uses`] notes there. All in one transaction, so
/// that no hour is without its day.
///
/// The tokens are in the order of their ids: nodes that write at once wait for each other and never in a circle.
fn write(connection: &mut DbConnection, uses: &[TokenUse]) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => in_sqlite::write(sqlite, uses),
        DbConnection::Postgres(postgres) => in_postgres::write(postgres, uses),
    }
}

/// Notes on tokens when they were last used, as far as [`write_down`] has left that for later: at most `most` of them, the
/// first behind `after`. Returns the last of them when there may be more; 0 is before all.
pub fn note_last_uses(connection: &mut DbConnection, after: TokenId, most: i64) -> Result<Option<TokenId>, StoreError> {
    match connection {
        DbConnection::Sqlite(sqlite) => Ok(last_uses::note(sqlite, after.0, most)?.map(TokenId)),
        // They are noted at once: no reader has to forget anything.
        DbConnection::Postgres(_) => Ok(None),
    }
}

/// Adds calls to the counts of one hour, however many there are.
pub fn add(connection: &mut DbConnection, row: &UsageRow) -> Result<(), StoreError> {
    let key = &row.key;
    let values = (
        usage_hours::token_id.eq(key.token.0),
        usage_hours::hour.eq(key.hour),
        usage_hours::route.eq(&key.route),
        usage_hours::scope.eq(&key.scope),
        usage_hours::site.eq(&key.site),
        usage_hours::address.eq(&key.address),
        usage_hours::outcome.eq(&key.outcome),
        usage_hours::calls.eq(row.calls),
        usage_hours::last_at.eq(row.last_at),
    );
    let of = (
        usage_hours::token_id,
        usage_hours::hour,
        usage_hours::route,
        usage_hours::scope,
        usage_hours::site,
        usage_hours::address,
        usage_hours::outcome,
    );
    on_backend!(connection, inner => diesel::insert_into(usage_hours::table)
        .values(values)
        .on_conflict(of)
        .do_update()
        .set((
            usage_hours::calls.eq(usage_hours::calls + excluded(usage_hours::calls)),
            // What a node could not write at once comes later than what others have written since.
            usage_hours::last_at.eq(case_when(
                excluded(usage_hours::last_at).gt(usage_hours::last_at),
                excluded(usage_hours::last_at),
            )
            .otherwise(usage_hours::last_at)),
        ))
        .execute(inner))?;
    Ok(())
}

/// Adds calls to the counts of one day.
pub fn add_day(connection: &mut DbConnection, day: &UsageDay) -> Result<(), StoreError> {
    let values = (
        usage_days::token_id.eq(day.token.0),
        usage_days::day.eq(day.day),
        usage_days::allowed.eq(day.allowed),
        usage_days::refused.eq(day.refused),
    );
    on_backend!(connection, inner => diesel::insert_into(usage_days::table)
        .values(values)
        .on_conflict((usage_days::token_id, usage_days::day))
        .do_update()
        .set((
            usage_days::allowed.eq(usage_days::allowed + excluded(usage_days::allowed)),
            usage_days::refused.eq(usage_days::refused + excluded(usage_days::refused)),
        ))
        .execute(inner))?;
    Ok(())
}

/// The days since `since` of several tokens, in one query.
pub fn list_days(
    connection: &mut DbConnection,
    tokens: &[TokenId],
    since: PrimitiveDateTime,
) -> Result<Vec<UsageDay>, StoreError> {
    let ids: Vec<i64> = tokens.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, Instant, i64, i64)> = on_backend!(connection, inner => usage_days::table
        .filter(among("usage_days.token_id", &ids))
        .filter(usage_days::day.ge(since))
        .order((usage_days::token_id, usage_days::day))
        .load(inner))?;
    let day = |(token, day, allowed, refused): (i64, Instant, i64, i64)| UsageDay {
        token: TokenId(token),
        day: day.into(),
        allowed,
        refused,
    };
    Ok(rows.into_iter().map(day).collect())
}

/// The hours of one token since `since`, latest first, at most `limit`.
pub fn list_hours(
    connection: &mut DbConnection,
    token: TokenId,
    since: PrimitiveDateTime,
    limit: i64,
) -> Result<Vec<UsageRow>, StoreError> {
    type Columns = (
        i64,
        PrimitiveDateTime,
        String,
        String,
        String,
        String,
        String,
        i64,
        PrimitiveDateTime,
    );
    let rows: Vec<Columns> = usage_hours::table
        .filter(usage_hours::token_id.eq(token.0))
        .filter(usage_hours::hour.ge(since))
        .order((usage_hours::hour.desc(), usage_hours::last_at.desc()))
        .limit(limit)
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(
            |(token, hour, route, scope, site, address, outcome, calls, last_at)| UsageRow {
                key: UsageKey {
                    token: TokenId(token),
                    hour,
                    route,
                    scope,
                    site,
                    address,
                    outcome,
                },
                calls,
                last_at,
            },
        )
        .collect())
}

/// Removes a part of what is older than `before`, the oldest first; returns how many rows, 0 when nothing is left.
pub fn sweep(connection: &mut DbConnection, before: PrimitiveDateTime) -> Result<usize, StoreError> {
    let over: Vec<(Instant, i64)> = usage_days::table
        .filter(usage_days::day.lt(before))
        .order((usage_days::day, usage_days::token_id))
        .limit(SWEPT_AT_ONCE)
        .select((usage_days::day, usage_days::token_id))
        .load(connection)?;
    let mut tokens: Vec<i64> = over.into_iter().map(|(_, token)| token).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let (hours, days) = (usage_hours::table, usage_days::table);
    let hours = diesel::delete(hours.filter(among("usage_hours.token_id", &tokens)))
        .filter(usage_hours::hour.lt(before))
        .execute(connection)?;
    let days = diesel::delete(days.filter(among("usage_days.token_id", &tokens)))
        .filter(usage_days::day.lt(before))
        .execute(connection)?;
    Ok(hours + days)
}
