//! Rows of `account_terms`: what an account is found by.
//!
//! A search is for the beginning of a term, which an index answers. So that `shop.example` finds `my-shop.example` too,
//! every ending that begins with a word is a term of its own.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::list_sites;
use crate::{
    domain::id::AccountId,
    store::{
        DbConnection, StoreError,
        schema::{account_terms, accounts, logins},
    },
};

/// Rows of one statement where the database takes many.
const ROWS: usize = 1_000;

/// Writes an account's terms anew. To be called wherever an account is made or removed, or its user name, e-mail address
/// or sites change, by a caller who holds the account ([`hold_account`](crate::store::tokens::hold_account)) or has just
/// made it. A removed account has no terms.
pub fn refresh(connection: &mut DbConnection, account: AccountId) -> Result<(), StoreError> {
    clear(connection, account)?;
    let names: Option<(String, String)> = accounts::table
        .inner_join(logins::table)
        .filter(accounts::id.eq(account.0))
        .filter(accounts::removed_at.is_null())
        .select((logins::username, logins::email))
        .get_result(connection)
        .optional()?;
    let Some((username, email)) = names else {
        return Ok(());
    };
    let sites = list_sites(connection, account)?;
    let mut terms = BTreeSet::from([username]);
    terms.extend(endings(&email));
    for site in &sites {
        terms.extend(endings(site.as_str()));
    }
    let terms: Vec<String> = terms.into_iter().collect();
    for some in terms.chunks(ROWS) {
        insert(connection, account, some)?;
    }
    Ok(())
}

/// Removes an account's terms: nothing but a token finds it any more.
pub fn clear(connection: &mut DbConnection, account: AccountId) -> Result<(), StoreError> {
    diesel::delete(account_terms::table.filter(account_terms::account_id.eq(account.0))).execute(connection)?;
    Ok(())
}

/// A term that is there already was written at the same time by somebody else.
fn insert(connection: &mut DbConnection, account: AccountId, terms: &[String]) -> Result<(), StoreError> {
    let row = |term| (account_terms::term.eq(term), account_terms::account_id.eq(account.0));
    match connection {
        DbConnection::Postgres(postgres) => {
            let rows: Vec<_> = terms.iter().map(row).collect();
            diesel::insert_into(account_terms::table)
                .values(&rows)
                .on_conflict_do_nothing()
                .execute(postgres)?;
        }
        DbConnection::Sqlite(sqlite) => {
            for term in terms {
                diesel::insert_into(account_terms::table)
                    .values(row(term))
                    .on_conflict_do_nothing()
                    .execute(sqlite)?;
            }
        }
    }
    Ok(())
}

/// Writes the terms of up to `limit` accounts that have none, beginning after `last`. Returns the last account that was
/// looked at; none when there are no more.
pub fn fill(connection: &mut DbConnection, last: AccountId, limit: i64) -> Result<Option<AccountId>, StoreError> {
    let terms = account_terms::table.filter(account_terms::account_id.eq(accounts::id));
    let without: Vec<i64> = accounts::table
        .filter(accounts::id.gt(last.0))
        .filter(accounts::removed_at.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(terms)))
        .select(accounts::id)
        .order(accounts::id)
        .limit(limit)
        .load(connection)?;
    for account in &without {
        refresh(connection, AccountId(*account))?;
    }
    Ok(without.last().copied().map(AccountId))
}

/// The accounts with a term that begins with `beginning` (lower case), those with the first terms first, each once; and
/// whether there are more terms than the `limit` that was looked at.
pub fn search(
    connection: &mut DbConnection,
    beginning: &str,
    limit: usize,
) -> Result<(Vec<AccountId>, bool), StoreError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut found: Vec<i64> = account_terms::table
        .filter(account_terms::term.ge(beginning))
        .filter(account_terms::term.lt(format!("{beginning}{}", char::MAX)))
        .select(account_terms::account_id)
        .order(account_terms::term)
        .limit(one_more)
        .load(connection)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let mut seen = BTreeSet::new();
    found.retain(|account| seen.insert(*account));
    Ok((found.into_iter().map(AccountId).collect(), more))
}

/// A name in lower case, and every ending of it that begins with a word; not the last label by itself, which so many
/// others have that it would find nothing.
fn endings(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let begins = name.match_indices(['.', '-', '@', '_', '+']);
    let mut endings: Vec<String> = begins
        .map(|(place, mark)| &name[place + mark.len()..])
        .filter(|ending| ending.contains('.') && ending.starts_with(char::is_alphanumeric))
        .map(str::to_owned)
        .collect();
    endings.push(name);
    endings
}

#[cfg(test)]
mod tests {
    use super::endings;

    #[test]
    fn endings_begin_with_a_word() {
        for (name, wanted) in [
            ("my-shop.example", "shop.example my-shop.example"),
            (
                "Asha.Rao@Example.com",
                "rao@example.com example.com asha.rao@example.com",
            ),
            ("a+b_c@d.example", "b_c@d.example c@d.example d.example a+b_c@d.example"),
            (
                "xn--mnchen-3ya.example",
                "mnchen-3ya.example 3ya.example xn--mnchen-3ya.example",
            ),
            ("priya@MÜNCHEN.example", "münchen.example priya@münchen.example"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(endings(name).join(" "), wanted);
        }
    }
}
