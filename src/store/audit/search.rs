//! Finding events of the whole installation.
//!
//! Every question is put to an index that has its answers in the order of the chain. Where a question needs several (what
//! a staff member did, and what was done to them), each is asked for the latest and the answers are merged.

use std::{collections::BTreeMap, net::IpAddr};

use diesel::prelude::*;
use time::{Duration, PrimitiveDateTime};

use super::EventRow;
use crate::{
    domain::{
        audit::{Action, Event, is_request},
        id::{AccountId, EventId},
    },
    store::{
        DbConnection, StoreError, logins, runs,
        schema::{accounts, audit_events, staff, tokens},
    },
};

/// Events are numbered as they are committed and dated a moment before that. Clocks of nodes that differ by less than
/// this change no answer.
const CLOCKS_DIFFER: Duration = Duration::days(1);

/// One thing that events can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// This event.
    Event(EventId),
    /// Of this account.
    Account(AccountId),
    /// Done by the one of this kind and public id.
    Actor(&'static str, String),
    /// Done by whoever had this name then.
    ActorName(String),
    /// Done by one of this kind.
    ActorKind(&'static str),
    /// Done to the one of this kind and public id.
    Target(&'static str, String),
    /// Done to what had this name then.
    TargetName(String),
    /// From this address.
    Address(String),
    /// In this request.
    Request(String),
    /// This was done.
    Action(Action),
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those with any of these; empty for all.
    pub any_of: Vec<Key>,
    /// Of those only this account's.
    pub account: Option<AccountId>,
    /// Of those only what this one did: [`Key::Actor`] or [`Key::ActorName`].
    pub actor: Option<Key>,
    /// Of those only these actions; empty for all.
    pub actions: Vec<Action>,
    /// Of those only what these kinds of actors did; empty for all.
    pub actor_kinds: Vec<&'static str>,
    /// Of those only the ones from this instant on.
    pub since: Option<PrimitiveDateTime>,
    /// Of those only the ones before this instant.
    pub until: Option<PrimitiveDateTime>,
}

impl Filter {
    /// What to ask an index for, the narrowest first.
    fn keys(&self) -> Vec<Option<Key>> {
        if !self.any_of.is_empty() {
            return self.any_of.iter().cloned().map(Some).collect();
        }
        if let Some(account) = self.account {
            return vec![Some(Key::Account(account))];
        }
        if let Some(actor) = &self.actor {
            return vec![Some(actor.clone())];
        }
        if !self.actions.is_empty() {
            return self.actions.iter().copied().map(Key::Action).map(Some).collect();
        }
        if !self.actor_kinds.is_empty() {
            return self.actor_kinds.iter().copied().map(Key::ActorKind).map(Some).collect();
        }
        vec![None]
    }
}

/// An account as lists of events name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Public id.
    pub id: String,
    /// User name as it now is.
    pub username: String,
    /// Whether it was removed.
    pub removed: bool,
}

/// An event, and the account that it concerns.
#[derive(Clone, Debug)]
pub struct Found {
    /// The event.
    pub event: Event,
    /// Its account, as it now is.
    pub account: Option<Label>,
}

/// At most `limit` events before `before`, latest first.
pub fn search(
    connection: &mut DbConnection,
    filter: &Filter,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let after = filter.since.map(|since| last_before(connection, since)).transpose()?;
    let end = filter.until.map(|until| first_after(connection, until)).transpose()?;
    let ends = [before.map(|before| before.0), end.flatten()];
    let range = (after.flatten(), ends.into_iter().flatten().min());
    let mut found = BTreeMap::new();
    for key in filter.keys() {
        for row in list(connection, filter, key.as_ref(), range, limit)? {
            found.insert(row.id, row);
        }
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let events: Result<Vec<Event>, StoreError> = found.into_values().rev().take(limit).map(Event::try_from).collect();
    with_labels(connection, events?)
}

/// The last event that was surely written before `since`.
fn last_before(connection: &mut DbConnection, since: PrimitiveDateTime) -> Result<Option<i64>, StoreError> {
    Ok(audit_events::table
        .filter(audit_events::at.lt(since - CLOCKS_DIFFER))
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .select(audit_events::id)
        .first(connection)
        .optional()?)
}

/// The first event that was surely written after `until`.
fn first_after(connection: &mut DbConnection, until: PrimitiveDateTime) -> Result<Option<i64>, StoreError> {
    Ok(audit_events::table
        .filter(audit_events::at.ge(until + CLOCKS_DIFFER))
        .order((audit_events::at, audit_events::id))
        .select(audit_events::id)
        .first(connection)
        .optional()?)
}

fn list(
    connection: &mut DbConnection,
    filter: &Filter,
    key: Option<&Key>,
    (after, before): (Option<i64>, Option<i64>),
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let mut select = audit_events::table
        .select(EventRow::as_select())
        .order(audit_events::id.desc())
        .limit(limit)
        .into_boxed();
    let account = filter.account.map(Key::Account);
    for key in [key, account.as_ref(), filter.actor.as_ref()].into_iter().flatten() {
        select = match key.clone() {
            Key::Event(id) => select.filter(audit_events::id.eq(id.0)),
            Key::Account(id) => select.filter(audit_events::account_id.eq(id.0)),
            Key::Actor(kind, id) => select
                .filter(audit_events::actor_kind.eq(kind))
                .filter(audit_events::actor_id.eq(id)),
            Key::ActorName(name) => select.filter(audit_events::actor_name.eq(name)),
            Key::ActorKind(kind) => select.filter(audit_events::actor_kind.eq(kind)),
            Key::Target(kind, id) => select
                .filter(audit_events::target_kind.eq(kind))
                .filter(audit_events::target_id.eq(id)),
            Key::TargetName(name) => select.filter(audit_events::target_name.eq(name)),
            Key::Address(address) => select.filter(audit_events::address.eq(address)),
            Key::Request(id) => select.filter(audit_events::request_id.eq(id)),
            Key::Action(action) => select.filter(audit_events::action.eq(action.code())),
        };
    }
    if !filter.actions.is_empty() && !matches!(key, Some(Key::Action(_))) {
        let codes: Vec<&'static str> = filter.actions.iter().map(|action| action.code()).collect();
        select = select.filter(audit_events::action.eq_any(codes));
    }
    if !filter.actor_kinds.is_empty() && !matches!(key, Some(Key::ActorKind(_))) {
        select = select.filter(audit_events::actor_kind.eq_any(filter.actor_kinds.clone()));
    }
    if let Some(since) = filter.since {
        select = select.filter(audit_events::at.ge(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(audit_events::at.lt(until));
    }
    if let Some(after) = after {
        select = select.filter(audit_events::id.gt(after));
    }
    if let Some(before) = before {
        select = select.filter(audit_events::id.lt(before));
    }
    Ok(select.load(connection)?)
}

fn with_labels(connection: &mut DbConnection, events: Vec<Event>) -> Result<Vec<Found>, StoreError> {
    let mut ids: Vec<i64> = events.iter().filter_map(|event| Some(event.event.account?.0)).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<(i64, String, String, Option<PrimitiveDateTime>)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((
            accounts::id,
            accounts::public_id,
            accounts::username,
            accounts::removed_at,
        ))
        .load(connection)?;
    let labels: BTreeMap<i64, Label> = rows
        .into_iter()
        .map(|(row, id, username, removed_at)| {
            let removed = removed_at.is_some();
            (row, Label { id, username, removed })
        })
        .collect();
    let found = |event: Event| Found {
        account: event.event.account.and_then(|id| labels.get(&id.0).cloned()),
        event,
    };
    Ok(events.into_iter().map(found).collect())
}

/// What somebody means who looks for `typed`: the number of an event, an address, the public id of a token, a run, an
/// account or a staff member, a user name or an e-mail address; or else the name that somebody or something had, or the
/// id of a request.
pub fn meaning(connection: &mut DbConnection, typed: &str) -> Result<Vec<Key>, StoreError> {
    if let Ok(number) = typed.strip_prefix('#').unwrap_or(typed).parse() {
        return Ok(vec![Key::Event(EventId(number))]);
    }
    if let Ok(address) = typed.parse::<IpAddr>() {
        return Ok(vec![Key::Address(address.to_string())]);
    }
    if let Some(account) = account(connection, typed)? {
        return Ok(vec![Key::Account(account)]);
    }
    let both = |kind, id: String| vec![Key::Actor(kind, id.clone()), Key::Target(kind, id)];
    if let Some(member) = staff_member(connection, typed)? {
        return Ok(both("staff", member));
    }
    let token = tokens::table
        .filter(tokens::public_id.eq(typed))
        .select(tokens::public_id)
        .first(connection)
        .optional()?;
    if let Some(token) = token {
        return Ok(both("token", token));
    }
    if let Some(run) = runs::find(connection, typed)? {
        // The tokens that it changed carry the request that started it.
        return Ok(vec![Key::Target("run", run.public_id), Key::Request(run.request_id)]);
    }
    let mut keys = vec![Key::ActorName(typed.to_owned()), Key::TargetName(typed.to_owned())];
    // Where nothing was asked for by a request stands a word, and there is no common cause.
    if is_request(typed) {
        keys.push(Key::Request(typed.to_owned()));
    }
    Ok(keys)
}

/// The account with that public id, user name or e-mail address, also when it was removed.
pub fn account(connection: &mut DbConnection, typed: &str) -> Result<Option<AccountId>, StoreError> {
    let by_id = accounts::table
        .filter(accounts::public_id.eq(typed))
        .select(accounts::id)
        .first(connection)
        .optional()?;
    if let Some(id) = by_id {
        return Ok(Some(AccountId(id)));
    }
    let Some(login) = logins::find_by_name(connection, typed)? else {
        return Ok(None);
    };
    let of_login = accounts::table
        .filter(accounts::login_id.eq(login.id.0))
        .select(accounts::id)
        .first(connection)
        .optional()?;
    Ok(of_login.map(AccountId))
}

/// Public id of the staff member with that public id, user name or e-mail address, also when deactivated.
pub fn staff_member(connection: &mut DbConnection, typed: &str) -> Result<Option<String>, StoreError> {
    let by_id = staff::table
        .filter(staff::public_id.eq(typed))
        .select(staff::public_id)
        .first(connection)
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    let Some(login) = logins::find_by_name(connection, typed)? else {
        return Ok(None);
    };
    Ok(staff::table
        .filter(staff::login_id.eq(login.id.0))
        .select(staff::public_id)
        .first(connection)
        .optional()?)
}
