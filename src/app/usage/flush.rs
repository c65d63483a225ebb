//! Putting down what was counted, writing it into the books, and removing what is old there.
//!
//! Putting down is quick and done every few seconds: one short transaction for all tokens. The books are kept in pieces
//! that leave the database to others in between, and while calls come very fast the pieces wait: they are on the disk,
//! and nobody's answer is to wait for a book.

use std::{
    ops::Range,
    sync::{PoisonError, atomic::Ordering},
};

use time::{Duration, PrimitiveDateTime};

use super::meter::{SHARDS, UsageMeter};
use crate::{
    app::{App, AppError},
    domain::{id::TokenId, usage::TokenUse},
    store::{self, DbConnection, StoreError},
};

/// Rows of the books that one piece is at most: the one writer of SQLite is not to be kept from others for long.
const PIECE: usize = 300;
/// While so many tokens are used in a second, the books do not have to be kept in the same breath.
const RUSH: i64 = 3_000;
/// Pieces that wait at most, in all some 300 MB. What is counted beyond that is lost, and the log says how much.
const MAX_WAITING: i64 = 25_000;
/// After a piece the database is left to others for so many times what the piece took.
const PAUSE: i32 = 9;
/// When so many pieces wait there are no pauses.
const BEHIND: i64 = MAX_WAITING / 4;
/// However long a piece took, nobody gains from a longer pause.
const LONGEST_PAUSE: Duration = Duration::seconds(1);
/// Tokens on which one transaction notes when they were last used.
const NOTED: i64 = 2_000;
/// How long nothing is noted after that while there is more: each commit costs all who read SQLite what they know of its
/// pages.
const BETWEEN_NOTES: std::time::Duration = std::time::Duration::from_secs(1);
/// So long a server that is to end writes at most: what is left is written after the next start.
const LAST: Duration = Duration::seconds(1);

/// How the books are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As fast as can be, for who waits for it.
    AtOnce,
    /// With pauses, for nobody waits for it, unless too much has come together; and not while calls come very fast.
    Gently,
    /// As fast as can be, but not for long.
    Briefly,
}

impl UsageMeter {
    /// Writes into the books what was counted until now; returns how many rows. What could not be written is kept for the
    /// next time.
    pub async fn flush(&self, app: &App) -> Result<usize, AppError> {
        self.put_down(app).await?;
        self.write_down(app, Pace::AtOnce).await
    }

    /// [`UsageMeter::flush`] for a server that is to end and may not take long.
    pub async fn flush_last(&self, app: &App) -> Result<usize, AppError> {
        self.put_down(app).await?;
        self.write_down(app, Pace::Briefly).await
    }

