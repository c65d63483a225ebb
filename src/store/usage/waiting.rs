//! Rows of `usage_waiting`: what was counted, put down in pieces that are written into the books later.
//!
//! A row of a book lies where its token is, so writing many of them takes long. A piece is one row behind the last one,
//! however many tokens it is about.

mod piece;

use diesel::{dsl::min, prelude::*};

pub use piece::Piece;

use super::write;
use crate::{
    domain::usage::TokenUse,
    store::{DbConnection, StoreError, dialect::on_backend, schema::usage_waiting},
};

/// Pieces that are put down before others get their turn.
const BETWEEN_TURNS: usize = 10;

/// Puts pieces down, each of which is written into the books in one transaction, and says how many waited before; nothing
/// where these are `most` or more: then there is no room.
pub fn put_down(connection: &mut DbConnection, pieces: &[Piece], most: i64) -> Result<Option<i64>, StoreError> {
    let waiting = count_waiting(connection)?;
    if waiting >= most {
        return Ok(None);
    }
    for some in pieces.chunks(BETWEEN_TURNS) {
        for piece in some {
            let row = usage_waiting::uses.eq(piece.as_bytes());
            on_backend!(connection, inner => diesel::insert_into(usage_waiting::table).values(row).execute(inner))?;
        }
        // Where this thread shares a core with those who answer, they go first.
        std::thread::yield_now();
    }
    Ok(Some(waiting))
}

/// How many pieces wait.
pub fn count_waiting(connection: &mut DbConnection) -> Result<i64, StoreError> {
    Ok(usage_waiting::table.count().get_result(connection)?)
}

/// The first piece behind the one of this number; nothing when there is none.
pub fn next_waiting(connection: &mut DbConnection, after: i64) -> Result<Option<i64>, StoreError> {
    Ok(usage_waiting::table
        .filter(usage_waiting::id.gt(after))
        .select(min(usage_waiting::id))
        .get_result(connection)?)
}

/// Writes a piece into the books and removes it, both or neither; returns how many rows of the books that is. Nothing when
/// somebody else writes it just now, or has.
pub fn write_down(connection: &mut DbConnection, id: i64) -> Result<Option<usize>, StoreError> {
    let piece = usage_waiting::table.find(id).select(usage_waiting::uses);
    let packed: Option<Vec<u8>> = match connection {
        DbConnection::Sqlite(sqlite) => piece.get_result(sqlite).optional()?,
        DbConnection::Postgres(postgres) => piece.for_update().skip_locked().get_result(postgres).optional()?,
    };
    let Some(packed) = packed else {
        return Ok(None);
    };
    let uses = Piece::from(packed).unpack()?;
    write(connection, &uses)?;
    diesel::delete(usage_waiting::table.find(id)).execute(connection)?;
    Ok(Some(uses.iter().map(TokenUse::rows).sum()))
}
