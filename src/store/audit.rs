//! Rows of `audit_events`: written, read, never changed.
//!
//! Each is sealed into the chain of [`chain`](crate::domain::chain) as it is written.

pub mod chain;
pub mod search;

use std::cell::RefCell;

use diesel::prelude::*;
use time::PrimitiveDateTime;

use self::chain::Chain;
use super::{DbConnection, Store, StoreError, error::column, outbox, schema::audit_events};
use crate::domain::{
    audit::{Action, Change, Event, NewEvent, Party},
    id::{AccountId, EventId},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events)]
struct EventRow {
    id: i64,
    at: PrimitiveDateTime,
    account_id: Option<i64>,
    actor_kind: String,
    actor_id: String,
    actor_name: String,
    action: String,
    target_kind: String,
    target_id: String,
    target_name: String,
    changes: String,
    reason: Option<String>,
    address: Option<String>,
    browser: Option<String>,
    request_id: String,
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let changes: Vec<Change> = serde_json::from_str(&row.changes).map_err(|_| StoreError::Column {
            column: "audit_events.changes",
            value: row.changes.clone(),
        })?;
        Ok(Self {
            id: EventId(row.id),
            event: NewEvent {
                at: row.at,
                account: row.account_id.map(AccountId),
                actor: Party {
                    kind: row.actor_kind,
                    id: row.actor_id,
                    name: row.actor_name,
                },
                action: column("audit_events.action", &row.action)?,
                target: Party {
                    kind: row.target_kind,
                    id: row.target_id,
                    name: row.target_name,
                },
                changes,
                reason: row.reason,
                address: row.address,
                browser: row.browser,
                request_id: row.request_id,
            },
        })
    }
}

thread_local! {
    /// The events of the transaction that runs on this thread.
    static PENDING: RefCell<Vec<NewEvent>> = const { RefCell::new(Vec::new()) };
}

/// Writes an event, in the transaction of the change: if this fails, the change does not happen.
///
/// It is written just before the commit. There writers take their place in the chain of events one after another, and
/// whoever waits for that while holding nothing else to wait for cannot be in a deadlock.
pub fn insert(_: &mut DbConnection, event: &NewEvent) -> Result<(), StoreError> {
    PENDING.with_borrow_mut(|pending| pending.push(event.clone()));
    Ok(())
}

/// Forgets the events of a transaction that is not to be.
pub(super) fn forget_pending() {
    PENDING.with_borrow_mut(Vec::clear);
}

/// Writes the events of the transaction that is about to be committed, and the mail that they cause.
pub(super) fn write_pending(connection: &mut DbConnection, store: &Store) -> Result<(), StoreError> {
    let events = PENDING.take();
    if events.is_empty() {
        return Ok(());
    }
    let keys = store.chain_keys().ok_or(StoreError::Unsealed)?;
    let mut chain = Chain::extend(connection, &keys, events.len())?;
    let mut written = Vec::with_capacity(events.len());
    for event in events {
        written.push((write(connection, &mut chain, &event)?, event));
    }
    chain.close(connection)?;
    match &store.post {
        Some(clock) => outbox::tell(connection, clock, &written),
        None => Ok(()),
    }
}

fn write(connection: &mut DbConnection, chain: &mut Chain<'_>, event: &NewEvent) -> Result<EventId, StoreError> {
    let (id, entry, seal) = chain.seal(event);
    let ([actor_kind, actor_id, actor_name], [target_kind, target_id, target_name]) = (&entry.actor, &entry.target);
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(entry.id),
            audit_events::at.eq(event.at),
            audit_events::account_id.eq(entry.account),
            audit_events::actor_kind.eq(actor_kind),
            audit_events::actor_id.eq(actor_id),
            audit_events::actor_name.eq(actor_name),
            audit_events::action.eq(&entry.action),
            audit_events::target_kind.eq(target_kind),
            audit_events::target_id.eq(target_id),
            audit_events::target_name.eq(target_name),
            audit_events::changes.eq(&entry.changes),
            audit_events::reason.eq(entry.reason.as_deref()),
            audit_events::address.eq(entry.address.as_deref()),
            audit_events::browser.eq(entry.browser.as_deref()),
            audit_events::request_id.eq(&entry.request_id),
            audit_events::key_id.eq(entry.key.as_deref()),
            audit_events::mac.eq(&seal[..]),
        ))
        .execute(connection)?;
    Ok(id)
}

