//! Writing what a token was used for to SQLite row by row, where each has to be looked at: a token that is used for so many
//! things that not all of them get a row.

use diesel::{
    QueryResult, SqliteConnection,
    dsl::{case_when, count_star},
    prelude::*,
    sql_types::Timestamp,
};
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::TokenId,
        usage::{MAX_VARIETY, TokenUse, UsageCell},
    },
    store::{StoreError, schema::usage_hours},
};

/// Writes the calls of a token that may have no room for all of them.
pub(super) fn write_cells(connection: &mut SqliteConnection, used: &TokenUse) -> Result<(), StoreError> {
    // How many rows the token has in each hour that a new one is for.
    let mut known = Vec::new();
    for cell in &used.cells {
        if add(connection, used.token, cell)? {
            continue;
        }
        if has_room(connection, used.token, cell.hour, &mut known)? {
            insert(connection, used.token, cell)?;
        } else {
            let folded = cell.folded();
            if !add(connection, used.token, &folded)? {
                insert(connection, used.token, &folded)?;
            }
        }
    }
    Ok(())
}

/// Adds calls to a row; false when there is none.
fn add(connection: &mut SqliteConnection, token: TokenId, cell: &UsageCell) -> QueryResult<bool> {
    let key = (
        token.0,
        cell.hour,
        &*cell.route,
        &*cell.scope,
        &*cell.site,
        cell.address_text(),
        cell.outcome,
    );
    let rows = diesel::update(usage_hours::table.find(key))
        .set((
            usage_hours::calls.eq(usage_hours::calls + cell.calls),
            // What a process could not write at once comes later than what others have written since.
            usage_hours::last_at.eq(case_when(
                usage_hours::last_at.lt(cell.last_at),
                cell.last_at.into_sql::<Timestamp>(),
            )
            .otherwise(usage_hours::last_at)),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

fn insert(connection: &mut SqliteConnection, token: TokenId, cell: &UsageCell) -> QueryResult<()> {
    let values = (
        usage_hours::token_id.eq(token.0),
        usage_hours::hour.eq(cell.hour),
        usage_hours::route.eq(&*cell.route),
        usage_hours::scope.eq(&*cell.scope),
        usage_hours::site.eq(&*cell.site),
        usage_hours::address.eq(cell.address_text()),
        usage_hours::outcome.eq(cell.outcome),
        usage_hours::calls.eq(cell.calls),
        usage_hours::last_at.eq(cell.last_at),
    );
    diesel::insert_into(usage_hours::table)
        .values(values)
        .execute(connection)?;
    Ok(())
}

/// Whether the token may have one more row in this hour; it is taken to get it.
fn has_room(
    connection: &mut SqliteConnection,
    token: TokenId,
    hour: PrimitiveDateTime,
    known: &mut Vec<(PrimitiveDateTime, usize)>,
) -> QueryResult<bool> {
    let place = if let Some(place) = known.iter().position(|(of, _)| *of == hour) {
        place
    } else {
        let rows: i64 = usage_hours::table
            .filter(usage_hours::token_id.eq(token.0))
            .filter(usage_hours::hour.eq(hour))
            .select(count_star())
            .get_result(connection)?;
        known.push((hour, usize::try_from(rows).unwrap_or(usize::MAX)));
        known.len() - 1
    };
    let rows = &mut known[place].1;
    let has_room = *rows < MAX_VARIETY;
    *rows += usize::from(has_room);
    Ok(has_room)
}
