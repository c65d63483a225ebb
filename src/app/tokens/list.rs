//! Reading the tokens of an account, a page at a time.

use std::collections::HashMap;

use time::{Duration, PrimitiveDateTime};

use super::why::{self, Why};
use crate::{
    app::{App, AppError, Caller, policy_for, reuse},
    domain::{
        account::Account,
        id::{AccountId, TokenId},
        permission::Act,
        reuse::Reuse,
        secret::PublicId,
        token::Token,
        usage::{UsageDay, day_of},
    },
    store::{
        self, DbConnection,
        tokens::{Counts, Filter, Order, Place, Query, Sort},
    },
};

/// Tokens on a page.
pub const PAGE: i64 = 25;
/// Days of usage that a list shows.
pub const USAGE_DAYS: usize = 14;
/// As many tokens as an account could ever have live: a bound for reading all of them.
const MOST: i64 = 100_000;

/// Which tokens, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which.
    pub filter: Filter,
    /// Text that the name, the description or the public id contains; empty for any.
    pub search: String,
    /// By what they are sorted.
    pub sort: Sort,
    /// In which direction.
    pub order: Order,
}

impl Selection {
    fn query(&self, offset: i64, limit: i64) -> Query {
        Query {
            filter: self.filter,
            search: self.search.clone(),
            sort: self.sort,
            order: self.order,
            offset,
            limit,
        }
    }
}

/// A page of an account's tokens, and what stands around it.
#[derive(Debug)]
pub struct Listing {
    /// When it was read.
    pub now: PrimitiveDateTime,
    /// The tokens of the page, each with its calls of the last [`USAGE_DAYS`] days, the oldest day first.
    pub rows: Vec<(Token, [u64; USAGE_DAYS])>,
    /// Why those of them that are paused, over, or to end sooner are so.
    pub why: HashMap<PublicId, Why>,
    /// Those of them whose ended secrets were used, with the calls, the latest first.
    pub reuse: HashMap<TokenId, Vec<Reuse>>,
    /// How many tokens each filter shows that contain what was searched for.
    pub counts: Counts,
    /// The same whatever is searched for.
    pub all: Counts,
    /// Which page it is, from 1.
    pub page: i64,
    /// How many pages there are, at least 1.
    pub pages: i64,
    /// The token that expires next, when any expires soon.
    pub expiring_next: Option<Token>,
    /// As many live tokens the account may have.
    pub limit: u32,
}

/// One page of an account's tokens; a page beyond the last one is the last one.
pub async fn page(
    app: &App,
    caller: &Caller,
    account: &Account,
    selection: Selection,
    page: i64,
) -> Result<Listing, AppError> {
    caller.may(Act::View, Some(account.id))?;
    let (account, now) = (account.clone(), app.now());
    app.store
        .read(move |connection| read_page(connection, &account, &selection, page, now))
        .await
}

fn read_page(
    connection: &mut DbConnection,
    account: &Account,
    selection: &Selection,
    page: i64,
    now: PrimitiveDateTime,
) -> Result<Listing, AppError> {
    let all = store::tokens::count(connection, account.id, "", now)?;
    let counts = match selection.search.as_str() {
        "" => all,
        search => store::tokens::count(connection, account.id, search, now)?,
    };
    let found = counts.of(selection.filter);
    let pages = ((found + PAGE - 1) / PAGE).max(1);
    let page = page.clamp(1, pages);
    let tokens = match found {
        0 => Vec::new(),
        _ => store::tokens::list(connection, account.id, &selection.query((page - 1) * PAGE, PAGE), now)?,
    };
    let expiring_next = match all.expiring {
        0 => None,
        _ => store::tokens::list(connection, account.id, &soonest(), now)?.pop(),
    };
    let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
    let since = day_of(now) - LAST_DAY;
    let why = why::read(connection, account.id, &tokens)?;
    let reuse = reuse::list(connection, &tokens, now)?;
    let mut calls = calls(&store::usage::list_days(connection, &ids, since)?, since);
    Ok(Listing {
        now,
        rows: tokens
            .into_iter()
            .map(|token| {
                let calls = calls.remove(&token.id).unwrap_or_default();
                (token, calls)
            })
            .collect(),
        why,
        reuse,
        counts,
        all,
        page,
        pages,
        expiring_next,
        limit: policy_for(connection, account)?.live_token_limit(),
    })
}

/// From the first day that is shown to the last one, which is today.
const LAST_DAY: Duration = Duration::days(13);

fn soonest() -> Query {
    Query {
        filter: Filter::Expiring,
        sort: Sort::Expiry,
        order: Order::Ascending,
        limit: 1,
        ..Query::default()
    }
}

/// The calls of each token, by day from `since` on.
fn calls(days: &[UsageDay], since: PrimitiveDateTime) -> HashMap<TokenId, [u64; USAGE_DAYS]> {
    let mut calls: HashMap<TokenId, [u64; USAGE_DAYS]> = HashMap::new();
    for day in days {
        let place = usize::try_from((day.day - since).whole_days());
        if let Some(count) = place
            .ok()
            .and_then(|place| calls.entry(day.token).or_default().get_mut(place))
        {
            *count = u64::try_from(day.allowed.saturating_add(day.refused)).unwrap_or(0);
        }
    }
    calls
}

/// The tokens of a selection from `after` on, `limit` at most. Other than [`page`] it passes over none and shows none twice
/// while tokens are added.
pub async fn walk(
    app: &App,
    caller: &Caller,
    account: AccountId,
    selection: Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Token>, AppError> {
    caller.may(Act::View, Some(account))?;
    let (query, now) = (selection.query(0, limit), app.now());
    app.store
        .read(move |connection| Ok(store::tokens::walk(connection, account, &query, after.as_ref(), now)?))
        .await
}

/// The public ids of every token of a selection, in its order.
pub async fn ids(
    app: &App,
    caller: &Caller,
    account: AccountId,
    selection: Selection,
) -> Result<Vec<PublicId>, AppError> {
    caller.may(Act::View, Some(account))?;
    let now = app.now();
    app.store
        .read(move |connection| {
            let query = selection.query(0, MOST);
            Ok(store::tokens::list_ids(connection, account, &query, now)?)
        })
        .await
}

/// Those of an account's tokens that have one of these ids, in the order of the ids.
pub async fn by_ids(
    app: &App,
    caller: &Caller,
    account: AccountId,
    ids: Vec<PublicId>,
) -> Result<Vec<Token>, AppError> {
    caller.may(Act::View, Some(account))?;
    app.store
        .read(move |connection| {
            let found = store::tokens::list_by_ids(connection, account, &ids)?;
            let mut found: HashMap<PublicId, Token> = found.into_iter().map(|token| (token.public_id, token)).collect();
            Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
        })
        .await
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn days_without_calls_are_zero() {
        let day = |day, allowed| UsageDay {
            token: TokenId(1),
            day,
            allowed,
            refused: 1,
        };
        let since = datetime!(2026-11-10 00:00);
        let counted = calls(
            &[
                day(since, 3),
                day(datetime!(2026-11-23 00:00), 5),
                day(datetime!(2026-11-24 00:00), 9),
            ],
            since,
        );
        let expected = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6];
        assert_eq!(counted[&TokenId(1)], expected);
        assert_eq!(LAST_DAY.whole_days() + 1, i64::try_from(USAGE_DAYS).unwrap());
    }
}
