//! Rows of `old_secrets`, `reuse` and `reuse_days`: secrets that rotations replaced, and the calls with secrets that no
//! longer work.

use diesel::{
    dsl::{case_when, exists},
    prelude::*,
    upsert::excluded,
};
use time::{Duration, PrimitiveDateTime};

use super::{
    DbConnection, StoreError,
    among::among,
    dialect::on_backend,
    error::column,
    instant::Instant,
    schema::{accounts, old_secrets, reuse, reuse_days, tokens},
};
use crate::domain::{
    id::TokenId,
    reuse::{Ended, KEPT_ADDRESSES, KEPT_SECRETS, OTHERS, QUIET_DAYS, Reuse},
    secret::{KeyId, PublicId, SecretDigest},
    usage::day_of,
};

/// The kind of a day that stands for all kinds.
const ANY: &str = "";

/// Keeps a secret that a rotation replaced and that its token's row no longer has room for; the oldest ones go.
pub(super) fn keep(
    connection: &mut DbConnection,
    token: TokenId,
    (digest, key): (&[u8], &str),
    ended_at: PrimitiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(old_secrets::table)
        .values((
            old_secrets::token_id.eq(token.0),
            old_secrets::digest.eq(digest),
            old_secrets::key_id.eq(key),
            old_secrets::ended_at.eq(ended_at),
        ))
        .execute(connection)?;
    let newest = old_secrets::table
        .filter(old_secrets::token_id.eq(token.0))
        .select(old_secrets::id)
        .order(old_secrets::id.desc());
    let oldest_kept: Option<i64> = newest
        .offset(KEPT_SECRETS - 1)
        .limit(1)
        .get_result(connection)
        .optional()?;
    if let Some(oldest) = oldest_kept {
        let beyond = old_secrets::table
            .filter(old_secrets::token_id.eq(token.0))
            .filter(old_secrets::id.lt(oldest));
        diesel::delete(beyond).execute(connection)?;
    }
    Ok(())
}

/// A secret that a rotation replaced.
#[derive(Debug)]
pub struct OldSecret {
    /// Public id of its token.
    pub public_id: PublicId,
    /// Its token.
    pub token: TokenId,
    /// Its digest.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
}

