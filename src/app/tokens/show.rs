//! What the pages of one token tell: what it is, what it was used for, and what was done to it.

use time::{Duration, PrimitiveDateTime};

use super::why::{self, Why};
use crate::{
    app::{App, AppError, Caller, reuse},
    domain::{
        account::Account,
        audit::Event,
        id::{AccountId, EventId},
        permission::Act,
        reuse::Reuse,
        scope::ScopeSet,
        secret::PublicId,
        token::Token,
        usage::{UsageDay, day_of},
    },
    store::{
        self,
        usage::{UsageChoices, UsageFilter, UsageSum},
    },
};

/// A token with what its page tells about it.
#[derive(Debug)]
pub struct Details {
    /// The token.
    pub token: Token,
    /// What its account's plan allows, with all that is implied, full access written out.
    pub plan_scopes: ScopeSet,
    /// Its days of the last [`SHOWN_DAYS`] on which it was used, in order.
    pub days: Vec<UsageDay>,
    /// What was done to it lately, latest first.
    pub events: Vec<Event>,
    /// Why it is paused, over, or to end sooner than it was.
    pub why: Why,
    /// Calls with secrets of it that no longer work, the latest first.
    pub reuse: Vec<Reuse>,
}

/// So many events stand on the page of a token; the others on a page of their own.
const RECENT_EVENTS: i64 = 5;

/// A token with its days and its latest events.
pub async fn details(app: &App, caller: &Caller, account: &Account, id: PublicId) -> Result<Details, AppError> {
    caller.may(Act::View, Some(account.id))?;
    let (owner, plan, now) = (account.id, account.plan, app.now());
    let mut details = app
        .store
        .read(move |connection| {
            let token = store::tokens::find(connection, owner, &id)?.ok_or(AppError::NotFound)?;
            let plan = store::plans::find(connection, plan)?;
            let days = store::usage::list_days(connection, &[token.id], first_shown_day(now))?;
            let events = store::audit::list(connection, owner, &about(&token, None, RECENT_EVENTS))?;
            let plan_scopes = plan.map_or_else(ScopeSet::empty, |plan| plan.scopes);
            let mut why = why::read(connection, owner, std::slice::from_ref(&token))?;
            let mut reuse = reuse::list(connection, std::slice::from_ref(&token), now)?;
            Ok::<_, AppError>(Details {
                why: why.remove(&token.public_id).unwrap_or_default(),
                reuse: reuse.remove(&token.id).unwrap_or_default(),
                token,
                plan_scopes,
                days,
                events,
            })
        })
        .await?;
    details.plan_scopes = app.catalogue.closure(&details.plan_scopes);
    Ok(details)
}

/// A token and what it was used for in the last [`SHOWN_DAYS`].
#[derive(Debug)]
pub struct Usage {
    /// The token.
    pub token: Token,
    /// The days on which it was used, in order.
    pub days: Vec<UsageDay>,
    /// One page of what was called, latest first.
    pub rows: Vec<UsageSum>,
    /// Whether there are more rows after these.
    pub more: bool,
    /// What there is to choose from.
    pub choices: UsageChoices,
}

/// Choices of one kind that the page of a token's usage offers at most.
const MOST_CHOICES: i64 = 100;

/// What a token was used for: `limit` rows from `offset` on of what `filter` lets through.
pub async fn usage(
    app: &App,
    caller: &Caller,
    account: AccountId,
    id: PublicId,
    (filter, offset, limit): (UsageFilter, i64, i64),
) -> Result<Usage, AppError> {
    caller.may(Act::View, Some(account))?;
    let since = first_shown_day(app.now());
    app.store
        .read(move |connection| {
            let token = store::tokens::find(connection, account, &id)?.ok_or(AppError::NotFound)?;
            let days = store::usage::list_days(connection, &[token.id], since)?;
            let mut rows = store::usage::sum(connection, token.id, since, &filter, (offset, limit + 1))?;
            let choices = store::usage::list_choices(connection, token.id, since, MOST_CHOICES)?;
            let shown = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = rows.len() > shown;
            rows.truncate(shown);
            Ok(Usage {
                token,
                days,
                rows,
                more,
                choices,
            })
        })
        .await
}

/// A token and what was done to it: `limit` events before `before`, latest first.
pub async fn history(
    app: &App,
    caller: &Caller,
    account: AccountId,
    id: PublicId,
    before: Option<EventId>,
    limit: i64,
) -> Result<(Token, Vec<Event>), AppError> {
    caller.may(Act::View, Some(account))?;
    app.store
        .read(move |connection| {
            let token = store::tokens::find(connection, account, &id)?.ok_or(AppError::NotFound)?;
            let events = store::audit::list(connection, account, &about(&token, before, limit))?;
            Ok((token, events))
        })
        .await
}

fn about(token: &Token, before: Option<EventId>, limit: i64) -> store::audit::Query {
    store::audit::Query {
        target: Some(("token".to_owned(), token.public_id.to_string())),
        before,
        limit,
        ..store::audit::Query::default()
    }
}

/// Usage is shown for so many days, today's included.
pub const SHOWN_DAYS: u16 = 30;

/// The start of the first day that is shown, UTC.
pub fn first_shown_day(now: PrimitiveDateTime) -> PrimitiveDateTime {
    day_of(now) - Duration::days(i64::from(SHOWN_DAYS) - 1)
}
