//! Rows of `staff_tokens`.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::{column, is_unique_violation},
    instant::Instant,
    schema::{logins, staff, staff_tokens},
    staff::{MemberColumns, member, member_columns},
};
use crate::domain::{
    id::{StaffId, StaffTokenId},
    secret::{KeyId, PublicId, SecretDigest},
    staff::StaffMember,
    staff_token::{StaffDraft, StaffToken},
    token::{LastUse, TokenName},
};

/// Everything of a row but its digest and key, which only verification reads.
#[derive(Queryable, Selectable)]
#[diesel(table_name = staff_tokens)]
struct StaffTokenRow {
    id: i64,
    public_id: String,
    staff_id: i64,
    name: String,
    scopes: String,
    addresses: String,
    expires_at: Instant,
    created_at: Instant,
    secret_last4: String,
    last_used_at: Option<Instant>,
    last_used_from: Option<String>,
    revoked_at: Option<Instant>,
    revision: i32,
}

impl TryFrom<StaffTokenRow> for StaffToken {
    type Error = StoreError;

    fn try_from(row: StaffTokenRow) -> Result<Self, StoreError> {
        let last_use = match (row.last_used_at, &row.last_used_from) {
            (Some(at), Some(from)) => Some(LastUse {
                at: at.into(),
                from: column("staff_tokens.last_used_from", from)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: StaffTokenId(row.id),
            public_id: column("staff_tokens.public_id", &row.public_id)?,
            member: StaffId(row.staff_id),
            name: column("staff_tokens.name", &row.name)?,
            scopes: column("staff_tokens.scopes", &row.scopes)?,
            addresses: column("staff_tokens.addresses", &row.addresses)?,
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            last4: row.secret_last4,
            last_use,
            revoked_at: row.revoked_at.map(PrimitiveDateTime::from),
            revision: row.revision,
        })
    }
}

/// A staff member's token as verification needs it.
#[derive(Debug)]
pub struct KnownStaffToken {
    /// The token.
    pub token: StaffToken,
    /// Its member as they are now.
    pub member: StaffMember,
    /// Digest of its secret.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
}

/// A staff member's token that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewStaffToken {
    /// Its public id.
    pub public_id: PublicId,
    /// Whose it is.
    pub member: StaffId,
    /// What its member decided.
    pub draft: StaffDraft,
    /// Now.
    pub created_at: PrimitiveDateTime,
    /// Names this act of creation: the same key never makes a second one for the same member.
    pub creation_key: Option<String>,
    /// Its secret's digest.
    pub digest: SecretDigest,
    /// The key under which the digest was made.
    pub key: KeyId,
    /// Its secret's last four characters.
    pub last4: String,
}

/// Keeps every other transaction that holds the member waiting until the end of this one: number, names, role and whether
/// they may sign in are looked at by one at a time. False when there is no such member.
pub fn hold_member(connection: &mut DbConnection, member: StaffId) -> Result<bool, StoreError> {
    let rows = diesel::update(staff::table.find(member.0))
        .set(staff::public_id.eq(staff::public_id))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Finds a token by its public id, revoked or not, with its digest and its member. One row of one index each.
pub fn find_for_verification(
    connection: &mut DbConnection,
    public_id: &PublicId,
) -> Result<Option<KnownStaffToken>, StoreError> {
    let found: Option<(StaffTokenRow, Vec<u8>, String, MemberColumns)> = staff_tokens::table
        .inner_join(staff::table.inner_join(logins::table))
        .filter(staff_tokens::public_id.eq(public_id.as_str()))
        .select((
            StaffTokenRow::as_select(),
            staff_tokens::secret_digest,
            staff_tokens::secret_key_id,
            member_columns!(),
        ))
        .get_result(connection)
        .optional()?;
    let known = |(row, digest, key, columns): (StaffTokenRow, Vec<u8>, String, MemberColumns)| {
        Ok(KnownStaffToken {
            token: row.try_into()?,
            member: member(columns)?,
            digest: digest.as_slice().try_into().map_err(|_| StoreError::Column {
                column: "staff_tokens.secret_digest",
                value: "something else than a digest".to_owned(),
            })?,
            key: column("staff_tokens.secret_key_id", &key)?,
        })
    };
    found.map(known).transpose()
}

/// Finds a member's token by its public id, revoked or not.
pub fn find(
    connection: &mut DbConnection,
    member: StaffId,
    public_id: &PublicId,
) -> Result<Option<StaffToken>, StoreError> {
    let row = staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::public_id.eq(public_id.as_str()))
        .select(StaffTokenRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(StaffToken::try_from).transpose()
}

/// Finds the token of a member that a form already made.
pub fn find_by_creation_key(
    connection: &mut DbConnection,
    member: StaffId,
    creation_key: &str,
) -> Result<Option<StaffToken>, StoreError> {
    let row = staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::creation_key.eq(creation_key))
        .select(StaffTokenRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(StaffToken::try_from).transpose()
}

/// A member's tokens that are not revoked, by name.
pub fn list_live(connection: &mut DbConnection, member: StaffId) -> Result<Vec<StaffToken>, StoreError> {
    let rows: Vec<StaffTokenRow> = staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::revoked_at.is_null())
        .select(StaffTokenRow::as_select())
        .order((staff_tokens::name_folded, staff_tokens::id))
        .load(connection)?;
    rows.into_iter().map(StaffToken::try_from).collect()
}