/// The replaced secrets of the tokens with these ids that are kept here. Those of removed accounts are left out: nobody
/// is there to be told.
pub fn list_old(connection: &mut DbConnection, ids: &[PublicId]) -> Result<Vec<OldSecret>, StoreError> {
    let rows: Vec<(String, i64, Vec<u8>, String)> = old_secrets::table
        .inner_join(tokens::table.inner_join(accounts::table))
        .filter(tokens::public_id.eq_any(ids.iter().map(PublicId::as_str)))
        .filter(accounts::removed_at.is_null())
        .select((
            tokens::public_id,
            old_secrets::token_id,
            old_secrets::digest,
            old_secrets::key_id,
        ))
        .load(connection)?;
    let read = |(public_id, token, digest, key): (String, i64, Vec<u8>, String)| {
        Ok(OldSecret {
            public_id: column("tokens.public_id", &public_id)?,
            token: TokenId(token),
            digest: SecretDigest::try_from(&digest[..]).map_err(|_| StoreError::Column {
                column: "old_secrets.digest",
                value: format!("{} bytes", digest.len()),
            })?,
            key: column("old_secrets.key_id", &key)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// What is new in calls that were added.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Of which kinds these are the first of the day.
    pub first_of_day: Vec<Ended>,
    /// Whether these are the first of the day of any kind, and from an address that was not there before, or after
    /// [`QUIET_DAYS`] without any.
    pub worth_a_mail: bool,
}

/// Adds what a node has seen of one token. Nodes that write at once follow one another: each kind of a day is new to one
/// of them alone.
pub fn add(connection: &mut DbConnection, token: TokenId, seen: &[Reuse]) -> Result<News, StoreError> {
    let Some(last_at) = seen.iter().map(|calls| calls.last_at).max() else {
        return Ok(News::default());
    };
    let day = day_of(last_at);
    let first = claim_day(connection, token, day, ANY)?;
    // Whoever comes second waits here until the transaction of the first one ends.
    diesel::update(reuse_days::table.find((token.0, day, ANY)))
        .set(reuse_days::kind.eq(ANY))
        .execute(connection)?;
    let mut kept: i64 = reuse::table
        .filter(reuse::token_id.eq(token.0))
        .filter(reuse::address.ne(OTHERS))
        .count()
        .get_result(connection)?;
    let mut has_new_address = false;
    for calls in seen {
        let is_known = has_row(connection, calls)?;
        if is_known || kept < KEPT_ADDRESSES && calls.address != OTHERS {
            kept += i64::from(!is_known);
            has_new_address |= !is_known;
            upsert(connection, calls)?;
        } else {
            let others = Reuse {
                address: OTHERS.to_owned(),
                ..calls.clone()
            };
            upsert(connection, &others)?;
        }
    }
    let mut news = News {
        first_of_day: Vec::new(),
        worth_a_mail: first && (has_new_address || was_quiet(connection, token, day)?),
    };
    for ended in Ended::ALL {
        if seen.iter().any(|calls| calls.ended == ended) && claim_day(connection, token, day, ended.code())? {
            news.first_of_day.push(ended);
        }
    }
    Ok(news)
}

/// Whether the day was not claimed before.
fn claim_day(
    connection: &mut DbConnection,
    token: TokenId,
    day: PrimitiveDateTime,
    kind: &str,
) -> Result<bool, StoreError> {
    let values = (
        reuse_days::token_id.eq(token.0),
        reuse_days::day.eq(day),
        reuse_days::kind.eq(kind),
    );
    let rows = on_backend!(connection, inner => diesel::insert_into(reuse_days::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(rows == 1)
}

fn was_quiet(connection: &mut DbConnection, token: TokenId, day: PrimitiveDateTime) -> Result<bool, StoreError> {
    let before = reuse_days::table
        .filter(reuse_days::token_id.eq(token.0))
        .filter(reuse_days::day.lt(day))
        .filter(reuse_days::day.ge(day - Duration::days(QUIET_DAYS)))
        .filter(reuse_days::kind.eq(ANY));
    let any: bool = diesel::select(exists(before)).get_result(connection)?;
    Ok(!any)
}

fn has_row(connection: &mut DbConnection, calls: &Reuse) -> Result<bool, StoreError> {
    let row = reuse::table.find((calls.token.0, calls.ended.code(), &calls.address));
    Ok(diesel::select(exists(row)).get_result(connection)?)
}

fn upsert(connection: &mut DbConnection, calls: &Reuse) -> Result<(), StoreError> {
    let values = (
        reuse::token_id.eq(calls.token.0),
        reuse::kind.eq(calls.ended.code()),
        reuse::address.eq(&calls.address),
        reuse::calls.eq(calls.calls),
        reuse::first_at.eq(calls.first_at),
        reuse::last_at.eq(calls.last_at),
    );
    on_backend!(connection, inner => diesel::insert_into(reuse::table)
        .values(values)
        .on_conflict((reuse::token_id, reuse::kind, reuse::address))
        .do_update()
        .set((
            reuse::calls.eq(reuse::calls + excluded(reuse::calls)),
            // What a node could not write at once comes later than what others have written since.
            reuse::last_at.eq(case_when(
                excluded(reuse::last_at).gt(reuse::last_at),
                excluded(reuse::last_at),
            )
            .otherwise(reuse::last_at)),
        ))
        .execute(inner))?;
    Ok(())
}

/// What is known of these tokens since `since`, the latest first.
pub fn list(
    connection: &mut DbConnection,
    tokens: &[TokenId],
    since: PrimitiveDateTime,
) -> Result<Vec<Reuse>, StoreError> {
    type Row = (i64, String, String, i64, Instant, Instant);
    let ids: Vec<i64> = tokens.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = on_backend!(connection, inner => reuse::table
        .filter(among("reuse.token_id", &ids))
        .filter(reuse::last_at.ge(since))
        .order((reuse::last_at.desc(), reuse::token_id, reuse::kind, reuse::address))
        .load(inner))?;
    let read = |(token, kind, address, calls, first_at, last_at): Row| {
        Ok(Reuse {
            token: TokenId(token),
            ended: column("reuse.kind", &kind)?,
            address,
            calls,
            first_at: first_at.into(),
            last_at: last_at.into(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Removes what is from before `before`; returns how many rows.
pub fn sweep(connection: &mut DbConnection, before: PrimitiveDateTime) -> Result<usize, StoreError> {
    let secrets = diesel::delete(old_secrets::table.filter(old_secrets::ended_at.lt(before))).execute(connection)?;
    let calls = diesel::delete(reuse::table.filter(reuse::last_at.lt(before))).execute(connection)?;
    let days = diesel::delete(reuse_days::table.filter(reuse_days::day.lt(before))).execute(connection)?;
    Ok(secrets + calls + days)
}
