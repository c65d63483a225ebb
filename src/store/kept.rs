//! Queries whose text is written once, for the way that every request waits for.
//!
//! diesel walks the tree of a query twice each time it runs, also when the statement is prepared already: for a query of
//! some twenty columns that costs more than finding the row. A [`Kept`] query is written by the same tree, once, and is
//! walked over in no time.

use std::{marker::PhantomData, sync::OnceLock};

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection, debug_query,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Text},
    sqlite::Sqlite,
};

/// What stands between the values of a query, in order; one more than there are values.
pub(super) type Parts = OnceLock<Vec<String>>;

/// A value of a query.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// A query like `Q`, with other values.
pub(super) struct Kept<'a, Q> {
    parts: &'static [String],
    values: &'a [Value<'a>],
    like: PhantomData<fn() -> Q>,
}

impl<'a, Q: Query + QueryFragment<Sqlite>> Kept<'a, Q> {
    /// The query that `write` makes with any values, with `values` in their place, in the order in which they stand in it.
    ///
    /// `parts` belongs to this query alone. `write` has no constant texts in it that hold a question mark.
    pub(super) fn new(parts: &'static Parts, values: &'a [Value<'a>], write: impl FnOnce() -> Q) -> Self {
        let parts = parts.get_or_init(|| {
            let written = debug_query::<Sqlite, _>(&write()).to_string();
            let text = written.split_once(" -- binds").map_or(&*written, |(text, _)| text);
            text.split('?').map(str::to_owned).collect()
        });
        debug_assert_eq!(parts.len(), values.len() + 1, "each value has its place");
        Self {
            parts,
            values,
            like: PhantomData,
        }
    }
}

impl<Q> QueryFragment<Sqlite> for Kept<'_, Q> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let (last, before) = self.parts.split_last().expect("every query has a text");
        for (part, value) in before.iter().zip(self.values) {
            pass.push_sql(part);
            match value {
                Value::Text(text) => pass.push_bind_param::<Text, str>(text)?,
                Value::Number(number) => pass.push_bind_param::<BigInt, i64>(number)?,
            }
        }
        pass.push_sql(last);
        Ok(())
    }
}

impl<Q: QueryId> QueryId for Kept<'_, Q> {
    type QueryId = Kept<'static, Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Kept<'_, Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<SqliteConnection> for Kept<'_, Q> {}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;
    use crate::store::schema::plans;

    #[test]
    fn the_text_is_that_of_the_tree_with_the_values_in_their_places() {
        static PARTS: Parts = Parts::new();
        let write = || {
            plans::table
                .filter(plans::name.eq("").and(plans::id.eq(0)))
                .select(plans::id)
        };
        let kept = Kept::new(&PARTS, &[Value::Text("Starter"), Value::Number(7)], write);
        let text = debug_query::<Sqlite, _>(&kept).to_string();
        let tree = debug_query::<Sqlite, _>(&write()).to_string();
        let (own, values) = text.split_once(" -- binds").unwrap();
        assert_eq!(Some(own), tree.split(" -- binds").next());
        assert_eq!(values, r#": ["Starter", 7]"#);
    }
}
