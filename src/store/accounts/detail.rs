//! What staff read about one account beside what it is: its sign-ins, its sites in order, its internal notes.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::{AccountId, LoginId},
        site::SiteName,
    },
    store::{
        DbConnection, StoreError,
        error::column,
        schema::{links, logins, notes, sites},
    },
};

/// How somebody signs in.
#[derive(Clone, Debug)]
pub struct SignIns {
    /// The last time.
    pub last_at: Option<PrimitiveDateTime>,
    /// Whether a password was ever set.
    pub has_password: bool,
    /// When the password was last changed.
    pub password_changed_at: Option<PrimitiveDateTime>,
    /// When staff last changed the e-mail address.
    pub email_changed_by_staff_at: Option<PrimitiveDateTime>,
    /// Until when the latest invitation can be used.
    pub invited_until: Option<PrimitiveDateTime>,
}

/// How the holder of a login signs in.
pub fn sign_ins(connection: &mut DbConnection, login: LoginId) -> Result<SignIns, StoreError> {
    type Row = (
        Option<PrimitiveDateTime>,
        bool,
        Option<PrimitiveDateTime>,
        Option<PrimitiveDateTime>,
    );
    let (last_at, has_password, password_changed_at, email_changed_by_staff_at): Row = logins::table
        .find(login.0)
        .select((
            logins::last_sign_in_at,
            logins::password_hash.is_not_null(),
            logins::password_changed_at,
            logins::email_changed_by_staff_at,
        ))
        .get_result(connection)?;
    let invited_until = links::table
        .filter(links::login_id.eq(login.0))
        .filter(links::purpose.eq("invitation"))
        .filter(links::used_at.is_null())
        .select(diesel::dsl::max(links::expires_at))
        .get_result(connection)?;
    Ok(SignIns {
        last_at,
        has_password,
        password_changed_at,
        email_changed_by_staff_at,
        invited_until,
    })
}

/// The sites of an account, the main one first.
pub fn sites_main_first(connection: &mut DbConnection, id: AccountId) -> Result<Vec<SiteName>, StoreError> {
    let names: Vec<String> = sites::table
        .filter(sites::account_id.eq(id.0))
        .select(sites::domain)
        .order((sites::main.desc(), sites::domain.asc()))
        .load(connection)?;
    names.iter().map(|name| column("sites.domain", name)).collect()
}

/// Whose a site is.
pub fn site_owner(connection: &mut DbConnection, site: &SiteName) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<i64> = sites::table
        .filter(sites::domain.eq(site.as_str()))
        .select(sites::account_id)
        .get_result(connection)
        .optional()?;
    Ok(owner.map(AccountId))
}

/// What staff noted about an account.
#[derive(Clone, Debug, Queryable)]
pub struct WrittenNote {
    /// Row number: a later note has a higher one.
    pub id: i64,
    /// When.
    pub at: PrimitiveDateTime,
    /// The name of who wrote it, at that time.
    pub author: String,
    /// What they wrote.
    pub text: String,
}

/// Keeps a note about an account.
pub fn insert_note(
    connection: &mut DbConnection,
    account: AccountId,
    author: &str,
    text: &str,
    now: PrimitiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(notes::table)
        .values((
            notes::account_id.eq(account.0),
            notes::at.eq(now),
            notes::author_name.eq(author),
            notes::text.eq(text),
        ))
        .execute(connection)?;
    Ok(())
}

/// The latest `limit` notes about an account before the note `before`, latest first.
pub fn list_notes(
    connection: &mut DbConnection,
    account: AccountId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<WrittenNote>, StoreError> {
    let select = notes::table
        .filter(notes::account_id.eq(account.0))
        .filter(notes::id.lt(before.unwrap_or(i64::MAX)))
        .select((notes::id, notes::at, notes::author_name, notes::text))
        .order(notes::id.desc())
        .limit(limit);
    Ok(select.load(connection)?)
}
