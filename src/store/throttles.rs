//! Rows of `throttles`: how often something was tried lately, shared by all nodes.
//!
//! Every function that takes a try locks the bucket's row until the transaction ends, so that tries which come at once
//! are counted one after the other and none slips through.

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

/// How fast tries may follow one another.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Tries that may come at once.
    pub burst: i32,
    /// From then on one try in each of these.
    pub every: Duration,
}

/// Locks the row of a bucket, made when there is none; returns its tries and its time.
fn lock(
    connection: &mut DbConnection,
    bucket: &str,
    now: PrimitiveDateTime,
) -> Result<(i64, PrimitiveDateTime), StoreError> {
    let new = (
        throttles::bucket.eq(bucket),
        throttles::tries.eq(0),
        throttles::since.eq(now),
        throttles::until.eq(now),
    );
    // The row's lock, taken by this upsert, is held until the transaction ends: other tries wait for it.
    on_backend!(connection, inner => diesel::insert_into(throttles::table)
        .values(new)
        .on_conflict(throttles::bucket)
        .do_update()
        .set(throttles::tries.eq(throttles::tries + 0))
        .execute(inner))?;
    let row = throttles::table.find(bucket);
    Ok(row
        .select((throttles::tries, throttles::until))
        .get_result(connection)?)
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
    take_many(connection, bucket, limit, 1, now)
}

/// [`take`] of several tries at once, all of them or none. An empty bucket never refuses.
pub fn take_many(
    connection: &mut DbConnection,
    bucket: &str,
    limit: Limit,
    many: i64,
    now: PrimitiveDateTime,
) -> Result<Option<PrimitiveDateTime>, StoreError> {
    let (tries, ends) = lock(connection, bucket, now)?;
    let until = now + limit.window;
    let row = diesel::update(throttles::table.find(bucket));
    if ends <= now {
        row.set((
            throttles::tries.eq(many),
            throttles::since.eq(now),
            throttles::until.eq(until),
        ))
        .execute(connection)?;
        return Ok(None);
    }
    if tries >= limit.tries || tries.saturating_add(many) > limit.tries {
        return Ok(Some(ends));
    }
    // The last allowed try closes the bucket for a whole window from now.
    let ends = if tries + many >= limit.tries { until } else { ends };
    row.set((throttles::tries.eq(tries + many), throttles::until.eq(ends)))
        .execute(connection)?;
    Ok(None)
}

/// Until when a bucket refuses; nothing when a try may be made. Takes none.
pub fn refuses_until(
    connection: &mut DbConnection,
    bucket: &str,
    limit: Limit,
    now: PrimitiveDateTime,
) -> Result<Option<PrimitiveDateTime>, StoreError> {
    let full = throttles::table
        .find(bucket)
        .filter(throttles::tries.ge(limit.tries))
        .filter(throttles::until.gt(now));
    Ok(full.select(throttles::until).get_result(connection).optional()?)
}

/// Takes one try that must keep a pace, by the generic cell rate algorithm (ITU-T I.371): the bucket's time is when it
/// would be empty again, and each try moves that by one interval.
///
/// Returns until when the bucket refuses, or `None` when the try may be made.
pub fn take_at_pace(
    connection: &mut DbConnection,
    bucket: &str,
    pace: Pace,
    now: PrimitiveDateTime,
) -> Result<Option<PrimitiveDateTime>, StoreError> {
    let (_, empty_at) = lock(connection, bucket, now)?;
    let empty_at = empty_at.max(now) + pace.every;
    let allowed_from = empty_at - pace.every * pace.burst;
    if allowed_from > now {
        return Ok(Some(allowed_from));
    }
    diesel::update(throttles::table.find(bucket))
        .set(throttles::until.eq(empty_at))
        .execute(connection)?;
    Ok(None)
}

/// Gives back a try that [`take_at_pace`] took.
pub fn give_back_at_pace(
    connection: &mut DbConnection,
    bucket: &str,
    pace: Pace,
    now: PrimitiveDateTime,
) -> Result<(), StoreError> {
    let (_, empty_at) = lock(connection, bucket, now)?;
    diesel::update(throttles::table.find(bucket))
        .set(throttles::until.eq(empty_at - pace.every))
        .execute(connection)?;
    Ok(())
}

/// Gives a try back that was taken and then not made.
pub fn give_back(connection: &mut DbConnection, bucket: &str) -> Result<(), StoreError> {
    diesel::update(throttles::table.find(bucket).filter(throttles::tries.gt(0)))
        .set(throttles::tries.eq(throttles::tries - 1))
        .execute(connection)?;
    Ok(())
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
