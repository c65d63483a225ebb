//! Writing what was counted, and removing what is old, in pieces that leave the database to others in between.

use std::{ops::Range, sync::Arc};

use time::{Duration, PrimitiveDateTime};

use super::meter::{SHARDS, UsageMeter};
use crate::{
    app::{App, AppError},
    domain::usage::TokenUse,
    store::{self, StoreError},
};

/// Rows of one transaction at most: the one writer of SQLite is not to be kept from others for long.
const CHUNK: usize = 500;
/// After a piece the database is left to others for so many times what the piece took.
const PAUSE: i32 = 3;
/// However long a piece took, nobody gains from a longer pause.
const LONGEST_PAUSE: Duration = Duration::seconds(1);

/// How the counts are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As fast as can be, for who waits for it.
    AtOnce,
    /// With pauses, for nobody waits for it.
    Gently,
}

impl UsageMeter {
    /// Writes what was counted since the last time; returns how many rows. What could not be written is kept for the
    /// next time.
    pub async fn flush(&self, app: &App) -> Result<usize, AppError> {
        self.write(app, Pace::AtOnce).await
    }

    /// [`UsageMeter::flush`] that takes a part of the time only, however much there is to write.
    pub async fn flush_gently(&self, app: &App) -> Result<usize, AppError> {
        self.write(app, Pace::Gently).await
    }

    /// One shard after the other: what is being written is held beside what comes in.
    async fn write(&self, app: &App, pace: Pace) -> Result<usize, AppError> {
        let (mut written, mut failed) = (0, None);
        for place in 0..SHARDS {
            let uses: Arc<[TokenUse]> = self.take(place).into();
            let mut start = 0;
            while start < uses.len() {
                let range = start..end_of_chunk(&uses, start);
                start = range.end;
                let begun = app.now();
                match write_chunk(app, Arc::clone(&uses), range.clone()).await {
                    Ok(()) => written += uses[range].iter().map(TokenUse::rows).sum::<usize>(),
                    Err(error @ StoreError::Unreachable(_)) => {
                        self.put_back(&uses[range.start..]);
                        self.tell_lost();
                        return Err(error.into());
                    }
                    Err(error) => {
                        self.put_back(&uses[range]);
                        failed = Some(error);
                    }
                }
                if pace == Pace::Gently {
                    pause(begun, app.now()).await;
                }
            }
        }
        self.tell_lost();
        failed.map_or(Ok(written), |error| Err(error.into()))
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

/// Where a piece ends that begins at `start`: at least one token, and not many more rows than [`CHUNK`].
fn end_of_chunk(uses: &[TokenUse], start: usize) -> usize {
    let mut rows = 0;
    let more = uses[start..].iter().take_while(|used| {
        rows += used.rows();
        rows <= CHUNK
    });
    start + more.count().max(1)
}

async fn write_chunk(app: &App, uses: Arc<[TokenUse]>, range: Range<usize>) -> Result<(), StoreError> {
    app.store
        .write(move |connection| store::usage::write(connection, &uses[range]))
        .await
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
