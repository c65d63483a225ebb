//! Rows of `service_credentials`.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::{column, is_unique_violation},
    instant::Instant,
    schema::service_credentials as services,
};
use crate::domain::{
    address::AddressSet,
    id::ServiceId,
    secret::{KeyId, PublicId, SecretDigest},
    service::{ServiceCredential, ServiceName},
    token::LastUse,
};

/// Everything of a row but its digest and key, which only verification reads.
#[derive(Queryable, Selectable)]
#[diesel(table_name = services)]
struct ServiceRow {
    id: i64,
    public_id: String,
    name: String,
    addresses: String,
    created_at: Instant,
    created_by: String,
    secret_last4: String,
    last_used_at: Option<Instant>,
    last_used_from: Option<String>,
    revoked_at: Option<Instant>,
}

impl TryFrom<ServiceRow> for ServiceCredential {
    type Error = StoreError;

    fn try_from(row: ServiceRow) -> Result<Self, StoreError> {
        let last_use = match (row.last_used_at, &row.last_used_from) {
            (Some(at), Some(from)) => Some(LastUse {
                at: at.into(),
                from: column("service_credentials.last_used_from", from)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: ServiceId(row.id),
            public_id: column("service_credentials.public_id", &row.public_id)?,
            name: column("service_credentials.name", &row.name)?,
            addresses: column("service_credentials.addresses", &row.addresses)?,
            created_at: row.created_at.into(),
            created_by: row.created_by,
            last4: row.secret_last4,
            last_use,
            revoked_at: row.revoked_at.map(PrimitiveDateTime::from),
        })
    }
}

/// A service credential as verification needs it.
#[derive(Debug)]
pub struct KnownService {
    /// The service credential.
    pub credential: ServiceCredential,
    /// Digest of its secret.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
}

/// A service credential that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewService {
    /// Its public id.
    pub public_id: PublicId,
    /// Its name.
    pub name: ServiceName,
    /// From where it may be used.
    pub addresses: AddressSet,
    /// Now.
    pub created_at: PrimitiveDateTime,
    /// Who makes it, as the audit names them.
    pub created_by: String,
    /// Names this act of creation: the same key never makes a second one.
    pub creation_key: Option<String>,
    /// Its secret's digest.
    pub digest: SecretDigest,
    /// The key under which the digest was made.
    pub key: KeyId,
    /// Its secret's last four characters.
    pub last4: String,
}

/// Finds a service credential by its public id, revoked or not, with its digest. One row of one index.
pub fn find_for_verification(
    connection: &mut DbConnection,
    public_id: &PublicId,
) -> Result<Option<KnownService>, StoreError> {
    let found: Option<(ServiceRow, Vec<u8>, String)> = services::table
        .filter(services::public_id.eq(public_id.as_str()))
        .select((
            ServiceRow::as_select(),
            services::secret_digest,
            services::secret_key_id,
        ))
        .get_result(connection)
        .optional()?;
    let known = |(row, digest, key): (ServiceRow, Vec<u8>, String)| {
        Ok(KnownService {
            credential: row.try_into()?,
            digest: SecretDigest::try_from(&*digest).map_err(|_| StoreError::Column {
                column: "service_credentials.secret_digest",
                value: format!("{} bytes", digest.len()),
            })?,
            key: column("service_credentials.secret_key_id", &key)?,
        })
    };
    found.map(known).transpose()
}

