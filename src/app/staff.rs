//! Making staff members and changing what they are.

mod change;

use zeroize::Zeroizing;

pub use self::change::{MemberChange, NewMember, change, deactivate, invite, list_details, reactivate, show, version};

use super::{
    App, AppError, Caller,
    accounts::{check_password, insert_login},
};
use crate::{
    domain::{
        account::{EmailAddress, Username},
        audit::{Action, Change, Party},
        permission::Act,
        staff::{Role, StaffMember},
    },
    store::{self, DbConnection},
};

/// A staff member who is to be made.
#[derive(Clone, Debug)]
pub struct NewStaffMember {
    /// What they sign in with.
    pub username: Username,
    /// Where they get mail; signs in as well.
    pub email: EmailAddress,
    /// As customers read it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password that they begin with.
    pub password: Zeroizing<String>,
}

/// Makes a staff member. Making an administrator closes the setup page: there is then somebody to ask.
pub async fn create(app: &App, caller: &Caller, new: NewStaffMember) -> Result<(), AppError> {
    caller.may(Act::ManageStaff, None)?;
    let (hash, public_id) = prepare(app, &new).await?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            if new.role == Role::Admin {
                store::installation::close_setup(connection, now)?;
            }
            insert(connection, &caller, &new, &hash, &public_id, now)
        })
        .await
}

/// Every staff member, deactivated or not, by user name.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<StaffMember>, AppError> {
    caller.may(Act::ManageStaff, None)?;
    app.store.read(|connection| Ok(store::staff::list(connection)?)).await
}

/// Checks and hashes the password, outside the transaction: it takes long.
pub(super) async fn prepare(app: &App, new: &NewStaffMember) -> Result<(super::PasswordHash, String), AppError> {
    check_password(
        app,
        &new.password,
        &[new.username.as_str(), &new.email.to_string(), &new.name],
    )?;
    Ok((app.passwords.hash(new.password.clone()).await?, app.new_public_id()))
}

/// Stores a staff member and the event.
pub(super) fn insert(
    connection: &mut DbConnection,
    caller: &Caller,
    new: &NewStaffMember,
    hash: &super::PasswordHash,
    public_id: &str,
    now: time::PrimitiveDateTime,
) -> Result<(), AppError> {
    let login = insert_login(connection, &new.username, &new.email, Some(hash), now)?;
    store::staff::insert(connection, public_id, login, &new.name, new.role, now)?;
    let changes = vec![
        Change::new("username", &new.username),
        Change::new("email", &new.email),
        Change::new("role", new.role),
    ];
    let target = Party::new("staff", public_id, &new.name);
    let event = caller.event(now, Action::StaffCreated, None, target, changes);
    Ok(store::audit::insert(connection, &event)?)
}
