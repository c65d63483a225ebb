//! Changing many tokens of all accounts at once: what an incident or a new rule asks for.
//!
//! A run is confirmed, stored, and then worked at in small transactions by whichever node is free, until it is through
//! or somebody stops it.

mod choice;
mod preview;
mod work;

use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::{Action, Change, Party, is_request},
        id::{RunId, TokenId, is_public_id},
        permission::{Act, may},
        run::{Criteria, Run, RunKind, RunState},
        text::Reason,
    },
    store::{self, DbConnection},
};

use time::PrimitiveDateTime;

pub use crate::store::runs::Owned;

pub use self::{
    choice::covering,
    preview::{PREVIEWED, Preview, preview},
    work::work,
};

/// A run that somebody wants.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Names this wish, and later the run: the same one never starts a second run.
    pub public_id: String,
    /// What becomes of the tokens.
    pub kind: RunKind,
    /// Which tokens.
    pub criteria: Criteria,
    /// Why. The tokens' owners read it.
    pub reason: Reason,
    /// How many tokens the one who asks has been told of; more are not changed unasked. Absent: any number.
    pub at_most: Option<i64>,
}

/// What became of a wish for a run.
#[derive(Clone, Debug)]
pub enum Started {
    /// It has begun, now or by the same wish before.
    Run(Box<Run>),
    /// Nothing has begun: there are more tokens by now, so many.
    More(i64),
}

/// Starts a run.
///
/// Errors with [`AppError::PasswordNeeded`] when the password is not fresh, and as not found when nothing limits which
/// tokens, or when the public id is not one or is another's.
pub async fn start(app: &App, caller: &Caller, new: NewRun) -> Result<Started, AppError> {
    let at_most = new.at_most;
    let run = prepare(app, caller, new).await?;
    if at_most.is_some_and(|most| run.expected > most) {
        return Ok(Started::More(run.expected));
    }
    let caller = caller.clone();
    app.store
        .write(move |connection| Ok(Started::Run(Box::new(begin_in(connection, &caller, run)?))))
        .await
}

/// Counts the tokens of a run that is to begin: the first half of [`start`], for a transaction that does more. A run that
/// shortens tokens is part of setting the policy.
pub async fn prepare(app: &App, caller: &Caller, new: NewRun) -> Result<Run, AppError> {
    let caller = caller.because(new.reason.clone());
    caller.may(act(new.kind), None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let limited = !new.criteria.is_empty() || matches!(new.kind, RunKind::Shorten(_));
    if !is_public_id(&new.public_id) || !limited {
        return Err(AppError::NotFound);
    }
    app.usage.flush(app).await?;
    // At the command line there is no request: its events are to be found together all the same.
    let request_id = if is_request(&caller.request_id) {
        caller.request_id.clone()
    } else {
        format!("run-{}", new.public_id)
    };
    let mut run = Run {
        id: RunId(0),
        public_id: new.public_id,
        kind: new.kind,
        criteria: new.criteria,
        reason: new.reason.to_string(),
        by: caller.party(),
        address: caller.address.map(|address| address.to_string()),
        request_id,
        created_at: now,
        up_to: app.store.read(store::runs::last_token).await?,
        expected: 0,
        seen: 0,
        changed: 0,
        cursor: TokenId(0),
        state: RunState::Open,
    };
    run.expected = preview::count(app, &run).await?.count;
    Ok(run)
}

/// Stores a run that was prepared, with its event: the second half of [`start`]. Returns it, or the one that the same
/// wish has begun before.
pub fn begin_in(connection: &mut DbConnection, caller: &Caller, run: Run) -> Result<Run, AppError> {
    if store::runs::insert(connection, &run)? {
        let mut changes = run.criteria.changes();
        if let RunKind::Shorten(limit) = run.kind {
            let latest = limit.latest.map(|at| crate::domain::token::Expiry::At(at).to_string());
            changes.extend(latest.map(|latest| Change::new("latest_expiry", latest)));
            changes.extend(limit.total_days.map(|days| Change::new("days_in_total", days)));
        }
        changes.push(Change::new("tokens", run.expected));
        let mut event = caller.event(run.created_at, Action::RunStarted, None, target(&run), changes);
        event.reason = Some(run.reason.clone());
        event.request_id.clone_from(&run.request_id);
        store::audit::insert(connection, &event)?;
    }
    let stored = store::runs::find(connection, &run.public_id)?.ok_or(AppError::NotFound)?;
    let same = stored.by == run.by && stored.kind == run.kind && stored.criteria == run.criteria;
    same.then_some(stored).ok_or(AppError::NotFound)
}

fn act(kind: RunKind) -> Act {
    match kind {
        RunKind::Revoke | RunKind::Pause => Act::StartRuns,
        RunKind::Shorten(_) => Act::SetPolicy,
    }
}

/// How the audit names a run.
fn target(run: &Run) -> Party {
    Party::new("run", &run.public_id, run.kind)
}

/// Errors unless the actor may have to do with runs. Looking at them and stopping them needs no reason.
fn permitted(caller: &Caller) -> Result<(), AppError> {
    Ok(may(&caller.actor, Act::StartRuns, None)?)
}

/// Runs that were started before the run `before`, the latest first, at most `limit`.
pub async fn list(app: &App, caller: &Caller, before: Option<RunId>, limit: i64) -> Result<Vec<Run>, AppError> {
    permitted(caller)?;
    app.store
        .read(move |connection| Ok(store::runs::list(connection, before, limit)?))
        .await
}

/// Finds a run.
pub async fn find(app: &App, caller: &Caller, public_id: String) -> Result<Run, AppError> {
    permitted(caller)?;
    if !is_public_id(&public_id) {
        return Err(AppError::NotFound);
    }
    let found = app
        .store
        .read(move |connection| store::runs::find(connection, &public_id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// Stops a run; what it has changed stays changed. Returns the run as it is then, and whether this stopped it.
pub async fn stop(app: &App, caller: &Caller, public_id: String) -> Result<(Run, bool), AppError> {
    permitted(caller)?;
    if !is_public_id(&public_id) {
        return Err(AppError::NotFound);
    }
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let run = store::runs::find(connection, &public_id)?.ok_or(AppError::NotFound)?;
            let stopped = store::runs::stop(connection, run.id, now)?;
            // Whoever worked at it has let go of the row: its counts are the last ones.
            let run = store::runs::find(connection, &public_id)?.ok_or(AppError::NotFound)?;
            if stopped {
                store::audit::insert(connection, &over(&caller, &run, Action::RunStopped, now))?;
            }
            Ok((run, stopped))
        })
        .await
}

/// The event of the end of a run.
fn over(caller: &Caller, run: &Run, action: Action, now: PrimitiveDateTime) -> crate::domain::audit::NewEvent {
    let changes = vec![Change::new("seen", run.seen), Change::new("changed", run.changed)];
    caller.event(now, action, None, target(run), changes)
}
