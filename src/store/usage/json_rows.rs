//! Many rows for one statement of SQLite, to which they are one JSON text.
//!
//! diesel keeps no prepared `UPDATE`, and to prepare one takes SQLite longer than to write the row.

use diesel::query_builder::SqlQuery;
use serde::Serialize;

/// A statement over the rows of a JSON text.
pub(super) fn statement(text: &str) -> SqlQuery {
    #[expect(clippy::disallowed_methods, reason = "one statement is for a hundred rows")]
    diesel::sql_query(text)
}

/// The rows as a text.
pub(super) fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("texts and numbers can be written as JSON")
}
