//! Rows of `logins`: what accounts and staff members sign in with.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::is_unique_violation,
    schema::{accounts, logins, staff},
};
use crate::domain::{
    account::{EmailAddress, Username},
    id::{AccountId, LoginId, StaffId},
};

/// Whose login it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An account's.
    Account(AccountId),
    /// A staff member's.
    Staff(StaffId),
}

/// A login as signing in needs it.
#[derive(Clone, Debug)]
pub struct Login {
    /// Row number.
    pub id: LoginId,
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// The password's hash (PHC string); absent until a password was set.
    pub password_hash: Option<String>,
    /// When the password was last changed.
    pub password_changed_at: Option<PrimitiveDateTime>,
    /// When somebody last signed in with it.
    pub last_sign_in_at: Option<PrimitiveDateTime>,
    /// When staff last changed the e-mail address; absent when its holder has changed it since.
    pub email_changed_by_staff_at: Option<PrimitiveDateTime>,
    /// Whose it is; absent when the account was removed or the staff member deactivated.
    pub holder: Option<Holder>,
}

type Columns = (
    i64,
    String,
    String,
    Option<String>,
    Option<PrimitiveDateTime>,
    Option<PrimitiveDateTime>,
    Option<PrimitiveDateTime>,
);
type HolderColumns = (
    Option<i64>,
    Option<PrimitiveDateTime>,
    Option<i64>,
    Option<PrimitiveDateTime>,
);

macro_rules! with_holder {
    () => {
        logins::table
            .left_join(accounts::table.on(accounts::login_id.eq(logins::id)))
            .left_join(staff::table.on(staff::login_id.eq(logins::id)))
            .select((
                (
                    logins::id,
                    logins::username,
                    logins::email,
                    logins::password_hash,
                    logins::password_changed_at,
                    logins::last_sign_in_at,
                    logins::email_changed_by_staff_at,
                ),
                (
                    accounts::id.nullable(),
                    accounts::removed_at.nullable(),
                    staff::id.nullable(),
                    staff::deactivated_at.nullable(),
                ),
            ))
    };
}

fn login((columns, holder): (Columns, HolderColumns)) -> Login {
    let (id, username, email, password_hash, password_changed_at, last_sign_in_at, email_changed_by_staff_at) = columns;
    let holder = match holder {
        (Some(account), None, _, _) => Some(Holder::Account(AccountId(account))),
        (_, _, Some(member), None) => Some(Holder::Staff(StaffId(member))),
        _ => None,
    };
    Login {
        id: LoginId(id),
        username,
        email,
        password_hash,
        password_changed_at,
        last_sign_in_at,
        email_changed_by_staff_at,
        holder,
    }
}

/// Finds a login by what somebody typed: a user name or an e-mail address, ignoring case.
pub fn find_by_name(connection: &mut DbConnection, typed: &str) -> Result<Option<Login>, StoreError> {
    let folded = typed.trim().to_lowercase();
    let row = with_holder!()
        .filter(logins::username.eq(&folded).or(logins::email_folded.eq(&folded)))
        .get_result(connection)
        .optional()?;
    Ok(row.map(login))
}

/// Whether anybody has a login.
pub fn has_any(connection: &mut DbConnection) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(logins::table.select(logins::id))).get_result(connection)?)
}

/// Finds a login by its row number.
pub fn find(connection: &mut DbConnection, id: LoginId) -> Result<Option<Login>, StoreError> {
    let row = with_holder!()
        .filter(logins::id.eq(id.0))
        .get_result(connection)
        .optional()?;
    Ok(row.map(login))
}

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertedLogin {
    /// It is stored.
    Stored(LoginId),
    /// Another login has that user name.
    UsernameTaken,
    /// Another login has that e-mail address.
    EmailTaken,
}

