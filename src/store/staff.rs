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

macro_rules! joined {
    () => {
        staff::table.inner_join(logins::table).select((
            (
                staff::id,
                staff::public_id,
                staff::login_id,
                staff::name,
                staff::role,
                staff::deactivated_at,
            ),
            (logins::username, logins::email),
        ))
    };
}

fn member((columns, names): (Columns, (String, String))) -> Result<StaffMember, StoreError> {
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
    let rows: Vec<(Columns, (String, String))> = joined!().order(logins::username).load(connection)?;
    rows.into_iter().map(member).collect()
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
