//! Changes of tokens. Each is one conditional `UPDATE` whose row count says whether it won.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        draft::Draft,
        id::{AccountId, TokenId},
        secret::{KeyId, PublicId, SecretDigest},
        token::{Expiry, PausedBy},
    },
    store::{
        DbConnection, StoreError,
        error::column,
        reuse,
        schema::{accounts, plans, tokens},
    },
};

/// The new secret of a rotation, and until when the outgoing one works.
#[derive(Debug)]
pub struct Outgoing {
    /// Digest of the new secret.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
    /// Last four characters of the new secret.
    pub last4: String,
    /// When the new secret was made.
    pub at: PrimitiveDateTime,
    /// From then on the outgoing secret is refused.
    pub until: PrimitiveDateTime,
}

/// A live token in the state in which a form showed it: what every change is conditional on.
macro_rules! unchanged {
    ($id:expr, $revision:expr) => {
        tokens::table
            .filter(tokens::id.eq($id.0))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::revision.eq($revision))
    };
}

/// Writes an edit of the token as it was at `revision`, its expiry apart; false when it has been changed or revoked
/// since.
pub fn update(connection: &mut DbConnection, id: TokenId, revision: i32, draft: &Draft) -> Result<bool, StoreError> {
    let rows = diesel::update(unchanged!(id, revision))
        .set((
            tokens::name.eq(draft.name.as_str()),
            tokens::name_folded.eq(draft.name.folded()),
            tokens::description.eq(draft.description.to_string()),
            tokens::scopes.eq(draft.scopes.to_string()),
            tokens::sites.eq(draft.sites.to_string()),
            tokens::addresses.eq(draft.addresses.to_string()),
            tokens::revision.eq(revision + 1),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Moves the expiry of the token as it was at `revision`; false when it has been changed or revoked since.
pub fn extend(connection: &mut DbConnection, id: TokenId, revision: i32, expiry: Expiry) -> Result<bool, StoreError> {
    let rows = diesel::update(unchanged!(id, revision))
        .set((
            tokens::expires_at.eq(expiry.instant()),
            tokens::revision.eq(revision + 1),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Gives the token as it was at `revision` a new secret; the one it had becomes the outgoing one. False when it has
/// been changed or revoked since.
pub fn rotate(connection: &mut DbConnection, id: TokenId, revision: i32, new: &Outgoing) -> Result<bool, StoreError> {
    let replaced = find_outgoing(connection, id, revision)?;
    let moved = diesel::update(unchanged!(id, revision))
        .set((
            tokens::previous_digest.eq(tokens::secret_digest.nullable()),
            tokens::previous_key_id.eq(tokens::secret_key_id.nullable()),
            tokens::previous_last4.eq(tokens::secret_last4.nullable()),
            tokens::previous_until.eq(new.until),
            tokens::previous_used_at.eq(tokens::secret_used_at),
            tokens::previous_used_from.eq(tokens::secret_used_from),
        ))
        .execute(connection)?;
    if moved != 1 {
        return Ok(false);
    }
    if let Some((digest, key, until)) = replaced {
        reuse::keep(connection, id, (&digest, &key), until.min(new.at))?;
    }
    let rows = diesel::update(unchanged!(id, revision))
        .set((
            tokens::secret_digest.eq(new.digest.as_bytes().as_slice()),
            tokens::secret_key_id.eq(new.key.as_str()),
            tokens::secret_last4.eq(&new.last4),
            tokens::secret_issued_at.eq(new.at),
            tokens::secret_used_at.eq(None::<PrimitiveDateTime>),
            tokens::secret_used_from.eq(None::<String>),
            tokens::revision.eq(revision + 1),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Digest, key and end of the outgoing secret of the token as it was at `revision`.
fn find_outgoing(
    connection: &mut DbConnection,
    id: TokenId,
    revision: i32,
) -> Result<Option<(Vec<u8>, String, PrimitiveDateTime)>, StoreError> {
    type Columns = (Option<Vec<u8>>, Option<String>, Option<PrimitiveDateTime>);
    let found: Option<Columns> = unchanged!(id, revision)
        .select((tokens::previous_digest, tokens::previous_key_id, tokens::previous_until))
        .get_result(connection)
        .optional()?;
    Ok(found.and_then(|(digest, key, until)| Some((digest?, key?, until?))))
}

/// Ends the overlap of the outgoing secret with these last four characters at `now`; false when it was not running.
pub fn retire_previous(
    connection: &mut DbConnection,
    id: TokenId,
    last4: &str,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(
        tokens::table
            .filter(tokens::id.eq(id.0))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::previous_last4.eq(last4))
            .filter(tokens::previous_until.gt(now)),
    )
    .set((
        tokens::previous_until.eq(now),
        tokens::revision.eq(tokens::revision + 1),
    ))
    .execute(connection)?;
    Ok(rows == 1)
}

/// Switches a token off; false when it was not on.
pub fn pause(
    connection: &mut DbConnection,
    id: TokenId,
    by: PausedBy,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(
        tokens::table
            .filter(tokens::id.eq(id.0))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::paused_at.is_null()),
    )
    .set((
        tokens::paused_at.eq(now),
        tokens::paused_by.eq(side(by)),
        tokens::revision.eq(tokens::revision + 1),
    ))
    .execute(connection)?;
    Ok(rows == 1)
}

/// Makes a pause of a token's owner one of staff, who alone end it; false when its owner has not paused it.
pub fn keep_paused(connection: &mut DbConnection, id: TokenId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(
        tokens::table
            .filter(tokens::id.eq(id.0))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::paused_by.eq("owner")),
    )
    .set((
        tokens::paused_at.eq(now),
        tokens::paused_by.eq("staff"),
        tokens::revision.eq(tokens::revision + 1),
    ))
    .execute(connection)?;
    Ok(rows == 1)
}

fn side(by: PausedBy) -> &'static str {
    match by {
        PausedBy::Owner => "owner",
        PausedBy::Staff => "staff",
    }
}

/// Switches a token on again that one `of` these switched off; false when none of them did.
pub fn resume(connection: &mut DbConnection, id: TokenId, of: &[PausedBy]) -> Result<bool, StoreError> {
    let rows = diesel::update(
        tokens::table
            .filter(tokens::id.eq(id.0))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::paused_by.eq_any(of.iter().map(|by| side(*by)))),
    )
    .set((
        tokens::paused_at.eq(None::<PrimitiveDateTime>),
        tokens::paused_by.eq(None::<String>),
        tokens::revision.eq(tokens::revision + 1),
    ))
    .execute(connection)?;
    Ok(rows == 1)
}

/// Ends a token for good; false when it was already revoked.
pub fn revoke(connection: &mut DbConnection, id: TokenId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(
        tokens::table
            .filter(tokens::id.eq(id.0))
            .filter(tokens::revoked_at.is_null()),
    )
    .set((tokens::revoked_at.eq(now), tokens::revision.eq(tokens::revision + 1)))
    .execute(connection)?;
    Ok(rows == 1)
}

/// Whether a live token was neither made, rotated nor used since `$before`.
macro_rules! unused_since {
    ($before:expr) => {
        tokens::revoked_at
            .is_null()
            .and(tokens::created_at.lt($before))
            .and(tokens::secret_issued_at.lt($before))
            .and(tokens::last_used_at.is_null().or(tokens::last_used_at.lt($before)))
    };
}
pub(super) use unused_since;

/// Live tokens of all accounts on a plan that were neither made, rotated nor used since `before`, at most `limit`.
/// Suspended accounts are left out.
pub fn list_unused(
    connection: &mut DbConnection,
    plan: &str,
    before: PrimitiveDateTime,
    limit: i64,
) -> Result<Vec<(AccountId, PublicId)>, StoreError> {
    let rows: Vec<(i64, String)> = tokens::table
        .inner_join(accounts::table.inner_join(plans::table))
        .filter(plans::name.eq(plan))
        .filter(accounts::suspended_at.is_null())
        .filter(unused_since!(before))
        .select((tokens::account_id, tokens::public_id))
        .order(tokens::id)
        .limit(limit)
        .load(connection)?;
    rows.iter()
        .map(|(account, id)| Ok((AccountId(*account), column("tokens.public_id", id)?)))
        .collect()
}

/// Ends a token that is as [`list_unused`] found it; false when it was used, rotated or revoked since.
pub fn revoke_unused(
    connection: &mut DbConnection,
    id: TokenId,
    before: PrimitiveDateTime,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(tokens::table.filter(tokens::id.eq(id.0)).filter(unused_since!(before)))
        .set((tokens::revoked_at.eq(now), tokens::revision.eq(tokens::revision + 1)))
        .execute(connection)?;
    Ok(rows == 1)
}
