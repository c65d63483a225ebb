//! Writing what tokens were used for to PostgreSQL, all rows of a table in one statement: its cost is the message and not
//! the row.

use std::collections::{HashMap, HashSet};

use diesel::{
    PgConnection, QueryResult,
    pg::Pg,
    prelude::*,
    query_builder::{BoxedSqlQuery, SqlQuery},
    sql_types::{Array, BigInt, Nullable, Text, Timestamp},
};
use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::TokenId,
        token::LastUse,
        usage::{MAX_VARIETY, TokenUse, UsageCell},
    },
    store::{StoreError, schema::tokens},
};

/// See [`super::write`].
pub(super) fn write(connection: &mut PgConnection, uses: &[TokenUse]) -> Result<(), StoreError> {
    let known = hold(connection, uses)?;
    let uses: Vec<&TokenUse> = uses.iter().filter(|used| known.contains(&used.token.0)).collect();
    note_seen(connection, &uses)?;
    let cells: Vec<(TokenId, &UsageCell)> = uses
        .iter()
        .flat_map(|used| used.cells.iter().map(|cell| (used.token, cell)))
        .collect();
    let added = Cells::of(cells.iter().copied()).add(connection)?;
    let new: Vec<(TokenId, &UsageCell)> = cells
        .into_iter()
        .enumerate()
        .filter_map(|(place, cell)| (!added.contains(&place)).then_some(cell))
        .collect();
    if !new.is_empty() {
        let new = within_variety(&rows_of(connection, &new)?, &new);
        Cells::of(new.iter().map(|(token, cell)| (*token, cell))).insert(connection)?;
    }
    Ok(add_days(connection, &uses)?)
}

/// Keeps other writers of these tokens waiting until the end of this transaction, all in the same order; the ids of those
/// that are there.
fn hold(connection: &mut PgConnection, uses: &[TokenUse]) -> QueryResult<HashSet<i64>> {
    let ids: Vec<i64> = uses.iter().map(|used| used.token.0).collect();
    let held: Vec<i64> = tokens::table
        .filter(tokens::id.eq_any(ids))
        .order(tokens::id)
        .for_no_key_update()
        .select(tokens::id)
        .load(connection)?;
    Ok(held.into_iter().collect())
}

/// A statement over columns of values. diesel builds no `unnest`; that it is prepared anew each time costs nothing beside
/// hundreds of rows.
fn statement(text: &str) -> SqlQuery {
    #[expect(clippy::disallowed_methods, reason = "one statement is for hundreds of rows")]
    diesel::sql_query(text)
}

