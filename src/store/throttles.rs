//! Rows of `throttles`: how often something was tried lately, shared by all nodes.

use diesel::prelude::*;
use time::{Duration, PrimitiveDateTime};

use super::{DbConnection, StoreError, dialect::on_backend, schema::throttles};

/// How many tries a bucket allows.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Tries within the window.
    pub tries: i64,
    /// Length of the window, which starts with the first try; also how long a full bucket refuses.
    pub window: Duration,
}

/// Takes one try out of a bucket before the try is made, so that parallel tries cannot all pass.
///
/// Returns until when the bucket refuses, or `None` when the try may be made.
pub fn take(
    connection: &mut DbConnection,
    bucket: &str,
    limit: Limit,
    now: PrimitiveDateTime,
) -> Result<Option<PrimitiveDateTime>, StoreError> {
    let until = now + limit.window;
    let new = (
        throttles::bucket.eq(bucket),
        throttles::tries.eq(0),
        throttles::since.eq(now),
        throttles::until.eq(until),
    );
    // The row's lock, taken by this upsert, is held until the transaction ends: other tries wait for it.
    on_backend!(connection, inner => diesel::insert_into(throttles::table)
        .values(new)
        .on_conflict(throttles::bucket)
        .do_update()
        .set(throttles::tries.eq(throttles::tries + 0))
        .execute(inner))?;
    let row = throttles::table.find(bucket);
    let (tries, ends): (i64, PrimitiveDateTime) = row
        .select((throttles::tries, throttles::until))
        .get_result(connection)?;
    if ends <= now {
        diesel::update(row)
            .set((
                throttles::tries.eq(1),
                throttles::since.eq(now),
                throttles::until.eq(until),
            ))
            .execute(connection)?;
        return Ok(None);
    }
    if tries >= limit.tries {
        return Ok(Some(ends));
    }
    // The last allowed try closes the bucket for a whole window from now.
    let ends = if tries + 1 >= limit.tries { until } else { ends };
    diesel::update(row)
        .set((throttles::tries.eq(tries + 1), throttles::until.eq(ends)))
        .execute(connection)?;
    Ok(None)
}

/// Empties a bucket after a success.
pub fn reset(connection: &mut DbConnection, bucket: &str) -> Result<(), StoreError> {
    diesel::delete(throttles::table.find(bucket)).execute(connection)?;
    Ok(())
}

/// Removes buckets that have not refused or counted since `now`; returns how many.
pub fn sweep(connection: &mut DbConnection, now: PrimitiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(throttles::table.filter(throttles::until.lt(now))).execute(connection)?)
}
