//! Working at open runs: a batch is one transaction, which moves the run's cursor, changes the tokens and writes their
//! events, or does nothing. Whoever goes on after a crash goes on at the cursor.

use std::{collections::VecDeque, sync::Arc, time::Duration as Wait};

use time::{Duration, PrimitiveDateTime};

use super::{choice::Choice, over};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        tokens::{one::event, pause::pause_in, revoke::revoke_in},
    },
    domain::{
        audit::{Action, Change},
        id::TokenId,
        permission::Actor,
        run::{Limit, Run, RunKind},
        text::Reason,
        token::{Life, PausedBy, Token},
    },
    store::{self, DbConnection, StoreError},
};

/// How long one transaction is to take at most, as long as [`FEWEST`] tokens do not take longer: other writers wait for it.
const TURN: Wait = Wait::from_millis(25);
/// Tokens of one transaction at most, and with which a run begins.
const MOST: usize = 200;
const FIRST: usize = 50;
/// Tokens of one transaction at least, while there are as many.
const FEWEST: usize = 10;
/// Tokens that are known in advance at most: what is decided about them is not to be old when it is done.
const AHEAD: usize = 1_000;
/// Windows without a token of the run that are passed before the cursor is written.
const WINDOWS: usize = 20;
/// Batches that are made before others have their turn at the job.
const BATCHES: usize = 25;
/// A node that has not been heard of for so long has let go of its run. Only who goes on depends on it: the cursor sees
/// to it that nothing is done twice.
const LEASE: Duration = Duration::seconds(5);
/// How often a token is read again that somebody else changes at the same moment.
const TRIES: usize = 3;
/// Other writers get in between two batches.
const PAUSE: Wait = Wait::from_millis(10);