/// Notes the last uses on the tokens; later ones that are already noted stay.
fn note_seen(connection: &mut PgConnection, uses: &[&TokenUse]) -> QueryResult<()> {
    let noted: Vec<&&TokenUse> = uses.iter().filter(|used| used.seen().next().is_some()).collect();
    let column = |of: fn(&TokenUse) -> Option<LastUse>| {
        let last = noted.iter().map(|used| of(used));
        let last: (Vec<_>, Vec<_>) = last
            .map(|last| (last.map(|last| last.at), last.map(|last| last.from.to_string())))
            .unzip();
        last
    };
    let (current_at, current_from) = column(|used| used.current);
    let (previous_at, previous_from) = column(|used| used.previous.as_deref().copied());
    // A use from before a rotation that is noted after it belongs to the outgoing secret.
    statement(
        "UPDATE tokens AS kept SET \
         last_used_at = CASE WHEN later THEN at ELSE last_used_at END, \
         last_used_from = CASE WHEN later THEN used_from ELSE last_used_from END, \
         secret_used_at = CASE WHEN current_later THEN current_at ELSE secret_used_at END, \
         secret_used_from = CASE WHEN current_later THEN current_from ELSE secret_used_from END, \
         previous_used_at = CASE WHEN previous_later THEN outgoing_at ELSE previous_used_at END, \
         previous_used_from = CASE WHEN previous_later THEN outgoing_from ELSE previous_used_from END \
         FROM (SELECT given.*, \
             COALESCE(at > last_used_at, TRUE) AS later, \
             COALESCE(current_at > secret_used_at, current_at IS NOT NULL) AND current_at >= secret_issued_at \
                 AS current_later, \
             COALESCE(outgoing_at > previous_used_at, outgoing_at IS NOT NULL) AS previous_later \
             FROM (SELECT given.*, GREATEST(current_at, previous_at) AS at, \
                 CASE WHEN previous_at IS NULL OR current_at >= previous_at THEN current_from ELSE previous_from END \
                     AS used_from, \
                 CASE WHEN is_outgoing THEN GREATEST(current_at, previous_at) ELSE previous_at END AS outgoing_at, \
                 CASE WHEN is_outgoing AND (previous_at IS NULL OR current_at >= previous_at) THEN current_from \
                     ELSE previous_from END AS outgoing_from \
                 FROM (SELECT given.*, COALESCE(current_at < secret_issued_at AND previous_digest IS NOT NULL, FALSE) \
                         AS is_outgoing \
                     FROM unnest($1, $2, $3, $4, $5) \
                         AS given (id, current_at, current_from, previous_at, previous_from) \
                     JOIN tokens USING (id)) AS given) AS given \
             JOIN tokens USING (id)) AS given \
         WHERE kept.id = given.id",
    )
    .bind::<Array<BigInt>, _>(noted.iter().map(|used| used.token.0).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamp>>, _>(current_at)
    .bind::<Array<Nullable<Text>>, _>(current_from)
    .bind::<Array<Nullable<Timestamp>>, _>(previous_at)
    .bind::<Array<Nullable<Text>>, _>(previous_from)
    .execute(connection)?;
    Ok(())
}

/// Rows of `usage_hours`, column by column.
#[derive(Default)]
struct Cells<'a> {
    tokens: Vec<i64>,
    hours: Vec<PrimitiveDateTime>,
    routes: Vec<&'a str>,
    scopes: Vec<&'a str>,
    sites: Vec<&'a str>,
    addresses: Vec<String>,
    outcomes: Vec<&'a str>,
    calls: Vec<i64>,
    lasts: Vec<PrimitiveDateTime>,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    place: i64,
}

impl<'a> Cells<'a> {
    fn of(cells: impl Iterator<Item = (TokenId, &'a UsageCell)>) -> Self {
        let mut columns = Self::default();
        for (token, cell) in cells {
            columns.tokens.push(token.0);
            columns.hours.push(cell.hour);
            columns.routes.push(&cell.route);
            columns.scopes.push(&cell.scope);
            columns.sites.push(&cell.site);
            columns.addresses.push(cell.address_text());
            columns.outcomes.push(cell.outcome);
            columns.calls.push(cell.calls);
            columns.lasts.push(cell.last_at);
        }
        columns
    }

    /// Adds to the rows that are there; the places of those.
    fn add(self, connection: &mut PgConnection) -> QueryResult<HashSet<usize>> {
        let places: Vec<Place> = self
            .bound(
                "UPDATE usage_hours AS kept \
                 SET calls = kept.calls + given.calls, last_at = GREATEST(kept.last_at, given.last_at) \
                 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY \
                     AS given (token_id, hour, route, scope, site, address, outcome, calls, last_at, place) \
                 WHERE kept.token_id = given.token_id AND kept.hour = given.hour AND kept.route = given.route \
                     AND kept.scope = given.scope AND kept.site = given.site AND kept.address = given.address \
                     AND kept.outcome = given.outcome \
                 RETURNING given.place",
            )
            .load(connection)?;
        let places = places.iter().map(|row| usize::try_from(row.place - 1).unwrap_or(0));
        Ok(places.collect())
    }

    /// Inserts rows, of which those for the others may be there.
    fn insert(self, connection: &mut PgConnection) -> QueryResult<()> {
        self.bound(
            "INSERT INTO usage_hours (token_id, hour, route, scope, site, address, outcome, calls, last_at) \
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (token_id, hour, route, scope, site, address, outcome) DO UPDATE \
             SET calls = usage_hours.calls + excluded.calls, \
                 last_at = GREATEST(usage_hours.last_at, excluded.last_at)",
        )
        .execute(connection)?;
        Ok(())
    }

    fn bound(self, text: &str) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
        statement(text)
            .into_boxed::<Pg>()
            .bind::<Array<BigInt>, _>(self.tokens)
            .bind::<Array<Timestamp>, _>(self.hours)
            .bind::<Array<Text>, _>(self.routes)
            .bind::<Array<Text>, _>(self.scopes)
            .bind::<Array<Text>, _>(self.sites)
            .bind::<Array<Text>, _>(self.addresses)
            .bind::<Array<Text>, _>(self.outcomes)
            .bind::<Array<BigInt>, _>(self.calls)
            .bind::<Array<Timestamp>, _>(self.lasts)
    }
}

