//! Rows of `sessions`: who is signed in where. The id itself is never stored, only its digest.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    schema::{logins, sessions},
};
use crate::domain::id::LoginId;

/// A session as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    public_id: String,
    login_id: i64,
    state: String,
    created_at: PrimitiveDateTime,
    last_seen_at: PrimitiveDateTime,
    password_at: PrimitiveDateTime,
    address: String,
    browser: String,
}

/// Somebody signed in with one browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// What stands in addresses: names the session, is not its id.
    pub public_id: String,
    /// Who.
    pub login: LoginId,
    /// What the web layer keeps in it, as it keeps it.
    pub state: String,
    /// When they signed in; from here the absolute lifetime runs.
    pub created_at: PrimitiveDateTime,
    /// When they were last here, to the minute; from here the idle lifetime runs.
    pub last_seen_at: PrimitiveDateTime,
    /// When they last gave the password.
    pub password_at: PrimitiveDateTime,
    /// From which address they signed in.
    pub address: String,
    /// With which browser, as it names itself, shortened.
    pub browser: String,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            public_id: row.public_id,
            login: LoginId(row.login_id),
            state: row.state,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            password_at: row.password_at,
            address: row.address,
            browser: row.browser,
        }
    }
}

/// A session, and when the password of its login was last changed.
pub type Found = (Session, Option<PrimitiveDateTime>);

/// Finds a session by the digest of its id. Whether it is still in time, and was begun with today's password, is for
/// the caller to say.
pub fn find(connection: &mut DbConnection, id_digest: &[u8]) -> Result<Option<Found>, StoreError> {
    let row: Option<(SessionRow, _)> = sessions::table
        .inner_join(logins::table)
        .filter(sessions::id_digest.eq(id_digest))
        .select((SessionRow::as_select(), logins::password_changed_at))
        .get_result(connection)
        .optional()?;
    Ok(row.map(|(row, password_changed_at)| (Session::from(row), password_changed_at)))
}

/// Stores a session.
pub fn insert(connection: &mut DbConnection, id_digest: &[u8], session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id_digest.eq(id_digest),
            sessions::public_id.eq(&session.public_id),
            sessions::login_id.eq(session.login.0),
            sessions::state.eq(&session.state),
            sessions::created_at.eq(session.created_at),
            sessions::last_seen_at.eq(session.last_seen_at),
            sessions::password_at.eq(session.password_at),
            sessions::address.eq(&session.address),
            sessions::browser.eq(&session.browser),
        ))
        .execute(connection)?;
    Ok(())
}

/// Gives a session another id and state after the password was given again; false when the session has ended: it
/// never comes back to life.
pub fn renew(
    connection: &mut DbConnection,
    id_digest: &[u8],
    new_digest: &[u8],
    state: &str,
    password_at: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(sessions::table.find(id_digest))
        .set((
            sessions::id_digest.eq(new_digest),
            sessions::state.eq(state),
            sessions::password_at.eq(password_at),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Notes that somebody is still here; false when the session has ended.
pub fn touch(connection: &mut DbConnection, id_digest: &[u8], now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(sessions::table.find(id_digest))
        .set(sessions::last_seen_at.eq(now))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Ends a session.
pub fn delete(connection: &mut DbConnection, id_digest: &[u8]) -> Result<bool, StoreError> {
    Ok(diesel::delete(sessions::table.find(id_digest)).execute(connection)? == 1)
}

/// The sessions of a login that were seen since `seen_since` and begun since `begun_since`, latest first.
pub fn list(
    connection: &mut DbConnection,
    login: LoginId,
    seen_since: PrimitiveDateTime,
    begun_since: PrimitiveDateTime,
) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::login_id.eq(login.0))
        .filter(sessions::last_seen_at.gt(seen_since))
        .filter(sessions::created_at.gt(begun_since))
        .select(SessionRow::as_select())
        .order((sessions::last_seen_at.desc(), sessions::created_at.desc()))
        .load(connection)?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// Ends one session of a login by its public id; false when there is none.
pub fn delete_one(connection: &mut DbConnection, login: LoginId, public_id: &str) -> Result<bool, StoreError> {
    let of = sessions::table
        .filter(sessions::login_id.eq(login.0))
        .filter(sessions::public_id.eq(public_id));
    Ok(diesel::delete(of).execute(connection)? == 1)
}

/// Ends all sessions of a login, except the one named `keep`; returns how many.
pub fn delete_all(connection: &mut DbConnection, login: LoginId, keep: Option<&str>) -> Result<usize, StoreError> {
    let of = sessions::table
        .filter(sessions::login_id.eq(login.0))
        .filter(sessions::public_id.ne(keep.unwrap_or_default()));
    Ok(diesel::delete(of).execute(connection)?)
}

/// Removes sessions that were not seen since `before` or were begun before `begun_before`; returns how many.
pub fn sweep(
    connection: &mut DbConnection,
    before: PrimitiveDateTime,
    begun_before: PrimitiveDateTime,
) -> Result<usize, StoreError> {
    let of = sessions::table.filter(
        sessions::last_seen_at
            .lt(before)
            .or(sessions::created_at.lt(begun_before)),
    );
    Ok(diesel::delete(of).execute(connection)?)
}
