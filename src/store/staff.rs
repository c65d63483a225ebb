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

/// Finds the staff member who signs in with a login, deactivated or not.
pub fn find_by_login(connection: &mut DbConnection, login: LoginId) -> Result<Option<StaffMember>, StoreError> {
    type Columns = (i64, String, String, String, Option<PrimitiveDateTime>);
    let row: Option<(Columns, (String, String))> = staff::table
        .inner_join(logins::table)
        .filter(staff::login_id.eq(login.0))
        .select((
            (
                staff::id,
                staff::public_id,
                staff::name,
                staff::role,
                staff::deactivated_at,
            ),
            (logins::username, logins::email),
        ))
        .get_result(connection)
        .optional()?;
    let Some(((id, public_id, name, role, deactivated_at), (username, email))) = row else {
        return Ok(None);
    };
    Ok(Some(StaffMember {
        id: StaffId(id),
        public_id,
        login,
        username: column("logins.username", &username)?,
        email: column("logins.email", &email)?,
        name,
        role: column("staff.role", &role)?,
        deactivated_at,
    }))
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
