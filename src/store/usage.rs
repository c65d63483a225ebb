//! Rows of `usage_hours` and `usage_days`.

use diesel::{
    dsl::{case_when, sql},
    prelude::*,
    sql_types::{BigInt, Timestamp},
    upsert::excluded,
};
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
    usage::{ALLOWED, UsageDay, UsageKey, UsageRow},
};

/// Adds calls to the counts of one hour.
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

/// Which calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// All.
    #[default]
    All,
    /// Those that were allowed.
    Allowed,
    /// Those that were refused.
    Refused,
}

/// The calls of one token that have everything but the hour in common.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct UsageSum {
    /// See [`UsageKey::route`].
    pub route: String,
    /// See [`UsageKey::scope`].
    pub scope: String,
    /// See [`UsageKey::site`].
    pub site: String,
    /// See [`UsageKey::address`].
    pub address: String,
    /// See [`UsageKey::outcome`].
    pub outcome: String,
    /// How many.
    pub calls: i64,
    /// The last of them.
    pub last_at: PrimitiveDateTime,
}

/// What one token was used for since `since`, the latest first: `limit` rows from `offset` on.
pub fn sum(
    connection: &mut DbConnection,
    token: TokenId,
    since: PrimitiveDateTime,
    outcome: OutcomeFilter,
    offset: i64,
    limit: i64,
) -> Result<Vec<UsageSum>, StoreError> {
    // PostgreSQL adds whole numbers up to a numeric, which is more than a count of calls needs.
    let calls = sql::<BigInt>("CAST(SUM(calls) AS BIGINT)");
    let select = usage_hours::table
        .group_by((
            usage_hours::route,
            usage_hours::scope,
            usage_hours::site,
            usage_hours::address,
            usage_hours::outcome,
        ))
        .select((
            usage_hours::route,
            usage_hours::scope,
            usage_hours::site,
            usage_hours::address,
            usage_hours::outcome,
            calls,
            sql::<Timestamp>("MAX(last_at)"),
        ))
        .filter(usage_hours::token_id.eq(token.0))
        .filter(usage_hours::hour.ge(since));
    // The last columns settle ties, so that no row is shown on two pages or on none.
    let order = (
        sql::<Timestamp>("MAX(last_at)").desc(),
        usage_hours::route,
        usage_hours::scope,
        usage_hours::site,
        usage_hours::address,
        usage_hours::outcome,
    );
    let select = select.order(order).offset(offset).limit(limit).into_boxed();
    Ok(match outcome {
        OutcomeFilter::All => select,
        OutcomeFilter::Allowed => select.filter(usage_hours::outcome.eq(ALLOWED)),
        OutcomeFilter::Refused => select.filter(usage_hours::outcome.ne(ALLOWED)),
    }
    .load(connection)?)
}

/// Removes what is older than `before`; returns how many rows.
pub fn sweep(connection: &mut DbConnection, before: PrimitiveDateTime) -> Result<usize, StoreError> {
    let hours = diesel::delete(usage_hours::table.filter(usage_hours::hour.lt(before))).execute(connection)?;
    let days = diesel::delete(usage_days::table.filter(usage_days::day.lt(before))).execute(connection)?;
    Ok(hours + days)
}
