//! Changing what an account is, and removing it. What is unique is told by name.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        account::{Account, Username},
        id::{AccountId, LoginId},
        site::SiteName,
    },
    store::{
        DbConnection, StoreError,
        error::is_unique_violation,
        schema::{account_terms, accounts, links, logins, sites},
    },
};

/// Makes every other change of this account wait until the transaction ends; false when it was removed.
///
/// The login comes first, as it does when somebody signs in, so that the two never wait for each other.
pub fn hold(connection: &mut DbConnection, id: AccountId, login: LoginId) -> Result<bool, StoreError> {
    diesel::update(logins::table.find(login.0))
        .set(logins::username.eq(logins::username))
        .execute(connection)?;
    let live = accounts::table
        .filter(accounts::id.eq(id.0))
        .filter(accounts::removed_at.is_null());
    let held = diesel::update(live)
        .set(accounts::revision.eq(accounts::revision + 1))
        .execute(connection)?;
    Ok(held == 1)
}

/// Gives an account another user name; false when another login has it.
pub fn put_username(
    connection: &mut DbConnection,
    (id, login): (AccountId, LoginId),
    username: &Username,
) -> Result<bool, StoreError> {
    let stored = connection.transaction(|inner| {
        diesel::update(logins::table.find(login.0))
            .set(logins::username.eq(username.as_str()))
            .execute(inner)?;
        diesel::update(accounts::table.find(id.0))
            .set(accounts::username.eq(username.as_str()))
            .execute(inner)
    });
    match stored {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives an account these sites, the first of them as its main one, and no others. Returns the site that belongs to
/// another account, if one does.
pub fn put_sites(
    connection: &mut DbConnection,
    id: AccountId,
    wanted: &[SiteName],
    now: PrimitiveDateTime,
) -> Result<Option<SiteName>, StoreError> {
    let names: Vec<&str> = wanted.iter().map(SiteName::as_str).collect();
    let own = sites::table.filter(sites::account_id.eq(id.0));
    diesel::delete(own.filter(sites::domain.ne_all(&names))).execute(connection)?;
    diesel::update(own).set(sites::main.eq(false)).execute(connection)?;
    let had: Vec<String> = own.select(sites::domain).load(connection)?;
    for site in wanted
        .iter()
        .filter(|site| !had.iter().any(|name| name == site.as_str()))
    {
        if !super::insert_site(connection, id, site, now)? {
            return Ok(Some(site.clone()));
        }
    }
    diesel::update(own).set(sites::main.eq(false)).execute(connection)?;
    if let Some(main) = names.first() {
        diesel::update(own.filter(sites::domain.eq(*main)))
            .set(sites::main.eq(true))
            .execute(connection)?;
    }
    Ok(None)
}

/// Ends an account for good and frees its user name, e-mail address and sites; false when it was removed already.
/// Its tokens and sessions are the caller's to end.
pub fn remove(connection: &mut DbConnection, account: &Account, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    // Not a user name and not an address: nobody can have it.
    let nobody = format!("-removed-{}", account.public_id);
    diesel::update(logins::table.find(account.login.0))
        .set((
            logins::username.eq(&nobody),
            logins::email.eq(""),
            logins::email_folded.eq(&nobody),
            logins::password_hash.eq(None::<String>),
            logins::password_changed_at.eq(now),
        ))
        .execute(connection)?;
    let live = accounts::table
        .filter(accounts::id.eq(account.id.0))
        .filter(accounts::removed_at.is_null());
    let rows = diesel::update(live)
        .set((
            accounts::removed_at.eq(now),
            accounts::revision.eq(accounts::revision + 1),
        ))
        .execute(connection)?;
    diesel::delete(sites::table.filter(sites::account_id.eq(account.id.0))).execute(connection)?;
    diesel::delete(account_terms::table.filter(account_terms::account_id.eq(account.id.0))).execute(connection)?;
    diesel::delete(links::table.filter(links::login_id.eq(account.login.0))).execute(connection)?;
    Ok(rows == 1)
}
