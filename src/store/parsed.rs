//! Text columns that are read as the values they stand for, without a copy of the text in between.

use std::str::FromStr;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    pg::Pg,
    sql_types::Text,
    sqlite::Sqlite,
};

use super::StoreError;

/// What a text column holds: a value, or a text that is none. The second is an error of its own row and not of the query,
/// whose other rows may be somebody else's.
#[derive(Clone, Debug, FromSqlRow)]
pub(super) struct Parsed<T>(Result<T, String>);

impl<T: FromStr> Parsed<T> {
    fn of(text: &str) -> Self {
        Self(text.parse().map_err(|_| text.to_owned()))
    }

    /// The value. `column` is named when there is none.
    pub(super) fn value(self, column: &'static str) -> Result<T, StoreError> {
        self.0.map_err(|value| StoreError::Column { column, value })
    }
}

impl<T: FromStr> FromSql<Text, Sqlite> for Parsed<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.read_text()))
    }
}

impl<T: FromStr> FromSql<Text, Pg> for Parsed<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(std::str::from_utf8(value.as_bytes())?))
    }
}
