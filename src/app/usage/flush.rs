//! Putting down what was counted, writing it into the books, and removing what is old there.
//!
//! Putting down is quick and done every few seconds: one short transaction for all tokens. The books are kept in pieces
//! that leave the database to others in between, and while calls come very fast the pieces wait: they are on the disk,
//! and nobody's answer is to wait for a book.

use std::{ops::Range, sync::atomic::Ordering};

use time::{Duration, PrimitiveDateTime};

use super::meter::{MAX_TOKENS, SHARDS, UsageMeter};
use crate::{
    app::{App, AppError},
    domain::usage::TokenUse,
    store::{self, StoreError},
};

/// Rows of the books that one piece is at most: the one writer of SQLite is not to be kept from others for long.
const PIECE: usize = 300;
/// Of so many tokens at once the books do not have to be kept in the same breath.
const RUSH: usize = SHARDS * MAX_TOKENS / 4;
/// Pieces that wait at most, in all some 300 MB. What is counted beyond that is lost, and the log says how much.
const MAX_WAITING: i64 = 25_000;
/// After a piece the database is left to others for so many times what the piece took: each that is committed also costs
/// all who read SQLite what they know of its pages.
const PAUSE: i32 = 9;
/// When so many pieces wait there are no pauses.
const BEHIND: i64 = MAX_WAITING / 4;
/// However long a piece took, nobody gains from a longer pause.
const LONGEST_PAUSE: Duration = Duration::seconds(1);
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

    /// Writes what waits into the books, with pauses.
    pub async fn write_gently(&self, app: &App) -> Result<usize, AppError> {
        self.write_down(app, Pace::Gently).await
    }

    /// Puts down what was counted until now, and has it written into the books.
    ///
    /// It is one transaction, because each that is committed costs all who read SQLite what they know of its pages.
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
        let tokens: usize = taken.iter().map(Vec::len).sum();
        let put = app
            .store
            .write(move |connection| store::usage::put_down(connection, &pieces, MAX_WAITING))
            .await;
        match &put {
            Ok(Some(waiting)) => self.judge(tokens, *waiting),
            Ok(None) => {
                self.judge(tokens, MAX_WAITING);
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

    /// Decides how the books are kept from now on, by how many tokens were used since the last time and how much waits.
    fn judge(&self, tokens: usize, waiting: i64) {
        let is_rush = tokens >= RUSH && waiting < MAX_WAITING / 2;
        self.is_rush.store(is_rush, Ordering::Relaxed);
        self.is_behind.store(waiting >= BEHIND, Ordering::Relaxed);
    }

    /// Writes what waits into the books, piece by piece.
    async fn write_down(&self, app: &App, pace: Pace) -> Result<usize, AppError> {
        let (mut written, mut failed, mut last, started) = (0, None, 0, app.now());
        loop {
            let begun = app.now();
            let is_over = match pace {
                Pace::AtOnce => false,
                Pace::Gently => self.is_rush.load(Ordering::Relaxed),
                Pace::Briefly => begun - started > LAST,
            };
            if is_over {
                break;
            }
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
