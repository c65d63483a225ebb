//! Rows of `idempotency_keys`: what programs wanted to be done once, and what came of it.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{DbConnection, StoreError, dialect::on_backend, schema::idempotency_keys};

/// One act of one caller: digests of the key that names it and of what was sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who asks; keys of others are other keys.
    pub caller: String,
    /// Digest of the key.
    pub key: Vec<u8>,
    /// Digest of what was sent.
    pub content: Vec<u8>,
}

/// What stands under the key of an act that was done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Digest of what was sent then.
    pub content: Vec<u8>,
    /// Public id of what was made.
    pub made: String,
}

/// Claims an act for the transaction; what was done when somebody else has claimed it. Whoever comes while another
/// transaction has claimed it waits for the end of that one.
pub fn claim(connection: &mut DbConnection, act: &Act, now: PrimitiveDateTime) -> Result<Option<Done>, StoreError> {
    let values = (
        idempotency_keys::caller.eq(&act.caller),
        idempotency_keys::key_digest.eq(&act.key),
        idempotency_keys::content.eq(&act.content),
        idempotency_keys::made.eq(""),
        idempotency_keys::created_at.eq(now),
    );
    let rows = on_backend!(connection, inner => diesel::insert_into(idempotency_keys::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if rows == 1 {
        return Ok(None);
    }
    let (content, made) = idempotency_keys::table
        .find((&act.caller, &act.key))
        .select((idempotency_keys::content, idempotency_keys::made))
        .get_result(connection)?;
    Ok(Some(Done { content, made }))
}

/// Notes what came of an act that the transaction has claimed.
pub fn fulfil(connection: &mut DbConnection, act: &Act, made: &str) -> Result<(), StoreError> {
    diesel::update(idempotency_keys::table.find((&act.caller, &act.key)))
        .set(idempotency_keys::made.eq(made))
        .execute(connection)?;
    Ok(())
}

/// Forgets the acts from before `before`; returns how many.
pub fn sweep(connection: &mut DbConnection, before: PrimitiveDateTime) -> Result<usize, StoreError> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(before));
    Ok(diesel::delete(old).execute(connection)?)
}