/// Which events of an account.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only these actions; empty for all.
    pub actions: Vec<Action>,
    /// Only events about this kind of target with this public id.
    pub target: Option<(String, String)>,
    /// Only what these kinds of actors did (`account`, `staff`, `token` ...); empty for all.
    pub actor_kinds: Vec<&'static str>,
    /// Only events from this instant on.
    pub since: Option<PrimitiveDateTime>,
    /// Only events before this one: the next page.
    pub before: Option<EventId>,
    /// Rows at most.
    pub limit: i64,
}

/// Events of an account, latest first.
pub fn list(connection: &mut DbConnection, account: AccountId, query: &Query) -> Result<Vec<Event>, StoreError> {
    let mut select = audit_events::table
        .filter(audit_events::account_id.eq(account.0))
        .select(EventRow::as_select())
        .order(audit_events::id.desc())
        .limit(query.limit)
        .into_boxed();
    if !query.actions.is_empty() {
        let codes: Vec<&'static str> = query.actions.iter().map(|action| action.code()).collect();
        select = select.filter(audit_events::action.eq_any(codes));
    }
    if let Some((kind, id)) = &query.target {
        select = select
            .filter(audit_events::target_kind.eq(kind))
            .filter(audit_events::target_id.eq(id));
    }
    if !query.actor_kinds.is_empty() {
        select = select.filter(audit_events::actor_kind.eq_any(query.actor_kinds.clone()));
    }
    if let Some(since) = query.since {
        select = select.filter(audit_events::at.ge(since));
    }
    if let Some(before) = query.before {
        select = select.filter(audit_events::id.lt(before.0));
    }
    select
        .load::<EventRow>(connection)?
        .into_iter()
        .map(Event::try_from)
        .collect()
}

/// Events of these actions about any of these targets of an account, latest first; `limit` at most.
pub fn list_about(
    connection: &mut DbConnection,
    account: AccountId,
    actions: &[Action],
    (kind, ids): (&str, &[String]),
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let codes: Vec<&'static str> = actions.iter().map(|action| action.code()).collect();
    audit_events::table
        .filter(audit_events::account_id.eq(account.0))
        .filter(audit_events::target_kind.eq(kind))
        .filter(audit_events::target_id.eq_any(ids))
        .filter(audit_events::action.eq_any(codes))
        .select(EventRow::as_select())
        .order(audit_events::id.desc())
        .limit(limit)
        .load::<EventRow>(connection)?
        .into_iter()
        .map(Event::try_from)
        .collect()
}

/// The events with these row numbers, first ones first; those that do not exist are left out.
pub fn list_by_ids(connection: &mut DbConnection, ids: &[i64]) -> Result<Vec<Event>, StoreError> {
    audit_events::table
        .filter(audit_events::id.eq_any(ids))
        .select(EventRow::as_select())
        .order(audit_events::id)
        .load::<EventRow>(connection)?
        .into_iter()
        .map(Event::try_from)
        .collect()
}

/// When `action` was last done to each of these targets of an account; those to which it never was are left out.
pub fn list_latest(
    connection: &mut DbConnection,
    account: AccountId,
    action: Action,
    (kind, ids): (&str, &[String]),
) -> Result<Vec<(String, PrimitiveDateTime)>, StoreError> {
    let rows: Vec<(String, Option<PrimitiveDateTime>)> = audit_events::table
        .filter(audit_events::account_id.eq(account.0))
        .filter(audit_events::target_kind.eq(kind))
        .filter(audit_events::target_id.eq_any(ids))
        .filter(audit_events::action.eq(action.code()))
        .group_by(audit_events::target_id)
        .select((audit_events::target_id, diesel::dsl::max(audit_events::at)))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}
