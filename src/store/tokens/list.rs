//! One page of an account's tokens, and the counts of its filters.

use diesel::{
    dsl::{self, case_when},
    prelude::*,
};
use time::PrimitiveDateTime;

use super::row::TokenRow;
use crate::{
    domain::{
        id::AccountId,
        secret::PublicId,
        token::{EXPIRING, REVOKED_LISTED, Token},
    },
    store::{DbConnection, StoreError, dialect::contains_pattern, error::column, schema::tokens},
};

/// Which tokens of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All that are not revoked.
    #[default]
    All,
    /// Those that work now.
    Active,
    /// Those of them that expire soon.
    Expiring,
    /// Those that work and never have been used.
    NeverUsed,
    /// Those whose time is over.
    Expired,
    /// Those switched off.
    Paused,
    /// Those revoked in the last 90 days.
    Revoked,
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, ignoring case.
    Name,
    /// Expiry; those that never expire come last.
    Expiry,
    /// Last use; those never used come last.
    LastUse,
    /// Creation.
    #[default]
    Created,
}

/// In which direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// A to Z, earliest first.
    Ascending,
    /// Z to A, latest first.
    #[default]
    Descending,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which tokens.
    pub filter: Filter,
    /// Text that the name, the description or the public id contains, ignoring case; empty for any.
    pub search: String,
    /// By what.
    pub sort: Sort,
    /// In which direction.
    pub order: Order,
    /// Rows to pass over.
    pub offset: i64,
    /// Rows at most.
    pub limit: i64,
}

/// How many tokens each filter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// See [`Filter::All`].
    pub all: i64,
    /// See [`Filter::Active`].
    pub active: i64,
    /// See [`Filter::Expiring`].
    pub expiring: i64,
    /// See [`Filter::NeverUsed`].
    pub never_used: i64,
    /// See [`Filter::Expired`].
    pub expired: i64,
    /// See [`Filter::Paused`].
    pub paused: i64,
    /// See [`Filter::Revoked`].
    pub revoked: i64,
}

impl Counts {
    /// The count of one filter.
    pub fn of(&self, filter: Filter) -> i64 {
        match filter {
            Filter::All => self.all,
            Filter::Active => self.active,
            Filter::Expiring => self.expiring,
            Filter::NeverUsed => self.never_used,
            Filter::Expired => self.expired,
            Filter::Paused => self.paused,
            Filter::Revoked => self.revoked,
        }
    }
}

diesel::define_sql_function! {
    /// SQL's `lower`.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

// The filters' conditions. Macros, because diesel gives each its own type.

macro_rules! live {
    () => {
        tokens::revoked_at.is_null()
    };
}
macro_rules! switched_on {
    () => {
        live!().and(tokens::paused_at.is_null())
    };
}
macro_rules! active {
    ($now:expr) => {
        switched_on!().and(tokens::expires_at.is_null().or(tokens::expires_at.gt($now)))
    };
}
macro_rules! expiring {
    ($now:expr) => {
        switched_on!()
            .and(tokens::expires_at.gt($now))
            .and(tokens::expires_at.le($now + EXPIRING))
    };
}
macro_rules! never_used {
    ($now:expr) => {
        active!($now).and(tokens::last_used_at.is_null())
    };
}
macro_rules! expired {
    ($now:expr) => {
        switched_on!().and(tokens::expires_at.le($now))
    };
}
macro_rules! paused {
    () => {
        live!().and(tokens::paused_at.is_not_null())
    };
}
macro_rules! revoked {
    ($now:expr) => {
        tokens::revoked_at.gt($now - REVOKED_LISTED)
    };
}
macro_rules! matches_search {
    ($search:expr) => {{
        let pattern = contains_pattern(&$search.to_lowercase());
        tokens::name_folded
            .like(pattern.clone())
            .escape('\\')
            .or(lower(tokens::description).like(pattern.clone()).escape('\\'))
            .or(lower(tokens::public_id).like(pattern).escape('\\'))
    }};
}

pub(super) type Boxed = tokens::BoxedQuery<'static, <DbConnection as Connection>::Backend>;

/// The tokens that `query` asks for, in its order.
pub(super) fn ordered(account: AccountId, query: &Query, now: PrimitiveDateTime) -> Boxed {
    let mut select = tokens::table.filter(tokens::account_id.eq(account.0)).into_boxed();
    if !query.search.is_empty() {
        select = select.filter(matches_search!(query.search));
    }
    let select = match query.filter {
        Filter::All => select.filter(live!()),
        Filter::Active => select.filter(active!(now)),
        Filter::Expiring => select.filter(expiring!(now)),
        Filter::NeverUsed => select.filter(never_used!(now)),
        Filter::Expired => select.filter(expired!(now)),
        Filter::Paused => select.filter(paused!()),
        Filter::Revoked => select.filter(revoked!(now)),
    };
    // The row number settles ties, so that no row is shown on two pages or on none.
    match (query.sort, query.order) {
        (Sort::Name, Order::Ascending) => select.order((tokens::name_folded.asc(), tokens::id.asc())),
        (Sort::Name, Order::Descending) => select.order((tokens::name_folded.desc(), tokens::id.desc())),
        (Sort::Created, Order::Ascending) => select.order((tokens::created_at.asc(), tokens::id.asc())),
        (Sort::Created, Order::Descending) => select.order((tokens::created_at.desc(), tokens::id.desc())),
        (Sort::Expiry, Order::Ascending) => select.order((
            tokens::expires_at.is_null().asc(),
            tokens::expires_at.asc(),
            tokens::id.asc(),
        )),
        (Sort::Expiry, Order::Descending) => select.order((
            tokens::expires_at.is_null().asc(),
            tokens::expires_at.desc(),
            tokens::id.desc(),
        )),
        (Sort::LastUse, Order::Ascending) => select.order((
            tokens::last_used_at.is_null().asc(),
            tokens::last_used_at.asc(),
            tokens::id.asc(),
        )),
        (Sort::LastUse, Order::Descending) => select.order((
            tokens::last_used_at.is_null().asc(),
            tokens::last_used_at.desc(),
            tokens::id.desc(),
        )),
    }
}

/// One page of an account's tokens.
pub fn list(
    connection: &mut DbConnection,
    account: AccountId,
    query: &Query,
    now: PrimitiveDateTime,
) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<TokenRow> = ordered(account, query, now)
        .select(TokenRow::as_select())
        .offset(query.offset)
        .limit(query.limit)
        .load(connection)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// The public ids of what [`list`] would find, in its order.
pub fn list_ids(
    connection: &mut DbConnection,
    account: AccountId,
    query: &Query,
    now: PrimitiveDateTime,
) -> Result<Vec<PublicId>, StoreError> {
    let ids: Vec<String> = ordered(account, query, now)
        .select(tokens::public_id)
        .offset(query.offset)
        .limit(query.limit)
        .load(connection)?;
    ids.iter().map(|id| column("tokens.public_id", id)).collect()
}

/// Those of an account's tokens that have one of these public ids, in the order in which they were made. Ids of others
/// are passed over.
pub fn list_by_ids(
    connection: &mut DbConnection,
    account: AccountId,
    ids: &[PublicId],
) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<TokenRow> = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::public_id.eq_any(ids.iter().map(PublicId::as_str)))
        .select(TokenRow::as_select())
        .order(tokens::id)
        .load(connection)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// Every token of an account that is not revoked, in the order in which they were made.
