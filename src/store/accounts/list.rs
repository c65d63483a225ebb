//! Lists of accounts: each is read in the order of an index, from a place in that order on.

use std::collections::HashMap;

use diesel::{
    dsl::{count_star, exists, sql},
    prelude::*,
    sql_types::{Bool, Text, Timestamp},
};
use time::PrimitiveDateTime;

use crate::{
    domain::{
        account::{EmailAddress, Username},
        id::{AccountId, PlanId},
        secret::PublicId,
        site::SiteName,
        token::TokenName,
    },
    store::{
        DbConnection, StoreError,
        error::column,
        instant::Instant,
        schema::{accounts, logins, plans, sites, tokens},
    },
};

/// Accounts by whether they may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// Those that may.
    Active,
    /// Those that are suspended.
    Suspended,
}

/// Where an account stands in the order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its user name.
    pub username: String,
    /// Its last sign-in, or when it was made.
    pub quiet_since: PrimitiveDateTime,
}

/// From where a list is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// From the beginning.
    #[default]
    First,
    /// What comes after this.
    After(Key),
    /// What comes before this, the nearest first.
    Before(Key),
}

/// Which accounts. Removed ones are never listed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only these.
    pub among: Option<Vec<AccountId>>,
    /// Only those.
    pub which: Which,
    /// Only those on this plan.
    pub plan: Option<PlanId>,
    /// Only those without a sign-in from this instant on, the longest quiet first; without it they come by user name.
    pub quiet_since: Option<PrimitiveDateTime>,
    /// Only those with a token that works and expires after the first and not after the second instant.
    pub expiring: Option<(PrimitiveDateTime, PrimitiveDateTime)>,
    /// From where on.
    pub place: Place,
    /// Rows at most.
    pub limit: i64,
}

type Boxed = accounts::BoxedQuery<'static, <DbConnection as Connection>::Backend>;

/// A row comparison, which both databases answer by an index of these columns.
macro_rules! beside {
    ($text:literal, $key:expr) => {
        sql::<Bool>($text)
            .bind::<Timestamp, _>($key.quiet_since)
            .sql(", ")
            .bind::<Text, _>($key.username.clone())
            .sql(")")
    };
}

fn filtered(query: &Query) -> Boxed {
    let mut select = accounts::table.filter(accounts::removed_at.is_null()).into_boxed();
    if let Some(among) = &query.among {
        let ids: Vec<i64> = among.iter().map(|id| id.0).collect();
        select = select.filter(accounts::id.eq_any(ids));
    }
    match query.which {
        Which::All => {}
        Which::Active => select = select.filter(accounts::suspended_at.is_null()),
        Which::Suspended => select = select.filter(accounts::suspended_at.is_not_null()),
    }
    if let Some(plan) = query.plan {
        select = select.filter(accounts::plan_id.eq(plan.0));
    }
    if let Some(since) = query.quiet_since {
        select = select.filter(accounts::quiet_since.lt(since));
    }
    if let Some((now, until)) = query.expiring {
        let soon = tokens::table
            .filter(tokens::account_id.eq(accounts::id))
            .filter(tokens::revoked_at.is_null())
            .filter(tokens::paused_at.is_null())
            .filter(tokens::expires_at.gt(now))
            .filter(tokens::expires_at.le(until));
        select = select.filter(exists(soon));
    }
    select
}

fn placed(query: &Query) -> Boxed {
    let select = filtered(query);
    match (&query.place, query.quiet_since.is_some()) {
        (Place::First, false) => select.order(accounts::username.asc()),
        (Place::After(key), false) => select
            .filter(accounts::username.gt(key.username.clone()))
            .order(accounts::username.asc()),
        (Place::Before(key), false) => select
            .filter(accounts::username.lt(key.username.clone()))
            .order(accounts::username.desc()),
        (Place::First, true) => select.order((accounts::quiet_since.asc(), accounts::username.asc())),
        (Place::After(key), true) => select
            .filter(beside!("(accounts.quiet_since, accounts.username) > (", key))
            .order((accounts::quiet_since.asc(), accounts::username.asc())),
        (Place::Before(key), true) => select
            .filter(beside!("(accounts.quiet_since, accounts.username) < (", key))
            .order((accounts::quiet_since.desc(), accounts::username.desc())),
    }
}

/// The accounts that a query asks for, in its order, and where they stand in it.
pub fn list_keys(connection: &mut DbConnection, query: &Query) -> Result<Vec<(AccountId, Key)>, StoreError> {
    let rows: Vec<(i64, String, Instant)> = placed(query)
        .select((accounts::id, accounts::username, accounts::quiet_since))
        .limit(query.limit)
        .load(connection)?;
    let keyed = |(id, username, quiet_since): (i64, String, Instant)| {
        let quiet_since = quiet_since.into();
        (AccountId(id), Key { username, quiet_since })
    };
    Ok(rows.into_iter().map(keyed).collect())
}

