//! How many tokens and accounts a narrower policy or plan would touch.
//!
//! Suspended accounts count as others do, except where their tokens are left alone: see [`count_unused`].

use diesel::{dsl, prelude::*, sql_types::Bool};
use time::PrimitiveDateTime;

use super::change::unused_since;
use crate::{
    domain::{id::PlanId, scope::ScopeSet},
    store::{
        DbConnection, StoreError,
        among::among,
        error::column,
        instant::Instant,
        schema::{accounts, tokens},
    },
};

/// On which plans the accounts are whose tokens are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnPlans {
    /// On any.
    All,
    /// On one of these.
    These(Vec<PlanId>),
}

impl OnPlans {
    /// Row numbers; none: any.
    fn ids(&self) -> Option<Vec<i64>> {
        match self {
            Self::All => None,
            Self::These(plans) => Some(plans.iter().map(|plan| plan.0).collect()),
        }
    }
}

/// Which ends are too late: later than an instant, or later than so many days after the token was made.
#[derive(Clone, Copy, Debug)]
pub enum TooLate {
    /// Later than this.
    Than(PrimitiveDateTime),
    /// Longer than this from the token's creation on, in days.
    AfterDays(u16),
    /// Either.
    Both(PrimitiveDateTime, u16),
}

/// The accounts on these plans that are not removed.
macro_rules! accounts_on {
    ($ids:expr) => {
        accounts::table
            .filter(among("accounts.plan_id", $ids))
            .filter(accounts::removed_at.is_null())
            .select(accounts::id)
    };
}

/// Whether the whole lifetime is longer than `days`, as the index `tokens_by_lifetime` has it.
fn longer_than(connection: &DbConnection, days: u16) -> String {
    match connection {
        DbConnection::Sqlite(_) => {
            format!("julianday(tokens.expires_at) - julianday(tokens.created_at) > {days}")
        }
        DbConnection::Postgres(_) => format!("(tokens.expires_at - tokens.created_at) > INTERVAL '{days} days'"),
    }
}

fn counted(count: i64) -> u64 {
    count.unsigned_abs()
}

/// Live tokens that end too late.
pub fn count_too_late(connection: &mut DbConnection, plans: &OnPlans, late: TooLate) -> Result<u64, StoreError> {
    let ids = plans.ids();
    let mut select = tokens::table.filter(tokens::revoked_at.is_null()).into_boxed();
    select = match late {
        TooLate::Than(at) => select.filter(tokens::expires_at.gt(at)),
        TooLate::AfterDays(days) => select
            .filter(tokens::expires_at.is_not_null())
            .filter(dsl::sql::<Bool>(&longer_than(connection, days))),
        TooLate::Both(at, days) => select.filter(tokens::expires_at.is_not_null()).filter(
            tokens::expires_at
                .assume_not_null()
                .gt(at)
                .or(dsl::sql::<Bool>(&longer_than(connection, days))),
        ),
    };
    if let Some(ids) = &ids {
        select = select.filter(tokens::account_id.eq_any(accounts_on!(ids)));
    }
    Ok(counted(select.count().get_result(connection)?))
}

/// Live tokens that never expire.
pub fn count_endless(connection: &mut DbConnection, plans: &OnPlans) -> Result<u64, StoreError> {
    let ids = plans.ids();
    let mut select = tokens::table
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.is_null())
        .into_boxed();
    if let Some(ids) = &ids {
        select = select.filter(tokens::account_id.eq_any(accounts_on!(ids)));
    }
    Ok(counted(select.count().get_result(connection)?))
}

/// Accounts with more than `limit` live tokens.
pub fn count_crowded(connection: &mut DbConnection, plans: &OnPlans, limit: u32) -> Result<u64, StoreError> {
    let more = dsl::count_star().gt(i64::from(limit));
    let live = tokens::table.filter(tokens::revoked_at.is_null());
    let crowded: Vec<i64> = match plans.ids() {
        None => live
            .group_by(tokens::account_id)
            .having(more)
            .select(tokens::account_id)
            .load(connection)?,
        Some(ids) => live
            .filter(tokens::account_id.eq_any(accounts_on!(&ids)))
            .group_by(tokens::account_id)
            .having(more)
            .select(tokens::account_id)
            .load(connection)?,
    };
    Ok(u64::try_from(crowded.len()).unwrap_or(u64::MAX))
}

/// Live tokens that were neither made, rotated nor used since `before`, of accounts that are not suspended: what
/// [`list_unused`](super::list_unused) would find.
pub fn count_unused(
    connection: &mut DbConnection,
    plans: &OnPlans,
    before: PrimitiveDateTime,
) -> Result<u64, StoreError> {
    let ids = plans.ids();
    let awake = accounts::table
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::removed_at.is_null())
        .select(accounts::id);
    let mut select = tokens::table
        .filter(unused_since!(before))
        .filter(tokens::account_id.eq_any(awake))
        .into_boxed();
    if let Some(ids) = &ids {
        select = select.filter(tokens::account_id.eq_any(accounts_on!(ids)));
    }
    Ok(counted(select.count().get_result(connection)?))
}

/// When the live token that was left alone longest was last made, rotated or used.
pub fn longest_unused(connection: &mut DbConnection, plans: &OnPlans) -> Result<Option<PrimitiveDateTime>, StoreError> {
    let last = match connection {
        DbConnection::Sqlite(_) => {
            "MIN(MAX(tokens.created_at, tokens.secret_issued_at, COALESCE(tokens.last_used_at, '')))"
        }
        DbConnection::Postgres(_) => "MIN(GREATEST(tokens.created_at, tokens.secret_issued_at, tokens.last_used_at))",
    };
    let ids = plans.ids();
    let mut select = tokens::table.filter(tokens::revoked_at.is_null()).into_boxed();
    if let Some(ids) = &ids {
        select = select.filter(tokens::account_id.eq_any(accounts_on!(ids)));
    }
    let at: Option<Instant> = select
        .select(dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Timestamp>>(
            last,
        ))
        .get_result(connection)?;
    Ok(at.map(Into::into))
}

/// What the live tokens of a plan's accounts may do, each set of scopes with the number of tokens that have it.
pub fn count_by_scopes(connection: &mut DbConnection, plan: PlanId) -> Result<Vec<(ScopeSet, u64)>, StoreError> {
    let ids = [plan.0];
    let rows: Vec<(String, i64)> = tokens::table
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::account_id.eq_any(accounts_on!(&ids)))
        .group_by(tokens::scopes)
        .select((tokens::scopes, dsl::count_star()))
        .load(connection)?;
    rows.iter()
        .map(|(scopes, count)| Ok((column("tokens.scopes", scopes)?, counted(*count))))
        .collect()
}
