//! Noting on a token when and from where it was last used.

use diesel::{
    dsl::case_when,
    prelude::*,
    sql_types::{Nullable, Text, Timestamp},
};

use crate::{
    domain::usage::{SecretGeneration, SeenUse},
    store::{DbConnection, StoreError, dialect::on_backend, schema::tokens},
};

/// Notes a use in one statement, unless a later one with the other secret is noted.
macro_rules! note_use {
    ($connection:expr, $seen:expr) => {{
        let (connection, seen, from) = ($connection, $seen, $seen.from.to_string());
        let last = tokens::table
            .filter(tokens::id.eq(seen.token.0))
            .filter(tokens::last_used_at.is_null().or(tokens::last_used_at.lt(seen.at)));
        let token = tokens::table.filter(tokens::id.eq(seen.token.0));
        let is_noted = match seen.generation {
            // A use from before a rotation that is written after it belongs to the outgoing secret.
            SecretGeneration::Current => diesel::update(last)
                .set((
                    tokens::last_used_at.eq(seen.at),
                    tokens::last_used_from.eq(&from),
                    tokens::secret_used_at.eq(case_when(
                        tokens::secret_issued_at.le(seen.at),
                        seen.at.into_sql::<Nullable<Timestamp>>(),
                    )
                    .otherwise(tokens::secret_used_at)),
                    tokens::secret_used_from.eq(case_when(
                        tokens::secret_issued_at.le(seen.at),
                        (&from).into_sql::<Nullable<Text>>(),
                    )
                    .otherwise(tokens::secret_used_from)),
                ))
                .execute(connection)?,
            SecretGeneration::Previous => diesel::update(last)
                .set((
                    tokens::last_used_at.eq(seen.at),
                    tokens::last_used_from.eq(&from),
                    tokens::previous_used_at.eq(seen.at),
                    tokens::previous_used_from.eq(&from),
                ))
                .execute(connection)?,
        };
        if is_noted == 0 {
            match seen.generation {
                SecretGeneration::Current => diesel::update(
                    token
                        .filter(tokens::secret_issued_at.le(seen.at))
                        .filter(tokens::secret_used_at.is_null().or(tokens::secret_used_at.lt(seen.at))),
                )
                .set((tokens::secret_used_at.eq(seen.at), tokens::secret_used_from.eq(&from)))
                .execute(connection)?,
                SecretGeneration::Previous => diesel::update(
                    token.filter(
                        tokens::previous_used_at
                            .is_null()
                            .or(tokens::previous_used_at.lt(seen.at)),
                    ),
                )
                .set((
                    tokens::previous_used_at.eq(seen.at),
                    tokens::previous_used_from.eq(&from),
                ))
                .execute(connection)?,
            };
        }
        Ok(())
    }};
}

/// Notes an allowed call; a later use that is already noted stays.
pub fn record_use(connection: &mut DbConnection, seen: &SeenUse) -> Result<(), StoreError> {
    on_backend!(connection, inner => note_use!(inner, seen))
}
