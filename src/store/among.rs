//! "The id is one of these" as a condition whose statement is kept.
//!
//! diesel prepares a statement with `eq_any` anew each time on SQLite, because its text changes with the number of values.
//! A page has at most [`KEPT`] rows, so there are only so many texts.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType},
};

/// Statements with more values are not kept.
const KEPT: usize = 25;

/// Whether `column` is one of `ids`. It goes with a table that has that column.
pub(super) struct Among<'a> {
    column: &'static str,
    ids: &'a [i64],
}

/// The condition that `column`, written as `table.column`, is one of `ids`.
pub(super) fn among<'a>(column: &'static str, ids: &'a [i64]) -> Among<'a> {
    Among { column, ids }
}

impl<DB: Backend + HasSqlType<BigInt>> QueryFragment<DB> for Among<'_>
where
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.ids.is_empty() {
            out.push_sql("1 = 0");
            return Ok(());
        }
        if self.ids.len() > KEPT {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(self.column);
        out.push_sql(" IN (");
        for (position, id) in self.ids.iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<BigInt, _>(id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl Expression for Among<'_> {
    type SqlType = Bool;
}

impl<Table> AppearsOnTable<Table> for Among<'_> {}
impl<Table> SelectableExpression<Table> for Among<'_> {}

impl ValidGrouping<()> for Among<'_> {
    type IsAggregate = is_aggregate::No;
}

/// Kept by its text, which has as many marks as there are values.
impl QueryId for Among<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
