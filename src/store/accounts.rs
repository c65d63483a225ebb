//! Rows of `accounts`, with their logins, plans and sites.
//!
//! * here: one account, and what changes it.
//! * [`list`]: pages of many accounts.
//! * [`mail`]: the mail that is not wanted.
//! * [`terms`]: what it is found by.

pub mod change;
pub mod detail;
pub mod list;
pub mod mail;
pub mod terms;

use std::collections::HashMap;

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::{column, is_unique_violation},
    schema::{accounts, logins, plans, sites},
};
use crate::domain::{
    account::{Account, Standing},
    id::{AccountId, LoginId, PlanId},
    site::SiteName,
};

type Columns = (
    i64,
    String,
    i64,
    String,
    Option<PrimitiveDateTime>,
    Option<String>,
    PrimitiveDateTime,
);
type Names = (String, String, i64, String);

macro_rules! joined {
    () => {
        accounts::table
            .inner_join(logins::table)
            .inner_join(plans::table)
            .filter(accounts::removed_at.is_null())
            .select((
                (
                    accounts::id,
                    accounts::public_id,
                    accounts::login_id,
                    accounts::time_zone,
                    accounts::suspended_at,
                    accounts::suspension_reason,
                    accounts::created_at,
                ),
                (logins::username, logins::email, plans::id, plans::name),
            ))
    };
}

fn account((columns, names): (Columns, Names), sites: Vec<SiteName>) -> Result<Account, StoreError> {
    let (id, public_id, login, time_zone, suspended_at, reason, created_at) = columns;
    let (username, email, plan, plan_name) = names;
    let standing = match suspended_at {
        Some(at) => Standing::Suspended {
            at,
            reason: reason.unwrap_or_default(),
        },
        None => Standing::Active,
    };
    Ok(Account {
        id: AccountId(id),
        public_id,
        login: LoginId(login),
        username: column("logins.username", &username)?,
        email: column("logins.email", &email)?,
        plan: PlanId(plan),
        plan_name,
        standing,
        time_zone,
        created_at,
        sites,
    })
}

fn with_sites(connection: &mut DbConnection, row: Option<(Columns, Names)>) -> Result<Option<Account>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let sites = list_sites(connection, AccountId(row.0.0))?;
    account(row, sites).map(Some)
}

/// The sites of an account, by name.
pub fn list_sites(connection: &mut DbConnection, id: AccountId) -> Result<Vec<SiteName>, StoreError> {
    let names: Vec<String> = sites::table
        .filter(sites::account_id.eq(id.0))
        .select(sites::domain)
        .order(sites::domain)
        .load(connection)?;
    names.iter().map(|name| column("sites.domain", name)).collect()
}

/// Whether a site belongs to an account.
pub fn owns_site(connection: &mut DbConnection, id: AccountId, site: &SiteName) -> Result<bool, StoreError> {
    let own = sites::table
        .filter(sites::domain.eq(site.as_str()))
        .filter(sites::account_id.eq(id.0));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(connection)?)
}

/// Finds an account that has not been removed.
pub fn find(connection: &mut DbConnection, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row = joined!()
        .filter(accounts::id.eq(id.0))
        .get_result(connection)
        .optional()?;
    with_sites(connection, row)
}

/// These accounts, each with its main site, in their order; those that were removed are left out.
pub fn list_whole(
    connection: &mut DbConnection,
    ids: &[AccountId],
) -> Result<Vec<(Account, Option<SiteName>)>, StoreError> {
    let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<(Columns, Names)> = joined!().filter(accounts::id.eq_any(&numbers)).load(connection)?;
    let named: Vec<(i64, String, bool)> = sites::table
        .filter(sites::account_id.eq_any(&numbers))
        .select((sites::account_id, sites::domain, sites::main))
        .order(sites::domain)
        .load(connection)?;
    let mut of: HashMap<i64, (Vec<SiteName>, Option<SiteName>)> = HashMap::new();
    for (account, domain, main) in named {
        let (all, first) = of.entry(account).or_default();
        let site: SiteName = column("sites.domain", &domain)?;
        if main {
            *first = Some(site.clone());
        }
        all.push(site);
    }
    let mut rows: HashMap<i64, (Columns, Names)> = rows.into_iter().map(|row| (row.0.0, row)).collect();
    let in_order = numbers.iter().filter_map(|id| Some((*id, rows.remove(id)?)));
    in_order
        .map(|(id, row)| {
            let (all, main) = of.remove(&id).unwrap_or_default();
            Ok((account(row, all)?, main))
        })
        .collect()
}

