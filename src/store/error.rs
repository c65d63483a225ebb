//! What can go wrong between a use case and a database.

use thiserror::Error;

/// A failed store operation.
///
/// "Not found" is not one of them (it is `Ok(None)`), and neither is an outage ever reported as "not found".
#[derive(Debug, Error)]
pub enum StoreError {
    /// No connection could be had: the database is down, refuses us, or all connections stayed busy too long.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database refused or failed a statement.
    #[error("the database failed a statement")]
    Statement(#[source] diesel::result::Error),
    /// A row holds something that is not a value of its column's type.
    #[error("column {column} holds {value:?}, which is not a valid value")]
    Column {
        /// `table.column`.
        column: &'static str,
        /// What stands there; never a secret or a digest.
        value: String,
    },
    /// A migration could not be applied.
    #[error("the database could not be brought to this version's shape: {0}")]
    Migration(String),
    /// Events were to be written before anybody said with which key they are sealed.
    #[error("there is no key to seal events with")]
    Unsealed,
    /// The thread that ran the operation panicked or was stopped.
    #[error("the operation was cut off")]
    CutOff,
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match error {
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Error::BrokenTransactionManager => {
                Self::Unreachable(Box::new(error))
            }
            other => Self::Statement(other),
        }
    }
}

/// `Some(true)` answers for statements that may break a unique rule: the caller names the rule where it can happen.
pub(super) fn is_unique_violation(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// Reads a column through its domain type, naming the column when that fails.
pub(super) fn column<T: std::str::FromStr>(column: &'static str, value: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::Column {
        column,
        value: value.to_owned(),
    })
}