/// Finds a service credential by its public id, revoked or not.
pub fn find(connection: &mut DbConnection, public_id: &PublicId) -> Result<Option<ServiceCredential>, StoreError> {
    let row = services::table
        .filter(services::public_id.eq(public_id.as_str()))
        .select(ServiceRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(ServiceCredential::try_from).transpose()
}

/// Finds the service credential that a form already made.
pub fn find_by_creation_key(
    connection: &mut DbConnection,
    creation_key: &str,
) -> Result<Option<ServiceCredential>, StoreError> {
    let row = services::table
        .filter(services::creation_key.eq(creation_key))
        .select(ServiceRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(ServiceCredential::try_from).transpose()
}

/// Every live service credential, by name.
pub fn list_live(connection: &mut DbConnection) -> Result<Vec<ServiceCredential>, StoreError> {
    let rows: Vec<ServiceRow> = services::table
        .filter(services::revoked_at.is_null())
        .select(ServiceRow::as_select())
        .order((services::name_folded, services::id))
        .load(connection)?;
    rows.into_iter().map(ServiceCredential::try_from).collect()
}

/// Revoked service credentials, the latest first: those that come after `after`, a revoked one, or the first ones.
pub fn list_revoked(
    connection: &mut DbConnection,
    after: Option<(PrimitiveDateTime, ServiceId)>,
    limit: i64,
) -> Result<Vec<ServiceCredential>, StoreError> {
    let mut query = services::table
        .filter(services::revoked_at.is_not_null())
        .select(ServiceRow::as_select())
        .order((services::revoked_at.desc(), services::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = after {
        let same = services::revoked_at.eq(at).and(services::id.lt(id.0));
        query = query.filter(services::revoked_at.lt(at).or(same));
    }
    let rows: Vec<ServiceRow> = query.load(connection)?;
    rows.into_iter().map(ServiceCredential::try_from).collect()
}

/// How many service credentials are revoked.
pub fn count_revoked(connection: &mut DbConnection) -> Result<i64, StoreError> {
    Ok(services::table
        .filter(services::revoked_at.is_not_null())
        .count()
        .get_result(connection)?)
}

/// How many service credentials are not revoked.
pub fn count_live(connection: &mut DbConnection) -> Result<i64, StoreError> {
    Ok(services::table
        .filter(services::revoked_at.is_null())
        .count()
        .get_result(connection)?)
}

/// Whether a live service credential has that name ignoring case.
pub fn is_name_taken(connection: &mut DbConnection, name: &ServiceName) -> Result<bool, StoreError> {
    let taken = services::table
        .filter(services::name_folded.eq(name.folded()))
        .filter(services::revoked_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(taken)).get_result(connection)?)
}

/// Stores a service credential; nothing when its public id is taken (one in 2e14): mint again. The caller holds the
/// installation ([`hold`](super::installation::hold)) and has checked name, number and creation key.
pub fn insert(connection: &mut DbConnection, new: &NewService) -> Result<Option<ServiceCredential>, StoreError> {
    let values = (
        services::public_id.eq(new.public_id.as_str()),
        services::name.eq(new.name.as_str()),
        services::name_folded.eq(new.name.folded()),
        services::addresses.eq(new.addresses.to_string()),
        services::created_at.eq(new.created_at),
        services::created_by.eq(&new.created_by),
        services::creation_key.eq(new.creation_key.as_deref()),
        services::secret_digest.eq(new.digest.as_bytes().as_slice()),
        services::secret_key_id.eq(new.key.as_str()),
        services::secret_last4.eq(&new.last4),
    );
    // A savepoint: PostgreSQL refuses every further statement of a transaction in which one has failed.
    let inserted = connection.transaction(|inner| diesel::insert_into(services::table).values(values).execute(inner));
    match inserted {
        Ok(_) => find(connection, &new.public_id)?.map(Some).ok_or(StoreError::CutOff),
        Err(error) if is_unique_violation(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Ends a service credential for good; false when it was already revoked.
pub fn revoke(connection: &mut DbConnection, id: ServiceId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let live = services::table.find(id.0).filter(services::revoked_at.is_null());
    let rows = diesel::update(live)
        .set(services::revoked_at.eq(now))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Notes a use; a later one that is already noted stays.
pub fn record_use(connection: &mut DbConnection, id: ServiceId, used: &LastUse) -> Result<(), StoreError> {
    let earlier = services::last_used_at.is_null().or(services::last_used_at.lt(used.at));
    diesel::update(services::table.filter(services::id.eq(id.0)).filter(earlier))
        .set((
            services::last_used_at.eq(used.at),
            services::last_used_from.eq(used.from.to_string()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The key ids that digests of live service credentials were made under: the server must not start without one of them.
pub fn key_ids_in_use(connection: &mut DbConnection) -> Result<Vec<KeyId>, StoreError> {
    let ids: Vec<String> = services::table
        .filter(services::revoked_at.is_null())
        .select(services::secret_key_id)
        .distinct()
        .load(connection)?;
    ids.iter()
        .map(|id| column("service_credentials.secret_key_id", id))
        .collect()
}

/// How many live service credentials have their digest under a key.
pub fn digests_under_key(connection: &mut DbConnection, key: &KeyId) -> Result<i64, StoreError> {
    Ok(services::table
        .filter(services::revoked_at.is_null())
        .filter(services::secret_key_id.eq(key.as_str()))
        .count()
        .get_result(connection)?)
}
