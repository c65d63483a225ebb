//! What one token was used for over many hours, put together for its page.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Timestamp},
};
use time::PrimitiveDateTime;

use crate::{
    domain::{decision::Reason, id::TokenId, usage::ALLOWED},
    store::{DbConnection, StoreError, schema::usage_hours},
};

/// Calls with which answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// All.
    #[default]
    All,
    /// Those that were allowed.
    Allowed,
    /// Those that were refused.
    Refused,
    /// Those that were refused first of all for this.
    Because(Reason),
}

/// Which calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// With which answer.
    pub outcome: OutcomeFilter,
    /// Only those of this method and path template.
    pub route: Option<String>,
    /// Only those about this site.
    pub site: Option<String>,
    /// Only those from this address.
    pub address: Option<String>,
}

/// The calls of one token that have everything but the hour in common.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct UsageSum {
    /// See [`UsageKey::route`](crate::domain::usage::UsageKey::route).
    pub route: String,
    /// See [`UsageKey::scope`](crate::domain::usage::UsageKey::scope).
    pub scope: String,
    /// See [`UsageKey::site`](crate::domain::usage::UsageKey::site).
    pub site: String,
    /// See [`UsageKey::address`](crate::domain::usage::UsageKey::address).
    pub address: String,
    /// See [`UsageKey::outcome`](crate::domain::usage::UsageKey::outcome).
    pub outcome: String,
    /// How many.
    pub calls: i64,
    /// The last of them.
    pub last_at: PrimitiveDateTime,
}

/// What one token was used for since `since`, the latest first: `limit` rows from `offset` on.
pub fn sum(
    connection: &mut DbConnection,
    token: TokenId,
    since: PrimitiveDateTime,
    filter: &UsageFilter,
    (offset, limit): (i64, i64),
) -> Result<Vec<UsageSum>, StoreError> {
    // PostgreSQL adds whole numbers up to a numeric, which is more than a count of calls needs.
    let calls = sql::<BigInt>("CAST(SUM(calls) AS BIGINT)");
    let select = usage_hours::table
        .group_by((
            usage_hours::route,
            usage_hours::scope,
            usage_hours::site,
            usage_hours::address,
            usage_hours::outcome,
        ))
        .select((
            usage_hours::route,
            usage_hours::scope,
            usage_hours::site,
            usage_hours::address,
            usage_hours::outcome,
            calls,
            sql::<Timestamp>("MAX(last_at)"),
        ))
        .filter(usage_hours::token_id.eq(token.0))
        .filter(usage_hours::hour.ge(since));
    // The last columns settle ties, so that no row is shown on two pages or on none.
    let order = (
        sql::<Timestamp>("MAX(last_at)").desc(),
        usage_hours::route,
        usage_hours::scope,
        usage_hours::site,
        usage_hours::address,
        usage_hours::outcome,
    );
    let mut select = select.order(order).offset(offset).limit(limit).into_boxed();
    if let Some(route) = &filter.route {
        select = select.filter(usage_hours::route.eq(route));
    }
    if let Some(site) = &filter.site {
        select = select.filter(usage_hours::site.eq(site));
    }
    if let Some(address) = &filter.address {
        select = select.filter(usage_hours::address.eq(address));
    }
    Ok(match filter.outcome {
        OutcomeFilter::All => select,
        OutcomeFilter::Allowed => select.filter(usage_hours::outcome.eq(ALLOWED)),
        OutcomeFilter::Refused => select.filter(usage_hours::outcome.ne(ALLOWED)),
        OutcomeFilter::Because(reason) => select.filter(usage_hours::outcome.eq(reason.code())),
    }
    .load(connection)?)
}

/// What there is to choose from in the calls of one token, each list in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageChoices {
    /// Methods and path templates.
    pub routes: Vec<String>,
    /// Sites.
    pub sites: Vec<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// Outcomes.
    pub outcomes: Vec<String>,
}

/// What there is to choose from in the calls of one token since `since`, at most `most` of each kind.
pub fn list_choices(
    connection: &mut DbConnection,
    token: TokenId,
    since: PrimitiveDateTime,
    most: i64,
) -> Result<UsageChoices, StoreError> {
    macro_rules! list {
        ($column:ident) => {
            usage_hours::table
                .filter(usage_hours::token_id.eq(token.0))
                .filter(usage_hours::hour.ge(since))
                .select(usage_hours::$column)
                .distinct()
                .order(usage_hours::$column)
                .limit(most)
                .load(connection)?
        };
    }
    Ok(UsageChoices {
        routes: list!(route),
        sites: list!(site),
        addresses: list!(address),
        outcomes: list!(outcome),
    })
}