/// Finds an account by its public id.
pub fn find_by_public_id(connection: &mut DbConnection, public_id: &str) -> Result<Option<Account>, StoreError> {
    let row = joined!()
        .filter(accounts::public_id.eq(public_id))
        .get_result(connection)
        .optional()?;
    with_sites(connection, row)
}

/// Finds the account that signs in with a login.
pub fn find_by_login(connection: &mut DbConnection, login: LoginId) -> Result<Option<Account>, StoreError> {
    let row = joined!()
        .filter(accounts::login_id.eq(login.0))
        .get_result(connection)
        .optional()?;
    with_sites(connection, row)
}

/// Finds an account by its user name.
pub fn find_by_username(connection: &mut DbConnection, username: &str) -> Result<Option<Account>, StoreError> {
    let row = joined!()
        .filter(logins::username.eq(username))
        .get_result(connection)
        .optional()?;
    with_sites(connection, row)
}

/// Stores an account for a login.
pub fn insert(
    connection: &mut DbConnection,
    public_id: &str,
    login: LoginId,
    plan: PlanId,
    time_zone: &str,
    now: PrimitiveDateTime,
) -> Result<AccountId, StoreError> {
    let username: String = logins::table
        .find(login.0)
        .select(logins::username)
        .get_result(connection)?;
    let id: i64 = diesel::insert_into(accounts::table)
        .values((
            accounts::username.eq(username),
            accounts::quiet_since.eq(now),
            accounts::public_id.eq(public_id),
            accounts::login_id.eq(login.0),
            accounts::plan_id.eq(plan.0),
            accounts::time_zone.eq(time_zone),
            accounts::created_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(connection)?;
    Ok(AccountId(id))
}

/// Gives an account a site, its main one when it is the first; false when the domain is already somebody's.
pub fn insert_site(
    connection: &mut DbConnection,
    id: AccountId,
    site: &SiteName,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let of = sites::table.filter(sites::account_id.eq(id.0));
    let has_one: bool = diesel::select(diesel::dsl::exists(of)).get_result(connection)?;
    let inserted = connection.transaction(|inner| {
        diesel::insert_into(sites::table)
            .values((
                sites::main.eq(!has_one),
                sites::account_id.eq(id.0),
                sites::domain.eq(site.as_str()),
                sites::created_at.eq(now),
            ))
            .execute(inner)
    });
    match inserted {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Changes the zone in which an account's times are shown.
pub fn put_time_zone(connection: &mut DbConnection, id: AccountId, time_zone: &str) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id.0))
        .set(accounts::time_zone.eq(time_zone))
        .execute(connection)?;
    Ok(())
}

/// Suspends an account (`Some`) or ends its suspension (`None`); false when it already was so.
pub fn put_suspension(
    connection: &mut DbConnection,
    id: AccountId,
    suspension: Option<(PrimitiveDateTime, &str)>,
) -> Result<bool, StoreError> {
    let of = accounts::table
        .filter(accounts::id.eq(id.0))
        .filter(accounts::removed_at.is_null());
    let rows = match suspension {
        Some((at, reason)) => diesel::update(of.filter(accounts::suspended_at.is_null()))
            .set((accounts::suspended_at.eq(at), accounts::suspension_reason.eq(reason)))
            .execute(connection)?,
        None => diesel::update(of.filter(accounts::suspended_at.is_not_null()))
            .set((
                accounts::suspended_at.eq(None::<PrimitiveDateTime>),
                accounts::suspension_reason.eq(None::<String>),
            ))
            .execute(connection)?,
    };
    Ok(rows == 1)
}

/// Moves an account to another plan.
pub fn put_plan(connection: &mut DbConnection, id: AccountId, plan: PlanId) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id.0))
        .set(accounts::plan_id.eq(plan.0))
        .execute(connection)?;
    Ok(())
}