/// How many tokens the next transaction is to change after one of `size` took so long.
fn next_size(size: usize, took: Wait) -> usize {
    if took > TURN {
        (size / 2).max(FEWEST)
    } else if took < TURN / 3 {
        (size * 2).min(MOST)
    } else {
        size
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The cursor is here now.
    At(TokenId),
    /// The run is through.
    Through,
    /// The run is over, or in other hands.
    Lost,
}

/// Works for a while at every run that is open and that nobody else works at; returns how many batches were made. It may
/// run on several nodes at once and be interrupted anywhere.
pub async fn work(app: &App) -> Result<usize, AppError> {
    let now = app.now();
    let waiting = app
        .store
        .read(move |connection| store::runs::list_waiting(connection, now))
        .await?;
    let (mut batches, mut failed) = (0, None);
    for run in waiting {
        let (id, now) = (run.id, app.now());
        let leased = app
            .store
            .write(move |connection| store::runs::lease(connection, id, now, now + LEASE))
            .await?;
        if leased {
            match continue_run(app, run).await {
                Ok(made) => batches += made,
                // It is tried again when its lease is over; the others go on.
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(batches), Err)
}

async fn continue_run(app: &App, run: Run) -> Result<usize, AppError> {
    let caller = starter(app, &run).await?;
    let choice = Arc::new(Choice::new(app, &run.criteria, run.kind, run.up_to).await?);
    let id = run.id;
    let (mut batches, mut at, mut size, run) = (0, run.cursor, FIRST, Arc::new(run));
    let mut ahead = Ahead::none(at);
    while batches < BATCHES {
        let (now, until) = (app.now(), app.now() + LEASE);
        batches += 1;
        if ahead.tokens.is_empty() {
            let choice = Arc::clone(&choice);
            let read = app
                .store
                .read_apart(move |connection| look_ahead(connection, &choice, at, now));
            ahead = read.await?;
        }
        let next = ahead.take(size);
        let (step, took) = batch(app, &run, &caller, (at, next, choice.end()), until).await?;
        size = next_size(size, took);
        match step {
            Step::At(cursor) => at = cursor,
            Step::Through | Step::Lost => return Ok(batches),
        }
        if batches == BATCHES {
            app.store
                .write(move |connection| store::runs::release(connection, id, until))
                .await?;
        } else {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(batches)
}

/// Who started the run, for its reason and from where: that is how the owners of the tokens read it.
async fn starter(app: &App, run: &Run) -> Result<Caller, AppError> {
    let mut caller = match run.by.kind.as_str() {
        "staff" => {
            let members = app.store.read(store::staff::list).await?;
            let member = members.into_iter().find(|member| member.public_id == run.by.id);
            let mut caller = Caller::system();
            let member = member.ok_or(AppError::NotFound)?;
            caller.actor = Actor::Staff {
                id: member.id,
                public_id: member.public_id,
                name: run.by.name.clone(),
                role: member.role,
            };
            caller
        }
        "shell" => Caller::shell(),
        _ => Caller::system(),
    };
    caller.address = run.address.as_deref().and_then(|address| address.parse().ok());
    caller.request_id.clone_from(&run.request_id);
    let reason: Reason = run.reason.parse().map_err(|_| StoreError::Column {
        column: "runs.reason",
        value: run.reason.clone(),
    })?;
    Ok(caller.because(reason))
}

/// What the next batches are about.
struct Ahead {
    tokens: VecDeque<TokenId>,
    /// Everything up to here has been looked at.
    end: TokenId,
}

/// What one batch is about.
struct Next {
    tokens: Vec<TokenId>,
    cursor: TokenId,
}

impl Ahead {
    /// Nothing was found up to `end`.
    fn none(end: TokenId) -> Self {
        let tokens = VecDeque::new();
        Self { tokens, end }
    }

    fn take(&mut self, size: usize) -> Next {
        let tokens: Vec<TokenId> = self.tokens.drain(..size.min(self.tokens.len())).collect();
        let cursor = match tokens.last() {
            Some(last) if !self.tokens.is_empty() => *last,
            _ => self.end,
        };
        Next { tokens, cursor }
    }
}

/// Finds the next tokens, outside of the transaction of their change: most windows may hold none.
fn look_ahead(
    connection: &mut DbConnection,
    choice: &Choice,
    at: TokenId,
    now: PrimitiveDateTime,
) -> Result<Ahead, StoreError> {
    let mut ahead = Ahead::none(at);
    for _ in 0..WINDOWS {
        if ahead.end >= choice.end() || !ahead.tokens.is_empty() {
            break;
        }
        let (found, end) = choice.next(connection, ahead.end, now)?;
        ahead.tokens = found.iter().take(AHEAD).map(|token| token.id).collect();
        ahead.end = match found.get(AHEAD - 1) {
            Some(last) if found.len() > AHEAD => last.id,
            _ => end,
        };
    }
    Ok(ahead)
}

/// Changes the tokens of a batch that begins after `at`, of a run that ends at `end`. Says how long others had to wait
/// for it.
async fn batch(
    app: &App,
    run: &Arc<Run>,
    caller: &Caller,
    (at, next, end): (TokenId, Next, TokenId),
    leased_until: PrimitiveDateTime,
) -> Result<(Step, Wait), AppError> {
    let now = app.now();
    let (run, caller, clock) = (Arc::clone(run), caller.clone(), app.clock.clone());
    app.store
        .write(move |connection| {
            let began = clock.now();
            let took = || (clock.now() - began).unsigned_abs();
            let seen = i64::try_from(next.tokens.len()).expect("a batch is small");
            if !store::runs::advance(connection, run.id, (at, next.cursor), seen, leased_until)? {
                return Ok((Step::Lost, took()));
            }
            let changed = change_all(connection, &run, &caller, &next.tokens, now)?;
            store::runs::add_changed(connection, run.id, changed)?;
            if next.cursor < end {
                return Ok((Step::At(next.cursor), took()));
            }
            if store::runs::finish(connection, run.id, now)? {
                let run = store::runs::find(connection, &run.public_id)?.ok_or(AppError::NotFound)?;
                store::audit::insert(connection, &over(&caller, &run, Action::RunFinished, now))?;
            }
            Ok((Step::Through, took()))
        })
        .await
}

/// Changes the tokens as they are now, in the order of their rows; returns how many. A token that somebody else changes
/// at this moment is read again; one that is already as it should be is passed over.
fn change_all(
    connection: &mut DbConnection,
    run: &Run,
    caller: &Caller,
    ids: &[TokenId],
    now: PrimitiveDateTime,
) -> Result<i64, AppError> {
    let mut changed = 0;
    for owned in store::runs::list_owned(connection, ids)? {
        let mut token = Some(owned.token);
        for _ in 0..TRIES {
            let Some(found) = token.filter(|token| is_left(run.kind, token)) else {
                break;
            };
            match change_one(connection, run.kind, caller, &found, now) {
                Ok(()) => {
                    changed += 1;
                    break;
                }
                Err(AppError::Rule(_)) => {}
                Err(error) => return Err(error),
            }
            let again = store::runs::list_owned(connection, &[found.id])?;
            token = again.into_iter().next().map(|owned| owned.token);
        }
    }
    Ok(changed)
}

/// Whether there is something to change.
fn is_left(kind: RunKind, token: &Token) -> bool {
    match (kind, token.life) {
        (_, Life::Revoked { .. }) => false,
        (RunKind::Revoke, _) | (RunKind::Pause, Life::Live) => true,
        (RunKind::Pause, Life::Paused { by, .. }) => by == PausedBy::Owner,
        (RunKind::Shorten(limit), _) => token.expiry.is_later_than(limit.latest_for(token.created_at)),
    }
}

fn change_one(
    connection: &mut DbConnection,
    kind: RunKind,
    caller: &Caller,
    token: &Token,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    match (kind, token.life) {
        (RunKind::Revoke, _) => revoke_in(connection, caller, token, now),
        (RunKind::Pause, Life::Paused { .. }) => keep_paused(connection, caller, token, now),
        (RunKind::Pause, _) => pause_in(connection, caller, token, now),
        (RunKind::Shorten(limit), _) => shorten(connection, caller, token, limit, now),
    }
}

fn keep_paused(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    if !store::tokens::keep_paused(connection, token.id, now)? {
        return Err(Rule::Paused(None).into());
    }
    let changes = Change::between("paused_by", "its owner", "support")
        .into_iter()
        .collect();
    let event = event(caller, now, Action::TokenPaused, token, changes);
    Ok(store::audit::insert(connection, &event)?)
}

fn shorten(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &Token,
    limit: Limit,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let expiry = limit.latest_for(token.created_at);
    if !store::tokens::extend(connection, token.id, token.revision, expiry)? {
        return Err(Rule::AlreadySo.into());
    }
    let changes = Change::between("expiry", token.expiry, expiry).into_iter().collect();
    let event = event(caller, now, Action::TokenShortened, token, changes);
    Ok(store::audit::insert(connection, &event)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_ends_where_it_was_cut_and_the_last_one_where_was_looked() {
        let mut ahead = Ahead {
            tokens: (1..=5).map(TokenId).collect(),
            end: TokenId(40),
        };
        let cursors: Vec<(usize, i64)> = (0..3)
            .map(|_| ahead.take(2))
            .map(|next| (next.tokens.len(), next.cursor.0))
            .collect();
        assert_eq!(cursors, [(2, 2), (2, 4), (1, 40)]);
        assert_eq!(Ahead::none(TokenId(7)).take(2).cursor, TokenId(7));
    }

    #[test]
    fn a_slow_database_gets_smaller_transactions() {
        let slow = |size| next_size(size, TURN * 2);
        assert_eq!((slow(MOST), slow(FEWEST)), (MOST / 2, FEWEST));
        let quick = |size| next_size(size, TURN / 10);
        assert_eq!((quick(FIRST), quick(MOST)), (FIRST * 2, MOST));
        assert_eq!(next_size(FIRST, TURN), FIRST);
    }
}
