//! The way of a mail out of the outbox: leased by one node, and then sent, put off or given up.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::AccountId,
        mail::{Message, NewMail},
    },
    store::{DbConnection, StoreError, schema::outbox},
};

/// A mail in the outbox.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Row number.
    pub id: i64,
    /// Names the mail for ever, in its Message-ID too.
    pub public_id: String,
    /// The account that it is about; none for staff members.
    pub account: Option<AccountId>,
    /// Where it goes.
    pub recipient: String,
    /// What it says.
    pub message: Message,
    /// When it was written.
    pub created_at: PrimitiveDateTime,
    /// When it is tried next.
    pub due_at: PrimitiveDateTime,
    /// Not sent after this.
    pub stale_at: Option<PrimitiveDateTime>,
    /// How often it was tried in vain.
    pub tries: i32,
    /// When it was given up.
    pub given_up_at: Option<PrimitiveDateTime>,
    /// What was wrong the last time.
    pub last_error: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: i64,
    public_id: String,
    account_id: Option<i64>,
    recipient: String,
    message: String,
    created_at: PrimitiveDateTime,
    due_at: PrimitiveDateTime,
    stale_at: Option<PrimitiveDateTime>,
    tries: i32,
    given_up_at: Option<PrimitiveDateTime>,
    last_error: Option<String>,
}

impl TryFrom<Row> for Queued {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let message = serde_json::from_str(&row.message).map_err(|_| StoreError::Column {
            column: "outbox.message",
            value: row.message.clone(),
        })?;
        Ok(Self {
            id: row.id,
            public_id: row.public_id,
            account: row.account_id.map(AccountId),
            recipient: row.recipient,
            message,
            created_at: row.created_at,
            due_at: row.due_at,
            stale_at: row.stale_at,
            tries: row.tries,
            given_up_at: row.given_up_at,
            last_error: row.last_error,
        })
    }
}

/// What became of leased mails.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// They are out.
    Sent,
    /// They are tried again at this instant.
    Later(PrimitiveDateTime, String),
    /// They never are.
    GivenUp(String),
}

/// Mails that wait, and that nobody has leased.
macro_rules! free {
    ($now:expr) => {
        outbox::table
            .filter(outbox::sent_at.is_null())
            .filter(outbox::given_up_at.is_null())
            .filter(outbox::leased_until.is_null().or(outbox::leased_until.le($now)))
    };
}

/// Row numbers of mails that are due, the longest due first, `limit` at most.
pub fn list_due(connection: &mut DbConnection, now: PrimitiveDateTime, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(free!(now)
        .filter(outbox::due_at.le(now))
        .order((outbox::due_at, outbox::id))
        .select(outbox::id)
        .limit(limit)
        .load(connection)?)
}

/// Finds a mail as it is now.
pub fn find(connection: &mut DbConnection, id: i64) -> Result<Option<Queued>, StoreError> {
    let row: Option<Row> = outbox::table
        .find(id)
        .select(Row::as_select())
        .get_result(connection)
        .optional()?;
    row.map(Queued::try_from).transpose()
}

/// Takes a mail for this node until `until`; nothing when another node was faster or it is no longer due.
pub fn lease(
    connection: &mut DbConnection,
    id: i64,
    now: PrimitiveDateTime,
    until: PrimitiveDateTime,
) -> Result<Option<Queued>, StoreError> {
    let due = free!(now).filter(outbox::id.eq(id)).filter(outbox::due_at.le(now));
    let rows = diesel::update(due)
        .set(outbox::leased_until.eq(until))
        .execute(connection)?;
    if rows == 0 {
        return Ok(None);
    }
    let row = outbox::table.find(id).select(Row::as_select()).get_result(connection)?;
    Queued::try_from(row).map(Some)
}