/// Stores a login.
pub fn insert(
    connection: &mut DbConnection,
    username: &Username,
    email: &EmailAddress,
    password_hash: Option<&str>,
    now: PrimitiveDateTime,
) -> Result<InsertedLogin, StoreError> {
    let inserted: Result<i64, diesel::result::Error> = connection.transaction(|inner| {
        diesel::insert_into(logins::table)
            .values((
                logins::username.eq(username.as_str()),
                logins::email.eq(email.to_string()),
                logins::email_folded.eq(email.folded()),
                logins::password_hash.eq(password_hash),
                logins::password_changed_at.eq(password_hash.map(|_| now)),
                logins::created_at.eq(now),
            ))
            .returning(logins::id)
            .get_result(inner)
    });
    match inserted {
        Ok(id) => Ok(InsertedLogin::Stored(LoginId(id))),
        Err(error) if is_unique_violation(&error) => {
            let same_name = logins::table.filter(logins::username.eq(username.as_str()));
            let taken: bool = diesel::select(diesel::dsl::exists(same_name)).get_result(connection)?;
            Ok(if taken {
                InsertedLogin::UsernameTaken
            } else {
                InsertedLogin::EmailTaken
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces a password's hash. `changed_at` is absent when the same password was hashed anew.
pub fn put_password(
    connection: &mut DbConnection,
    id: LoginId,
    hash: &str,
    changed_at: Option<PrimitiveDateTime>,
) -> Result<(), StoreError> {
    diesel::update(logins::table.find(id.0))
        .set(logins::password_hash.eq(hash))
        .execute(connection)?;
    if let Some(at) = changed_at {
        diesel::update(logins::table.find(id.0))
            .set(logins::password_changed_at.eq(at))
            .execute(connection)?;
    }
    Ok(())
}

/// Locks the row of a login until the transaction ends: what is read of it from then on stays so.
pub fn lock(connection: &mut DbConnection, id: LoginId) -> Result<(), StoreError> {
    diesel::update(logins::table.find(id.0))
        .set(logins::created_at.eq(logins::created_at))
        .execute(connection)?;
    Ok(())
}

/// Gives a login another e-mail address; false when another login has it. `by_staff_at` is when, if staff do it.
pub fn put_email(
    connection: &mut DbConnection,
    id: LoginId,
    email: &EmailAddress,
    by_staff_at: Option<PrimitiveDateTime>,
) -> Result<bool, StoreError> {
    let updated = connection.transaction(|inner| {
        diesel::update(logins::table.find(id.0))
            .set((
                logins::email.eq(email.to_string()),
                logins::email_folded.eq(email.folded()),
                logins::email_changed_by_staff_at.eq(by_staff_at),
            ))
            .execute(inner)
    });
    match updated {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether another login than `id` has that e-mail address.
pub fn has_email(connection: &mut DbConnection, id: LoginId, email: &EmailAddress) -> Result<bool, StoreError> {
    let others = logins::table
        .filter(logins::id.ne(id.0))
        .filter(logins::email_folded.eq(email.folded()));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(connection)?)
}

/// Puts another password in the place of the one that `old` was made from; false when it was changed meanwhile.
pub fn change_password(
    connection: &mut DbConnection,
    id: LoginId,
    old: &str,
    new: &str,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let unchanged = logins::table
        .filter(logins::id.eq(id.0))
        .filter(logins::password_hash.eq(old));
    let rows = diesel::update(unchanged)
        .set((logins::password_hash.eq(new), logins::password_changed_at.eq(now)))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Notes a sign-in with the password that `hash` was made from; false when the password was changed meanwhile.
pub fn record_sign_in(
    connection: &mut DbConnection,
    id: LoginId,
    hash: &str,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let unchanged = logins::table
        .filter(logins::id.eq(id.0))
        .filter(logins::password_hash.eq(hash));
    let rows = diesel::update(unchanged)
        .set(logins::last_sign_in_at.eq(now))
        .execute(connection)?;
    diesel::update(accounts::table.filter(accounts::login_id.eq(id.0)))
        .set(accounts::quiet_since.eq(now))
        .execute(connection)?;
    Ok(rows == 1)
}