type Hour = (TokenId, PrimitiveDateTime);

#[derive(QueryableByName)]
struct HourRows {
    #[diesel(sql_type = BigInt)]
    token_id: i64,
    #[diesel(sql_type = Timestamp)]
    hour: PrimitiveDateTime,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows the tokens of these cells have in their hours.
fn rows_of(connection: &mut PgConnection, cells: &[(TokenId, &UsageCell)]) -> QueryResult<HashMap<Hour, usize>> {
    let hours: HashSet<Hour> = cells.iter().map(|(token, cell)| (*token, cell.hour)).collect();
    let (tokens, hours): (Vec<i64>, Vec<PrimitiveDateTime>) =
        hours.into_iter().map(|(token, hour)| (token.0, hour)).unzip();
    let rows: Vec<HourRows> = statement(
        "SELECT given.token_id, given.hour, \
             (SELECT count(*) FROM usage_hours AS kept \
              WHERE kept.token_id = given.token_id AND kept.hour = given.hour) AS rows \
         FROM unnest($1, $2) AS given (token_id, hour)",
    )
    .bind::<Array<BigInt>, _>(tokens)
    .bind::<Array<Timestamp>, _>(hours)
    .load(connection)?;
    let count = |row: HourRows| {
        (
            (TokenId(row.token_id), row.hour),
            usize::try_from(row.rows).unwrap_or(usize::MAX),
        )
    };
    Ok(rows.into_iter().map(count).collect())
}

/// The rows that are to be inserted: beyond what a token may be counted by in one hour, calls are put together.
fn within_variety(rows: &HashMap<Hour, usize>, cells: &[(TokenId, &UsageCell)]) -> Vec<(TokenId, UsageCell)> {
    let mut rows = rows.clone();
    let mut kept: Vec<(TokenId, UsageCell)> = Vec::new();
    let mut others: Vec<(TokenId, UsageCell)> = Vec::new();
    for (token, cell) in cells {
        let rows = rows.entry((*token, cell.hour)).or_default();
        if *rows < MAX_VARIETY {
            *rows += 1;
            kept.push((*token, (*cell).clone()));
            continue;
        }
        let folded = cell.folded();
        let is_same = |other: &&mut (TokenId, UsageCell)| {
            let (of, other) = &**other;
            of == token
                && (other.hour, &other.route, &other.scope) == (folded.hour, &folded.route, &folded.scope)
                && (&other.site, other.outcome) == (&folded.site, folded.outcome)
        };
        match others.iter_mut().find(is_same) {
            Some((_, other)) => other.add(folded.calls, folded.last_at),
            None => others.push((*token, folded)),
        }
    }
    kept.extend(others);
    kept
}

fn add_days(connection: &mut PgConnection, uses: &[&TokenUse]) -> QueryResult<()> {
    let days: Vec<_> = uses.iter().flat_map(|used| used.days()).collect();
    statement(
        "INSERT INTO usage_days (token_id, day, allowed, refused) SELECT * FROM unnest($1, $2, $3, $4) \
         ON CONFLICT (token_id, day) DO UPDATE \
         SET allowed = usage_days.allowed + excluded.allowed, refused = usage_days.refused + excluded.refused",
    )
    .bind::<Array<BigInt>, _>(days.iter().map(|day| day.token.0).collect::<Vec<_>>())
    .bind::<Array<Timestamp>, _>(days.iter().map(|day| day.day).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(days.iter().map(|day| day.allowed).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(days.iter().map(|day| day.refused).collect::<Vec<_>>())
    .execute(connection)?;
    Ok(())
}