/// The mails to an account that are due and whose once key begins with `prefix`, leased where they are more than
/// `more_than`; else none is.
pub fn lease_alike(
    connection: &mut DbConnection,
    account: AccountId,
    prefix: &str,
    more_than: usize,
    (now, until): (PrimitiveDateTime, PrimitiveDateTime),
) -> Result<Vec<Queued>, StoreError> {
    let ids: Vec<i64> = free!(now)
        .filter(outbox::account_id.eq(account.0))
        .filter(outbox::due_at.le(now))
        .filter(outbox::once_key.like(format!("{prefix}%")))
        .select(outbox::id)
        .order(outbox::id)
        .load(connection)?;
    if ids.len() <= more_than {
        return Ok(Vec::new());
    }
    let mut leased = Vec::new();
    for id in ids {
        leased.extend(lease(connection, id, now, until)?);
    }
    Ok(leased)
}

/// Notes what became of a mail whose lease ends at `lease`; nothing is noted when it has been lost to another node.
pub fn settle(
    connection: &mut DbConnection,
    id: i64,
    lease: PrimitiveDateTime,
    outcome: &Outcome,
    now: PrimitiveDateTime,
) -> Result<(), StoreError> {
    let none = None::<PrimitiveDateTime>;
    let own = outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::leased_until.eq(lease));
    let update = diesel::update(own);
    match outcome {
        Outcome::Sent => update
            .set((outbox::sent_at.eq(now), outbox::leased_until.eq(none)))
            .execute(connection)?,
        Outcome::Later(due, error) => update
            .set((
                outbox::due_at.eq(due),
                outbox::tries.eq(outbox::tries + 1),
                outbox::last_error.eq(error),
                outbox::leased_until.eq(none),
            ))
            .execute(connection)?,
        Outcome::GivenUp(error) => update
            .set((
                outbox::given_up_at.eq(now),
                outbox::tries.eq(outbox::tries + 1),
                outbox::last_error.eq(error),
                outbox::leased_until.eq(none),
            ))
            .execute(connection)?,
    };
    Ok(())
}

/// Mails that are not out, waiting or given up, the latest first, `limit` at most.
pub fn list_open(connection: &mut DbConnection, limit: i64) -> Result<Vec<Queued>, StoreError> {
    let rows: Vec<Row> = outbox::table
        .filter(outbox::sent_at.is_null())
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(Row::as_select())
        .limit(limit)
        .load(connection)?;
    rows.into_iter().map(Queued::try_from).collect()
}

/// Makes every mail that is not out due at `now`, as if it had just been written; returns how many.
pub fn retry_all(connection: &mut DbConnection, now: PrimitiveDateTime) -> Result<usize, StoreError> {
    let open = outbox::table
        .filter(outbox::sent_at.is_null())
        .filter(outbox::leased_until.is_null().or(outbox::leased_until.le(now)))
        .filter(outbox::stale_at.is_null().or(outbox::stale_at.gt(now)));
    Ok(diesel::update(open)
        .set((
            outbox::due_at.eq(now),
            outbox::created_at.eq(now),
            outbox::tries.eq(0),
            outbox::given_up_at.eq(None::<PrimitiveDateTime>),
        ))
        .execute(connection)?)
}

/// Removes mails from before `since` that are out or given up; returns how many.
pub fn sweep(connection: &mut DbConnection, since: PrimitiveDateTime) -> Result<usize, StoreError> {
    let over = outbox::table
        .filter(outbox::created_at.lt(since))
        .filter(outbox::sent_at.is_not_null().or(outbox::given_up_at.is_not_null()));
    Ok(diesel::delete(over).execute(connection)?)
}

/// Of these mails those whose once key is not in the outbox yet.
pub fn untold(connection: &mut DbConnection, mails: Vec<NewMail>) -> Result<Vec<NewMail>, StoreError> {
    let keys: Vec<&str> = mails.iter().filter_map(|mail| mail.once_key.as_deref()).collect();
    let told: Vec<Option<String>> = outbox::table
        .filter(outbox::once_key.eq_any(keys))
        .select(outbox::once_key)
        .load(connection)?;
    let mut mails = mails;
    mails.retain(|mail| mail.once_key.is_none() || !told.contains(&mail.once_key));
    Ok(mails)
}
