//! Rows of `runs`, and the tokens that a run is about.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use serde::{Deserialize, Serialize};
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::is_unique_violation,
    schema::{runs, usage_hours},
};
use crate::domain::{
    address::AddressRange,
    audit::Party,
    id::{RunId, TokenId},
    run::{Criteria, Limit, Run, RunKind, RunState},
};

mod candidates;

pub use candidates::{Candidate, Owned, Window, last_token, list_candidates, list_owned};

/// The column `criteria`.
#[derive(Serialize, Deserialize)]
struct Stored {
    criteria: Criteria,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = runs)]
struct RunRow {
    id: i64,
    public_id: String,
    kind: String,
    criteria: String,
    reason: String,
    actor_kind: String,
    actor_id: String,
    actor_name: String,
    address: Option<String>,
    request_id: String,
    created_at: PrimitiveDateTime,
    up_to: i64,
    expected: i64,
    seen: i64,
    changed: i64,
    last_token: i64,
    stopped_at: Option<PrimitiveDateTime>,
    finished_at: Option<PrimitiveDateTime>,
}

impl TryFrom<RunRow> for Run {
    type Error = StoreError;

    fn try_from(row: RunRow) -> Result<Self, StoreError> {
        let malformed = |column, value: &str| StoreError::Column {
            column,
            value: value.to_owned(),
        };
        let stored: Stored =
            serde_json::from_str(&row.criteria).map_err(|_| malformed("runs.criteria", &row.criteria))?;
        let kind = match (row.kind.as_str(), stored.limit) {
            ("shorten", Some(limit)) => RunKind::Shorten(limit),
            (code, _) => code.parse().map_err(|_| malformed("runs.kind", code))?,
        };
        Ok(Self {
            id: RunId(row.id),
            public_id: row.public_id,
            kind,
            criteria: stored.criteria,
            reason: row.reason,
            by: Party {
                kind: row.actor_kind,
                id: row.actor_id,
                name: row.actor_name,
            },
            address: row.address,
            request_id: row.request_id,
            created_at: row.created_at,
            up_to: TokenId(row.up_to),
            expected: row.expected,
            seen: row.seen,
            changed: row.changed,
            cursor: TokenId(row.last_token),
            state: match (row.finished_at, row.stopped_at) {
                (Some(at), _) => RunState::Finished(at),
                (None, Some(at)) => RunState::Stopped(at),
                (None, None) => RunState::Open,
            },
        })
    }
}

