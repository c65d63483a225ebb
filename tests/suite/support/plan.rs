//! How a database goes about a query, to see that an index answers it.

use std::cell::RefCell;

use diesel::{
    Connection, QueryableByName, RunQueryDsl,
    connection::{Instrumentation, InstrumentationEvent, SimpleConnection},
    sql_query,
    sql_types::Text,
};
use latchkey::store::DbConnection;

thread_local! {
    static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Recording;

impl Instrumentation for Recording {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            // Behind it stand the values.
            let (statement, _) = text.split_once(" -- binds").unwrap_or((&text, ""));
            ASKED.with_borrow_mut(|asked| asked.push(statement.to_owned()));
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PlanLine {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

/// Runs `work` and returns each of its queries with how the database goes about it, one step a line, whatever the values
/// and however few rows there are.
pub(crate) fn plans(connection: &mut DbConnection, work: impl FnOnce(&mut DbConnection)) -> Vec<(String, String)> {
    connection.set_instrumentation(Recording);
    ASKED.take();
    work(connection);
    let asked: Vec<String> = ASKED.take();
    let selects = asked.into_iter().filter(|statement| statement.starts_with("SELECT"));
    selects
        .map(|statement| {
            let plan = explain(connection, &statement);
            (statement, plan)
        })
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "diesel builds no EXPLAIN; the statement is one that diesel itself has built"
)]
fn explain(connection: &mut DbConnection, statement: &str) -> String {
    let steps: Vec<String> = match connection {
        DbConnection::Sqlite(sqlite) => {
            let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                .load(sqlite)
                .expect("it can be explained");
            steps.into_iter().map(|step| step.detail).collect()
        }
        DbConnection::Postgres(postgres) => {
            let values = (1..=99)
                .take_while(|number| statement.contains(&format!("${number}")))
                .count();
            let values = vec!["NULL"; values].join(", ");
            let values = if values.is_empty() {
                values
            } else {
                format!("({values})")
            };
            postgres
                .batch_execute(&format!(
                    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; \
                     SET plan_cache_mode = force_generic_plan; PREPARE looked_at AS {statement}"
                ))
                .expect("it can be prepared");
            let lines: Vec<PlanLine> = sql_query(format!("EXPLAIN EXECUTE looked_at{values}"))
                .load(postgres)
                .expect("it can be explained");
            postgres
                .batch_execute(
                    "DEALLOCATE looked_at; RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort; \
                     RESET plan_cache_mode",
                )
                .expect("it can be forgotten");
            lines.into_iter().map(|line| line.detail).collect()
        }
    };
    steps.join("\n")
}
