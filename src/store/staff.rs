//! Rows of `staff`, with their logins.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::column,
    schema::{logins, staff},
};
use crate::domain::{
    id::{LoginId, StaffId},
    staff::{Role, StaffMember},
};

type Columns = (i64, String, i64, String, String, Option<PrimitiveDateTime>);
/// A staff member's columns, in the order of [`member_columns`].
pub(super) type MemberColumns = (Columns, (String, String));

/// The columns of a staff member and of their login.
macro_rules! member_columns {
    () => {
        (
            (
                staff::id,
                staff::public_id,
                staff::login_id,
                staff::name,
                staff::role,
                staff::deactivated_at,
            ),
            (logins::username, logins::email),
        )
    };
}
pub(super) use member_columns;

macro_rules! joined {
    () => {
        staff::table.inner_join(logins::table).select(member_columns!())
    };
}

pub(super) fn member((columns, names): MemberColumns) -> Result<StaffMember, StoreError> {
    let (id, public_id, login, name, role, deactivated_at) = columns;
    let (username, email) = names;
    Ok(StaffMember {
        id: StaffId(id),
        public_id,
        login: LoginId(login),
        username: column("logins.username", &username)?,
        email: column("logins.email", &email)?,
        name,
        role: column("staff.role", &role)?,
        deactivated_at,
    })
}

/// Finds a staff member, deactivated or not.
pub fn find(connection: &mut DbConnection, id: StaffId) -> Result<Option<StaffMember>, StoreError> {
    let row = joined!().filter(staff::id.eq(id.0)).get_result(connection).optional()?;
    row.map(member).transpose()
}

/// Finds the staff member who signs in with a login, deactivated or not.
pub fn find_by_login(connection: &mut DbConnection, login: LoginId) -> Result<Option<StaffMember>, StoreError> {
    let row = joined!()
        .filter(staff::login_id.eq(login.0))
        .get_result(connection)
        .optional()?;
    row.map(member).transpose()
}

/// Every staff member, deactivated or not, by user name.
pub fn list(connection: &mut DbConnection) -> Result<Vec<StaffMember>, StoreError> {
    let rows: Vec<MemberColumns> = joined!().order(logins::username).load(connection)?;
    rows.into_iter().map(member).collect()
}

/// A staff member, and what is known of their sign-in.
#[derive(Clone, Debug)]
pub struct Details {
    /// The staff member.
    pub member: StaffMember,
    /// When they were made.
    pub created_at: PrimitiveDateTime,
    /// When they last signed in.
    pub last_sign_in_at: Option<PrimitiveDateTime>,
    /// Whether they have chosen a password; before that they are only invited.
    pub has_password: bool,
}

type DetailRow = (MemberColumns, SignInColumns);
type SignInColumns = (PrimitiveDateTime, Option<PrimitiveDateTime>, Option<PrimitiveDateTime>);

fn details((row, signs_in): DetailRow) -> Result<Details, StoreError> {
    let (created_at, last_sign_in_at, password_changed_at) = signs_in;
    Ok(Details {
        member: member(row)?,
        created_at,
        last_sign_in_at,
        has_password: password_changed_at.is_some(),
    })
}

macro_rules! detailed {
    () => {
        staff::table.inner_join(logins::table).select((
            member_columns!(),
            (staff::created_at, logins::last_sign_in_at, logins::password_changed_at),
        ))
    };
}

/// Every staff member with what is known of their sign-in, by user name.
pub fn list_details(connection: &mut DbConnection) -> Result<Vec<Details>, StoreError> {
    let rows: Vec<DetailRow> = detailed!().order(logins::username).load(connection)?;
    rows.into_iter().map(details).collect()
}

/// Finds a staff member by their public id, deactivated or not.
pub fn find_details(connection: &mut DbConnection, public_id: &str) -> Result<Option<Details>, StoreError> {
    let row: Option<DetailRow> = detailed!()
        .filter(staff::public_id.eq(public_id))
        .get_result(connection)
        .optional()?;
    row.map(details).transpose()
}

/// Changes a staff member's name and role.
pub fn update(connection: &mut DbConnection, id: StaffId, name: &str, role: Role) -> Result<(), StoreError> {
    diesel::update(staff::table.find(id.0))
        .set((staff::name.eq(name), staff::role.eq(role.to_string())))
        .execute(connection)?;
    Ok(())
}

/// Keeps a staff member from signing in from `at` on, or lets them in again; false when it was so already.
pub fn put_deactivated(
    connection: &mut DbConnection,
    id: StaffId,
    at: Option<PrimitiveDateTime>,
) -> Result<bool, StoreError> {
    let rows = match at {
        Some(at) => diesel::update(staff::table.find(id.0).filter(staff::deactivated_at.is_null()))
            .set(staff::deactivated_at.eq(at))
            .execute(connection)?,
        None => diesel::update(staff::table.find(id.0).filter(staff::deactivated_at.is_not_null()))
            .set(staff::deactivated_at.eq(None::<PrimitiveDateTime>))
            .execute(connection)?,
    };
    Ok(rows == 1)
}

/// How many administrators can sign in, not counting one.
pub fn count_other_administrators(connection: &mut DbConnection, except: StaffId) -> Result<i64, StoreError> {
    Ok(staff::table
        .inner_join(logins::table)
        .filter(staff::role.eq(Role::Admin.to_string()))
        .filter(staff::deactivated_at.is_null())
        .filter(logins::password_hash.is_not_null())
        .filter(staff::id.ne(except.0))
        .count()
        .get_result(connection)?)
}

/// Stores a staff member for a login.
pub fn insert(
    connection: &mut DbConnection,
    public_id: &str,
    login: LoginId,
    name: &str,
    role: Role,
    now: PrimitiveDateTime,
) -> Result<StaffId, StoreError> {
    let id: i64 = diesel::insert_into(staff::table)
        .values((
            staff::public_id.eq(public_id),
            staff::login_id.eq(login.0),
            staff::name.eq(name),
            staff::role.eq(role.to_string()),
            staff::created_at.eq(now),
        ))
        .returning(staff::id)
        .get_result(connection)?;
    Ok(StaffId(id))
}
