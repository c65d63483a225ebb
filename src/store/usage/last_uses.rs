//! The last uses of tokens on their way into SQLite's `tokens`.
//!
//! They are kept in the file beside the database first, together with the books, because a change of `tokens` costs all
//! who read it what they know of its pages: many tokens are noted by one commit, now and then.

use diesel::{
    QueryResult, SqliteConnection,
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::json_rows::{json, statement};
use crate::{domain::usage::TokenUse, store::instant};

/// Keeps the last uses until they are noted; later ones that are already kept stay.
pub(super) fn keep(connection: &mut SqliteConnection, uses: &[TokenUse]) -> QueryResult<()> {
    let kept = uses.iter().filter(|used| used.seen().next().is_some()).map(|used| {
        let (current, previous) = (used.current.as_ref(), used.previous.as_deref());
        (
            used.token.0,
            current.map(|last| instant::text(last.at)),
            current.map(|last| last.from),
            previous.map(|last| instant::text(last.at)),
            previous.map(|last| last.from),
        )
    });
    let kept: Vec<_> = kept.collect();
    statement(
        "INSERT INTO last_uses (token_id, current_at, current_from, previous_at, previous_from) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true \
         ON CONFLICT (token_id) DO UPDATE SET \
         current_from = iif(excluded.current_at > ifnull(current_at, ''), excluded.current_from, current_from), \
         current_at = iif(excluded.current_at > ifnull(current_at, ''), excluded.current_at, current_at), \
         previous_from = iif(excluded.previous_at > ifnull(previous_at, ''), excluded.previous_from, previous_from), \
         previous_at = iif(excluded.previous_at > ifnull(previous_at, ''), excluded.previous_at, previous_at)",
    )
    .bind::<Text, _>(json(&kept))
    .execute(connection)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Chosen {
    #[diesel(sql_type = BigInt)]
    token_id: i64,
}

/// Notes at most `most` of the kept uses, those of the first tokens behind `after`, on the tokens; later ones that are
/// already noted stay. Returns the last of these tokens when there may be more behind it.
pub(super) fn note(connection: &mut SqliteConnection, after: i64, most: i64) -> QueryResult<Option<i64>> {
    let chosen: Vec<Chosen> = statement("SELECT token_id FROM last_uses WHERE token_id > ? ORDER BY token_id LIMIT ?")
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(most)
        .load(connection)?;
    let Some(&Chosen { token_id: last }) = chosen.last() else {
        return Ok(None);
    };
    // A use from before a rotation that is noted after it belongs to the outgoing secret.
    statement(
        "UPDATE tokens SET \
         last_used_at = iif(later, given.at, last_used_at), \
         last_used_from = iif(later, given.used_from, last_used_from), \
         secret_used_at = iif(current_later, given.current_at, secret_used_at), \
         secret_used_from = iif(current_later, given.current_from, secret_used_from), \
         previous_used_at = iif(previous_later, given.outgoing_at, previous_used_at), \
         previous_used_from = iif(previous_later, given.outgoing_from, previous_used_from) \
         FROM (SELECT given.*, \
             given.at > ifnull(kept.last_used_at, '') AS later, \
             ifnull(given.current_at > ifnull(kept.secret_used_at, '') AND given.current_at >= kept.secret_issued_at, 0) \
                 AS current_later, \
             ifnull(given.outgoing_at > ifnull(kept.previous_used_at, ''), 0) AS previous_later \
             FROM (SELECT *, coalesce(max(current_at, previous_at), current_at, previous_at) AS at, \
                 iif(previous_at IS NULL OR current_at >= previous_at, current_from, previous_from) AS used_from, \
                 iif(is_outgoing, max(current_at, ifnull(previous_at, '')), previous_at) AS outgoing_at, \
                 iif(is_outgoing AND current_at >= ifnull(previous_at, ''), current_from, previous_from) AS outgoing_from \
                 FROM (SELECT last_uses.*, ifnull(current_at < secret_issued_at AND previous_digest IS NOT NULL, 0) \
                     AS is_outgoing \
                     FROM last_uses JOIN tokens ON tokens.id = token_id \
                     WHERE token_id > ? AND token_id <= ?)) AS given \
             JOIN tokens AS kept ON kept.id = given.token_id) AS given \
         WHERE tokens.id = given.token_id AND (later OR current_later OR previous_later)",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(last)
    .execute(connection)?;
    statement("DELETE FROM last_uses WHERE token_id > ? AND token_id <= ?")
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(last)
        .execute(connection)?;
    let all = i64::try_from(chosen.len()).is_ok_and(|chosen| chosen < most);
    Ok((!all).then_some(last))
}