/// Stores a run; its row number is not looked at. False when there is one with its public id.
pub fn insert(connection: &mut DbConnection, run: &Run) -> Result<bool, StoreError> {
    let stored = Stored {
        criteria: run.criteria.clone(),
        limit: match run.kind {
            RunKind::Shorten(limit) => Some(limit),
            RunKind::Revoke | RunKind::Pause => None,
        },
    };
    let values = (
        runs::public_id.eq(&run.public_id),
        runs::kind.eq(run.kind.code()),
        runs::criteria.eq(serde_json::to_string(&stored).expect("criteria are texts and instants")),
        runs::reason.eq(&run.reason),
        runs::actor_kind.eq(&run.by.kind),
        runs::actor_id.eq(&run.by.id),
        runs::actor_name.eq(&run.by.name),
        runs::address.eq(run.address.as_deref()),
        runs::request_id.eq(&run.request_id),
        runs::created_at.eq(run.created_at),
        runs::up_to.eq(run.up_to.0),
        runs::expected.eq(run.expected),
    );
    // A savepoint: PostgreSQL refuses every further statement of a transaction in which one has failed.
    let inserted = connection.transaction(|inner| diesel::insert_into(runs::table).values(values).execute(inner));
    match inserted {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Finds a run by its public id.
pub fn find(connection: &mut DbConnection, public_id: &str) -> Result<Option<Run>, StoreError> {
    let row = runs::table
        .filter(runs::public_id.eq(public_id))
        .select(RunRow::as_select())
        .get_result(connection)
        .optional()?;
    row.map(Run::try_from).transpose()
}

/// Runs that were started before the run `before`, the latest first, at most `limit`.
pub fn list(connection: &mut DbConnection, before: Option<RunId>, limit: i64) -> Result<Vec<Run>, StoreError> {
    let rows: Vec<RunRow> = runs::table
        .filter(runs::id.lt(before.map_or(i64::MAX, |id| id.0)))
        .select(RunRow::as_select())
        .order(runs::id.desc())
        .limit(limit)
        .load(connection)?;
    rows.into_iter().map(Run::try_from).collect()
}

macro_rules! open {
    ($id:expr) => {
        runs::table
            .filter(runs::id.eq($id.0))
            .filter(runs::finished_at.is_null())
            .filter(runs::stopped_at.is_null())
    };
}

/// Runs that are neither through nor stopped and that nobody works at now, the oldest first.
pub fn list_waiting(connection: &mut DbConnection, now: PrimitiveDateTime) -> Result<Vec<Run>, StoreError> {
    let rows: Vec<RunRow> = runs::table
        .filter(runs::finished_at.is_null())
        .filter(runs::stopped_at.is_null())
        .filter(runs::leased_until.is_null().or(runs::leased_until.le(now)))
        .select(RunRow::as_select())
        .order(runs::id)
        .load(connection)?;
    rows.into_iter().map(Run::try_from).collect()
}

/// Takes a run that nobody works at for oneself until `until`; false when somebody else was faster, or it is over.
pub fn lease(
    connection: &mut DbConnection,
    id: RunId,
    now: PrimitiveDateTime,
    until: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(open!(id).filter(runs::leased_until.is_null().or(runs::leased_until.le(now))))
        .set(runs::leased_until.eq(until))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Lets others work at a run that was leased until `until`.
pub fn release(connection: &mut DbConnection, id: RunId, until: PrimitiveDateTime) -> Result<(), StoreError> {
    diesel::update(
        runs::table
            .filter(runs::id.eq(id.0))
            .filter(runs::leased_until.eq(until)),
    )
    .set(runs::leased_until.eq(None::<PrimitiveDateTime>))
    .execute(connection)?;
    Ok(())
}

/// Moves a run's cursor from `from` to `to`, past `seen` more tokens, and holds the run until the transaction ends. False
/// when it is not at `from` any more, or over: then those tokens are somebody else's.
pub fn advance(
    connection: &mut DbConnection,
    id: RunId,
    (from, to): (TokenId, TokenId),
    seen: i64,
    leased_until: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let rows = diesel::update(open!(id).filter(runs::last_token.eq(from.0)))
        .set((
            runs::last_token.eq(to.0),
            runs::seen.eq(runs::seen + seen),
            runs::leased_until.eq(leased_until),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Counts tokens that a run has changed.
pub fn add_changed(connection: &mut DbConnection, id: RunId, changed: i64) -> Result<(), StoreError> {
    diesel::update(runs::table.filter(runs::id.eq(id.0)))
        .set(runs::changed.eq(runs::changed + changed))
        .execute(connection)?;
    Ok(())
}

/// Ends a run that is through; false when it was over already.
pub fn finish(connection: &mut DbConnection, id: RunId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(open!(id))
        .set((
            runs::finished_at.eq(now),
            runs::leased_until.eq(None::<PrimitiveDateTime>),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Stops a run; false when it was over already.
pub fn stop(connection: &mut DbConnection, id: RunId, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(open!(id))
        .set(runs::stopped_at.eq(now))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Rows of usage that are read at once.
const PAGE: i64 = 10_000;

/// The tokens with usage from a range of addresses, in ascending order.
pub fn list_used_from(connection: &mut DbConnection, range: AddressRange) -> Result<Vec<TokenId>, StoreError> {
    let mut ids: Vec<i64> = match range.single() {
        Some(address) => usage_hours::table
            .filter(usage_hours::address.eq(address.to_string()))
            .select(usage_hours::token_id)
            .distinct()
            .load(connection)?,
        None => in_range(connection, range)?,
    };
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into_iter().map(TokenId).collect())
}

/// The part of the index in which the range lies is read page by page, so that memory holds no more than one page and
/// the tokens.
fn in_range(connection: &mut DbConnection, range: AddressRange) -> Result<Vec<i64>, StoreError> {
    let prefix = range.written_prefix();
    // The character after those that addresses are written with.
    let end = format!("{prefix}\u{7f}");
    let (mut ids, mut last) = (Vec::new(), (prefix, i64::MIN));
    loop {
        let after = sql::<Bool>("(usage_hours.address, usage_hours.token_id) > (")
            .bind::<diesel::sql_types::Text, _>(last.0.clone())
            .sql(", ")
            .bind::<diesel::sql_types::BigInt, _>(last.1)
            .sql(")");
        let page: Vec<(String, i64)> = usage_hours::table
            .filter(after)
            .filter(usage_hours::address.lt(&end))
            .select((usage_hours::address, usage_hours::token_id))
            .distinct()
            .order((usage_hours::address, usage_hours::token_id))
            .limit(PAGE)
            .load(connection)?;
        let is_last = i64::try_from(page.len()).unwrap_or(PAGE) < PAGE;
        let inside = |address: &str| address.parse().is_ok_and(|address| range.contains(address));
        ids.extend(page.iter().filter(|(address, _)| inside(address)).map(|(_, id)| id));
        ids.sort_unstable();
        ids.dedup();
        match page.into_iter().next_back() {
            Some(end) if !is_last => last = end,
            _ => return Ok(ids),
        }
    }
}