/// How many of a member's tokens are not revoked.
pub fn count_live(connection: &mut DbConnection, member: StaffId) -> Result<i64, StoreError> {
    Ok(staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::revoked_at.is_null())
        .count()
        .get_result(connection)?)
}

/// How many of a member's tokens let somebody in at `now`, while the member is not deactivated.
pub fn count_working(
    connection: &mut DbConnection,
    member: StaffId,
    now: PrimitiveDateTime,
) -> Result<i64, StoreError> {
    Ok(staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::revoked_at.is_null())
        .filter(staff_tokens::expires_at.gt(now))
        .count()
        .get_result(connection)?)
}

/// Whether a live token of the member, other than `except`, has that name ignoring case.
pub fn is_name_taken(
    connection: &mut DbConnection,
    member: StaffId,
    name: &TokenName,
    except: Option<StaffTokenId>,
) -> Result<bool, StoreError> {
    let taken = staff_tokens::table
        .filter(staff_tokens::staff_id.eq(member.0))
        .filter(staff_tokens::name_folded.eq(name.folded()))
        .filter(staff_tokens::revoked_at.is_null())
        .filter(staff_tokens::id.ne(except.map_or(0, |id| id.0)));
    Ok(diesel::select(diesel::dsl::exists(taken)).get_result(connection)?)
}

/// Stores a token; nothing when its public id is taken (one in 2e14): mint again. The caller holds the member
/// ([`hold_member`]) and has checked name, number and creation key.
pub fn insert(connection: &mut DbConnection, new: &NewStaffToken) -> Result<Option<StaffToken>, StoreError> {
    let draft = &new.draft;
    let values = (
        staff_tokens::public_id.eq(new.public_id.as_str()),
        staff_tokens::staff_id.eq(new.member.0),
        staff_tokens::name.eq(draft.name.as_str()),
        staff_tokens::name_folded.eq(draft.name.folded()),
        staff_tokens::scopes.eq(draft.scopes.to_string()),
        staff_tokens::addresses.eq(draft.addresses.to_string()),
        staff_tokens::expires_at.eq(draft.expires_at),
        staff_tokens::created_at.eq(new.created_at),
        staff_tokens::creation_key.eq(new.creation_key.as_deref()),
        staff_tokens::secret_digest.eq(new.digest.as_bytes().as_slice()),
        staff_tokens::secret_key_id.eq(new.key.as_str()),
        staff_tokens::secret_last4.eq(&new.last4),
    );
    // A savepoint: PostgreSQL refuses every further statement of a transaction in which one has failed.
    let inserted =
        connection.transaction(|inner| diesel::insert_into(staff_tokens::table).values(values).execute(inner));
    match inserted {
        Ok(_) => find(connection, new.member, &new.public_id)?
            .map(Some)
            .ok_or(StoreError::CutOff),
        Err(error) if is_unique_violation(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes the token as it was at `revision` what `draft` says; false when it has been changed or revoked since.
pub fn update(
    connection: &mut DbConnection,
    id: StaffTokenId,
    revision: i32,
    draft: &StaffDraft,
) -> Result<bool, StoreError> {
    let unchanged = staff_tokens::table
        .filter(staff_tokens::id.eq(id.0))
        .filter(staff_tokens::revision.eq(revision))
        .filter(staff_tokens::revoked_at.is_null());
    let rows = diesel::update(unchanged)
        .set((
            staff_tokens::name.eq(draft.name.as_str()),
            staff_tokens::name_folded.eq(draft.name.folded()),
            staff_tokens::scopes.eq(draft.scopes.to_string()),
            staff_tokens::addresses.eq(draft.addresses.to_string()),
            staff_tokens::expires_at.eq(draft.expires_at),
            staff_tokens::revision.eq(revision + 1),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Ends a token for good; false when it was already revoked.
pub fn revoke(connection: &mut DbConnection, id: StaffTokenId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let live = staff_tokens::table
        .find(id.0)
        .filter(staff_tokens::revoked_at.is_null());
    let rows = diesel::update(live)
        .set((
            staff_tokens::revoked_at.eq(now),
            staff_tokens::revision.eq(staff_tokens::revision + 1),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Notes a use; a later one that is already noted stays.
pub fn record_use(connection: &mut DbConnection, id: StaffTokenId, used: &LastUse) -> Result<(), StoreError> {
    let earlier = staff_tokens::last_used_at
        .is_null()
        .or(staff_tokens::last_used_at.lt(used.at));
    diesel::update(staff_tokens::table.filter(staff_tokens::id.eq(id.0)).filter(earlier))
        .set((
            staff_tokens::last_used_at.eq(used.at),
            staff_tokens::last_used_from.eq(used.from.to_string()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The key ids that digests of live tokens were made under: the server must not start without one of them.
pub fn key_ids_in_use(connection: &mut DbConnection) -> Result<Vec<KeyId>, StoreError> {
    let ids: Vec<String> = staff_tokens::table
        .filter(staff_tokens::revoked_at.is_null())
        .select(staff_tokens::secret_key_id)
        .distinct()
        .load(connection)?;
    ids.iter().map(|id| column("staff_tokens.secret_key_id", id)).collect()
}

/// How many live tokens have their digest under a key.
pub fn digests_under_key(connection: &mut DbConnection, key: &KeyId) -> Result<i64, StoreError> {
    Ok(staff_tokens::table
        .filter(staff_tokens::revoked_at.is_null())
        .filter(staff_tokens::secret_key_id.eq(key.as_str()))
        .count()
        .get_result(connection)?)
}