/// How many accounts a query asks for wherever it begins, counted up to `most`.
pub fn count(connection: &mut DbConnection, query: &Query, most: i64) -> Result<usize, StoreError> {
    let found: Vec<i64> = filtered(query).select(accounts::id).limit(most).load(connection)?;
    Ok(found.len())
}

/// The accounts of working tokens that expire after `now` and not after `until`, by expiry, one entry a token.
pub fn list_expiring(
    connection: &mut DbConnection,
    (now, until): (PrimitiveDateTime, PrimitiveDateTime),
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    let found: Vec<i64> = tokens::table
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::paused_at.is_null())
        .filter(tokens::expires_at.gt(now))
        .filter(tokens::expires_at.le(until))
        .select(tokens::account_id)
        .order(tokens::expires_at)
        .limit(limit)
        .load(connection)?;
    Ok(found.into_iter().map(AccountId).collect())
}

/// An account as a list shows it.
#[derive(Clone, Debug)]
pub struct ListedAccount {
    /// What stands in addresses.
    pub public_id: String,
    /// Its user name.
    pub username: Username,
    /// Its e-mail address.
    pub email: EmailAddress,
    /// Its main site.
    pub main_site: Option<SiteName>,
    /// Name of its plan.
    pub plan: String,
    /// Whether it is suspended.
    pub suspended: bool,
    /// How many of its tokens are not revoked.
    pub live_tokens: i64,
    /// When its holder last signed in.
    pub last_sign_in: Option<PrimitiveDateTime>,
}

type Row = (
    (i64, String, Option<Instant>),
    (String, String, Option<Instant>),
    String,
    Option<String>,
);

/// These accounts, in their order.
pub fn list_by_ids(connection: &mut DbConnection, ids: &[AccountId]) -> Result<Vec<ListedAccount>, StoreError> {
    let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let main = sites::account_id.eq(accounts::id).and(sites::main.eq(true));
    let rows: Vec<Row> = accounts::table
        .inner_join(logins::table)
        .inner_join(plans::table)
        .left_join(sites::table.on(main))
        .filter(accounts::id.eq_any(&numbers))
        .select((
            (accounts::id, accounts::public_id, accounts::suspended_at),
            (logins::username, logins::email, logins::last_sign_in_at),
            plans::name,
            sites::domain.nullable(),
        ))
        .load(connection)?;
    let counts: Vec<(i64, i64)> = tokens::table
        .filter(tokens::account_id.eq_any(&numbers))
        .filter(tokens::revoked_at.is_null())
        .group_by(tokens::account_id)
        .select((tokens::account_id, count_star()))
        .load(connection)?;
    let counts: HashMap<i64, i64> = counts.into_iter().collect();
    let mut rows: HashMap<i64, Row> = rows.into_iter().map(|row| (row.0.0, row)).collect();
    let in_order = numbers.iter().filter_map(|id| rows.remove(id));
    in_order
        .map(|row| {
            let live_tokens = counts.get(&row.0.0).copied().unwrap_or_default();
            listed(row, live_tokens)
        })
        .collect()
}

fn listed(
    ((_, public_id, suspended_at), (username, email, last_sign_in), plan, site): Row,
    live_tokens: i64,
) -> Result<ListedAccount, StoreError> {
    Ok(ListedAccount {
        public_id,
        username: column("logins.username", &username)?,
        email: column("logins.email", &email)?,
        main_site: site.map(|site| column("sites.domain", &site)).transpose()?,
        plan,
        suspended: suspended_at.is_some(),
        live_tokens,
        last_sign_in: last_sign_in.map(PrimitiveDateTime::from),
    })
}

/// A token and whose it is.
#[derive(Clone, Debug)]
pub struct OwnedToken {
    /// Its public id.
    pub id: PublicId,
    /// Its name.
    pub name: TokenName,
    /// Whose it is.
    pub account: AccountId,
    /// Public id of that account.
    pub account_id: String,
    /// User name of that account.
    pub username: String,
}

/// Finds a token, also a revoked one, of any account that has not been removed.
pub fn find_owned_token(connection: &mut DbConnection, id: &PublicId) -> Result<Option<OwnedToken>, StoreError> {
    let row: Option<(String, i64, String, String)> = tokens::table
        .inner_join(accounts::table)
        .filter(tokens::public_id.eq(id.as_str()))
        .filter(accounts::removed_at.is_null())
        .select((tokens::name, accounts::id, accounts::public_id, accounts::username))
        .get_result(connection)
        .optional()?;
    row.map(|(name, account, account_id, username)| {
        Ok(OwnedToken {
            id: *id,
            name: column("tokens.name", &name)?,
            account: AccountId(account),
            account_id,
            username,
        })
    })
    .transpose()
}