    /// The server is to end: whoever writes gently stops before the next piece. What waits is on the disk.
    pub fn end_soon(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Writes what waits into the books, with pauses.
    pub async fn write_gently(&self, app: &App) -> Result<usize, AppError> {
        self.write_down(app, Pace::Gently).await
    }

    /// Writes what waits into the books, and then, in turns with what has come since, notes on tokens when they were last
    /// used.
    async fn write_down(&self, app: &App, pace: Pace) -> Result<usize, AppError> {
        let started = app.now();
        let (mut written, mut noted) = (self.write_pieces(app, pace, started).await, TokenId(0));
        while !self.is_over(app, pace, started) {
            match self.note_next(app, noted).await? {
                Some(last) => noted = last,
                None => break,
            }
            if pace == Pace::Gently {
                tokio::time::sleep(BETWEEN_NOTES).await;
                let more = self.write_pieces(app, pace, started).await;
                written = written.and_then(|rows| Ok(rows + more?));
            }
        }
        written
    }

    /// Whether no more is to be written at this pace by who began at `started`.
    fn is_over(&self, app: &App, pace: Pace, started: PrimitiveDateTime) -> bool {
        match pace {
            Pace::AtOnce => false,
            Pace::Gently => self.is_rush.load(Ordering::Relaxed) || self.is_ending.load(Ordering::Relaxed),
            Pace::Briefly => app.now() - started > LAST,
        }
    }

    /// Puts down what was counted until now, and has it written into the books.
    pub async fn put_down(&self, app: &App) -> Result<(), AppError> {
        let (mut taken, mut pieces) = (Vec::with_capacity(SHARDS), Vec::new());
        for place in 0..SHARDS {
            let uses = self.take(place);
            for piece in pieces_of(&uses) {
                pieces.push(store::usage::Piece::pack(&uses[piece]));
                // Where this thread shares a core with those who answer, they go first.
                std::thread::yield_now();
            }
            taken.push(uses);
        }
        if pieces.is_empty() {
            self.is_rush.store(false, Ordering::Relaxed);
            return Ok(());
        }
        let tokens = taken.iter().map(Vec::len).sum();
        let put = app
            .store
            .write(move |connection| store::usage::put_down(connection, &pieces, MAX_WAITING))
            .await;
        match &put {
            Ok(Some(waiting)) => self.judge(tokens, *waiting, app.now()),
            Ok(None) => {
                self.judge(tokens, MAX_WAITING, app.now());
                for uses in &taken {
                    self.lose(uses);
                }
            }
            Err(_) => taken.iter().for_each(|uses| self.put_back(uses)),
        }
        self.tell_lost();
        self.waiting.notify_one();
        Ok(put.map(drop)?)
    }

    /// Decides how the books are kept from now on, by how many tokens were used since the last time that was decided, and
    /// by how much waits.
    fn judge(&self, tokens: usize, waiting: i64, now: PrimitiveDateTime) {
        let mut last = self.judged_at.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = last.replace(now).map_or(1, |last| (now - last).whole_seconds());
        let rate = i64::try_from(tokens).unwrap_or(i64::MAX) / passed.max(1);
        let (was_rush, is_soon) = (self.is_rush.load(Ordering::Relaxed), passed < 1);
        // What little came in a moment says nothing of the rate.
        let is_rush = rate >= RUSH || (is_soon && was_rush);
        self.is_rush
            .store(is_rush && waiting < MAX_WAITING / 2, Ordering::Relaxed);
        self.is_behind.store(waiting >= BEHIND, Ordering::Relaxed);
    }

    /// Writes what waits into the books, piece by piece.
    async fn write_pieces(&self, app: &App, pace: Pace, started: PrimitiveDateTime) -> Result<usize, AppError> {
        let (mut written, mut failed, mut last) = (0, None, 0);
        while !self.is_over(app, pace, started) {
            let begun = app.now();
            match self.write_next(app, last).await {
                Ok(None) => break,
                Ok(Some((id, Ok(rows)))) => (last, written) = (id, written + rows),
                Ok(Some((id, Err(error)))) => (last, failed) = (id, Some(error)),
                Err(error) => return Err(error.into()),
            }
            if pace == Pace::Gently && !self.is_behind.load(Ordering::Relaxed) {
                pause(begun, app.now()).await;
            }
        }
        failed.map_or(Ok(written), |error| Err(error.into()))
    }

    /// Writes the first piece behind `last` into the books: its number, and how many rows it was or why it is still
    /// there. Nothing when there is none; an error when the database cannot be reached.
    async fn write_next(&self, app: &App, last: i64) -> Result<Option<(i64, Result<usize, StoreError>)>, StoreError> {
        // Within a process one follows the other, so that none is still on its way when there are no more.
        let _turn = self.writing.lock().await;
        let next = app
            .store
            .read(move |connection| store::usage::next_waiting(connection, last));
        let Some(id) = next.await? else {
            return Ok(None);
        };
        let written = app
            .store
            .write(move |connection| store::usage::write_down(connection, id));
        match written.await {
            Err(error @ StoreError::Unreachable(_)) => Err(error),
            written => Ok(Some((id, written.map(Option::unwrap_or_default)))),
        }
    }

    /// Notes on tokens behind `after` when they were last used; the last of them when there may be more.
    async fn note_next(&self, app: &App, after: TokenId) -> Result<Option<TokenId>, StoreError> {
        let _turn = self.writing.lock().await;
        let note = move |connection: &mut DbConnection| store::usage::note_last_uses(connection, after, NOTED);
        app.store.write(note).await
    }

    fn tell_lost(&self) {
        let calls = self.take_lost();
        if calls > 0 {
            tracing::warn!(
                calls,
                "calls were answered but not counted: tokens are used faster than their use can be written"
            );
        }
    }
}

/// The pieces of what was counted: each of at least one token, and of not many more rows than [`PIECE`].
fn pieces_of(uses: &[TokenUse]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut rows = 0;
    for (place, used) in uses.iter().enumerate() {
        rows += used.rows();
        match pieces.last_mut() {
            Some(piece) if rows <= PIECE => piece.end = place + 1,
            _ => {
                pieces.push(place..place + 1);
                rows = used.rows();
            }
        }
    }
    pieces
}

/// Leaves the database to others for a while after a piece of work.
async fn pause(begun: PrimitiveDateTime, ended: PrimitiveDateTime) {
    let pause = ((ended - begun) * PAUSE).clamp(Duration::ZERO, LONGEST_PAUSE);
    tokio::time::sleep(pause.unsigned_abs()).await;
}

/// Removes what is older than `before`, piece by piece; returns how many rows.
pub async fn sweep(app: &App, before: PrimitiveDateTime) -> Result<usize, AppError> {
    let mut removed = 0;
    loop {
        let begun = app.now();
        let rows = app
            .store
            .write(move |connection| store::usage::sweep(connection, before))
            .await?;
        removed += rows;
        if rows == 0 {
            return Ok(removed);
        }
        pause(begun, app.now()).await;
    }
}
