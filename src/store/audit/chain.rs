//! The chain of events in the database: its head, which each writer moves on, and its rows as they stand.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Nullable, Text},
};

use crate::{
    domain::{
        audit::NewEvent,
        chain::{ChainKeys, Entry, Head, Stored},
        id::EventId,
    },
    store::{
        DbConnection, StoreError, instant,
        schema::{audit_events, audit_head},
    },
};

/// The end of the chain while a transaction adds to it.
pub(super) struct Chain<'a> {
    keys: &'a ChainKeys,
    next: i64,
    last: Option<Vec<u8>>,
}

impl<'a> Chain<'a> {
    /// Takes the next `count` places.
    ///
    /// The update locks the head's row until the transaction ends: on PostgreSQL other writers wait for it here.
    pub(super) fn extend(connection: &mut DbConnection, keys: &'a ChainKeys, count: usize) -> Result<Self, StoreError> {
        let count = i64::try_from(count).expect("a transaction has fewer events than 64 bits can count");
        diesel::update(audit_head::table)
            .set(audit_head::seq.eq(audit_head::seq + count))
            .execute(connection)?;
        // Where somebody removed the head there is no row, and nothing is written.
        let (seq, last): (i64, _) = audit_head::table
            .select((audit_head::seq, audit_head::mac))
            .get_result(connection)?;
        let next = seq - count + 1;
        Ok(Self { keys, next, last })
    }

    /// The row of an event at the next place, and its seal.
    pub(super) fn seal(&mut self, event: &NewEvent) -> (EventId, Entry, Vec<u8>) {
        let id = EventId(self.next);
        let (key_id, key) = self.keys.current();
        let entry = Entry::new(id, event, key_id);
        let seal = entry.seal(key, self.last.as_deref()).to_vec();
        self.next += 1;
        self.last = Some(seal.clone());
        (id, entry, seal)
    }

    /// Writes the seal of the last event into the head.
    pub(super) fn close(self, connection: &mut DbConnection) -> Result<(), StoreError> {
        diesel::update(audit_head::table)
            .set(audit_head::mac.eq(self.last))
            .execute(connection)?;
        Ok(())
    }
}

/// The head; none where somebody removed it.
pub fn head(connection: &mut DbConnection) -> Result<Option<Head>, StoreError> {
    let row = audit_head::table
        .select((audit_head::seq, audit_head::mac))
        .get_result(connection)
        .optional()?;
    Ok(row.map(|(seq, mac)| Head { seq, mac }))
}

/// When something happened, as text: somebody may have put there what is no time.
const AT: &str = "CAST(audit_events.at AS TEXT)";

#[derive(Queryable)]
struct EntryRow {
    id: i64,
    at: Option<String>,
    account: Option<i64>,
    actor: (String, String, String),
    action: String,
    target: (String, String, String),
    changes: String,
    reason: Option<String>,
    address: Option<String>,
    browser: Option<String>,
    request_id: String,
    key: Option<String>,
    mac: Option<Vec<u8>>,
}

impl EntryRow {
    fn into_entry(self) -> Stored {
        let entry = Entry {
            id: self.id,
            at: self.at.and_then(|at| instant::parse(at.as_bytes())),
            account: self.account,
            actor: self.actor.into(),
            action: self.action,
            target: self.target.into(),
            changes: self.changes,
            reason: self.reason,
            address: self.address,
            browser: self.browser,
            request_id: self.request_id,
            key: self.key,
        };
        (entry, self.mac)
    }
}

/// At most `limit` rows after the event `after`, in the order of the chain, each with its seal.
pub fn list_entries(connection: &mut DbConnection, after: i64, limit: i64) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<EntryRow> = audit_events::table
        .filter(audit_events::id.gt(after))
        .order(audit_events::id)
        .limit(limit)
        .select((
            audit_events::id,
            sql::<Nullable<Text>>(AT),
            audit_events::account_id,
            (
                audit_events::actor_kind,
                audit_events::actor_id,
                audit_events::actor_name,
            ),
            audit_events::action,
            (
                audit_events::target_kind,
                audit_events::target_id,
                audit_events::target_name,
            ),
            audit_events::changes,
            audit_events::reason,
            audit_events::address,
            audit_events::browser,
            audit_events::request_id,
            audit_events::key_id,
            audit_events::mac,
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(EntryRow::into_entry).collect())
}