pub fn list_live(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<TokenRow> = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(live!())
        .select(TokenRow::as_select())
        .order(tokens::id)
        .load(connection)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// An account's tokens that are not revoked and expire after `now` and not after `until`, the first to expire first.
pub fn list_expiring(
    connection: &mut DbConnection,
    account: AccountId,
    (now, until): (PrimitiveDateTime, PrimitiveDateTime),
    limit: i64,
) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<TokenRow> = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(live!())
        .filter(tokens::expires_at.gt(now))
        .filter(tokens::expires_at.le(until))
        .select(TokenRow::as_select())
        .order((tokens::expires_at, tokens::id))
        .limit(limit)
        .load(connection)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// How many of an account's tokens each filter shows that contain `search`.
pub fn count(
    connection: &mut DbConnection,
    account: AccountId,
    search: &str,
    now: PrimitiveDateTime,
) -> Result<Counts, StoreError> {
    if search.is_empty() {
        count_all(connection, account, now)
    } else {
        count_found(connection, account, search, now)
    }
}

/// Every filter is counted on an index of its own, because a walk over all rows of a large account costs more than the
/// rest of its page. Those that work are those that are neither paused nor expired.
fn count_all(connection: &mut DbConnection, account: AccountId, now: PrimitiveDateTime) -> Result<Counts, StoreError> {
    macro_rules! many {
        ($filter:expr) => {
            tokens::table
                .filter(tokens::account_id.eq(account.0))
                .filter($filter)
                .count()
                .single_value()
        };
    }
    type Count = Option<i64>;
    let row: (Count, Count, Count, Count, Count, Count) = diesel::select((
        many!(live!()),
        many!(expiring!(now)),
        many!(never_used!(now)),
        many!(expired!(now)),
        many!(paused!()),
        many!(revoked!(now)),
    ))
    .get_result(connection)?;
    let [all, expiring, never_used, expired, paused, revoked] =
        [row.0, row.1, row.2, row.3, row.4, row.5].map(Option::unwrap_or_default);
    Ok(Counts {
        all,
        active: all - expired - paused,
        expiring,
        never_used,
        expired,
        paused,
        revoked,
    })
}

fn count_found(
    connection: &mut DbConnection,
    account: AccountId,
    search: &str,
    now: PrimitiveDateTime,
) -> Result<Counts, StoreError> {
    let (all, active, expiring, never_used, expired, paused, revoked) = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(matches_search!(search))
        .select((
            dsl::count(case_when(live!(), tokens::id)),
            dsl::count(case_when(active!(now), tokens::id)),
            dsl::count(case_when(expiring!(now), tokens::id)),
            dsl::count(case_when(never_used!(now), tokens::id)),
            dsl::count(case_when(expired!(now), tokens::id)),
            dsl::count(case_when(paused!(), tokens::id)),
            dsl::count(case_when(revoked!(now), tokens::id)),
        ))
        .get_result(connection)?;
    Ok(Counts {
        all,
        active,
        expiring,
        never_used,
        expired,
        paused,
        revoked,
    })
}
