//! Rows of `refusals`: how often something was refused in an hour. As many rows an hour as [`KEPT_APART`], and one for all
//! that is beyond.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{DbConnection, StoreError, dialect::on_backend, schema::refusals};
use crate::domain::refused::{KEPT_APART, OTHERS, RefusedCount, RefusedKey};

/// Adds what a node has counted, in the order of the hours.
pub fn add(connection: &mut DbConnection, counts: &[RefusedCount]) -> Result<(), StoreError> {
    for of_hour in counts.chunk_by(|one, other| one.key.hour == other.key.hour) {
        let Some(first) = of_hour.first() else { continue };
        let mut kept = hold_hour(connection, &first.key)?;
        for count in of_hour {
            if add_to_row(connection, count)? {
                continue;
            }
            let key = if kept < KEPT_APART {
                count.key.clone()
            } else {
                count.key.others()
            };
            upsert(connection, &RefusedCount { key, ..count.clone() })?;
            kept += 1;
        }
    }
    Ok(())
}

fn add_to_row(connection: &mut DbConnection, count: &RefusedCount) -> Result<bool, StoreError> {
    let RefusedKey {
        hour,
        kind,
        subject,
        address,
    } = &count.key;
    let changed = diesel::update(refusals::table.find((hour, kind, subject, address)))
        .set((
            refusals::tries.eq(refusals::tries + count.tries),
            refusals::last_at.eq(count.last_at),
        ))
        .execute(connection)?;
    Ok(changed > 0)
}

/// Locks the row of the hour's rest, so that nodes that count at once follow one another; returns how many rows the hour
/// has.
fn hold_hour(connection: &mut DbConnection, key: &RefusedKey) -> Result<i64, StoreError> {
    let rest = RefusedKey {
        kind: OTHERS.to_owned(),
        ..key.others()
    };
    let count = RefusedCount {
        last_at: key.hour,
        tries: 0,
        key: rest,
    };
    upsert(connection, &count)?;
    Ok(refusals::table
        .filter(refusals::hour.eq(key.hour))
        .filter(refusals::subject.ne(OTHERS))
        .count()
        .get_result(connection)?)
}

fn upsert(connection: &mut DbConnection, count: &RefusedCount) -> Result<(), StoreError> {
    let new = (
        refusals::hour.eq(count.key.hour),
        refusals::kind.eq(&count.key.kind),
        refusals::subject.eq(&count.key.subject),
        refusals::address.eq(&count.key.address),
        refusals::tries.eq(count.tries),
        refusals::last_at.eq(count.last_at),
    );
    on_backend!(connection, inner => diesel::insert_into(refusals::table)
        .values(new)
        .on_conflict((refusals::hour, refusals::kind, refusals::subject, refusals::address))
        .do_update()
        .set((refusals::tries.eq(refusals::tries + count.tries), refusals::last_at.eq(count.last_at)))
        .execute(inner))?;
    Ok(())
}

type Row = (PrimitiveDateTime, String, String, String, i64, PrimitiveDateTime);

/// At most `limit` rows after `after` in this order, of this kind if one is given: the latest hour first, then by kind,
/// name and address.
pub fn list(
    connection: &mut DbConnection,
    kind: Option<&str>,
    after: Option<&RefusedKey>,
    limit: i64,
) -> Result<Vec<RefusedCount>, StoreError> {
    let mut select = refusals::table
        .filter(refusals::tries.gt(0))
        .order((
            refusals::hour.desc(),
            refusals::kind.desc(),
            refusals::subject.desc(),
            refusals::address.desc(),
        ))
        .limit(limit)
        .into_boxed();
    if let Some(kind) = kind {
        select = select.filter(refusals::kind.eq(kind.to_owned()));
    }
    if let Some(RefusedKey {
        hour,
        kind,
        subject,
        address,
    }) = after.cloned()
    {
        let (same_kind, same_subject) = (kind.clone(), subject.clone());
        let in_subject = refusals::subject
            .lt(subject)
            .or(refusals::subject.eq(same_subject).and(refusals::address.lt(address)));
        let in_hour = refusals::kind.lt(kind).or(refusals::kind.eq(same_kind).and(in_subject));
        // The first condition says nothing new: with it the index begins where the page does.
        select = select
            .filter(refusals::hour.le(hour))
            .filter(refusals::hour.lt(hour).or(refusals::hour.eq(hour).and(in_hour)));
    }
    let rows: Vec<Row> = select
        .select((
            refusals::hour,
            refusals::kind,
            refusals::subject,
            refusals::address,
            refusals::tries,
            refusals::last_at,
        ))
        .load(connection)?;
    let count = |(hour, kind, subject, address, tries, last_at)| RefusedCount {
        key: RefusedKey {
            hour,
            kind,
            subject,
            address,
        },
        tries,
        last_at,
    };
    Ok(rows.into_iter().map(count).collect())
}

/// Removes what is from before `kept_since`; returns how many rows.
pub fn sweep(connection: &mut DbConnection, kept_since: PrimitiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(refusals::table.filter(refusals::hour.lt(kept_since))).execute(connection)?)
}
