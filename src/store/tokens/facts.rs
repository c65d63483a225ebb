//! The texts of `token_standings`, in which a trigger puts down what a decision has to know of a token and of its account:
//! a line for each column, empty where there is no value.
//!
//! One text is read in a fraction of the time that the columns take: what reading a column costs is the column, not what
//! stands in it.

use std::{cell::RefCell, collections::HashMap, str::Lines};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    pg::Pg,
    sql_types::Text,
    sqlite::Sqlite,
};
use time::PrimitiveDateTime;

use super::row;
use crate::{
    domain::{
        address::AddressSet,
        id::{AccountId, PlanId, TokenId},
        scope::ScopeSet,
        secret::KeyId,
        site::SiteSet,
        token::{Expiry, Life},
    },
    store::{StoreError, error::column, instant},
};

/// Sets of scopes that a thread remembers.
const REMEMBERED: usize = 512;

/// What is read of a token.
#[derive(Clone, Debug)]
pub(super) struct TokenFacts {
    pub(super) id: TokenId,
    pub(super) account: AccountId,
    pub(super) key: KeyId,
    pub(super) scopes: ScopeSet,
    pub(super) sites: SiteSet,
    pub(super) addresses: AddressSet,
    pub(super) expiry: Expiry,
    pub(super) life: Life,
    /// The key of the outgoing secret's digest, and when it ends.
    pub(super) outgoing: Option<(KeyId, PrimitiveDateTime)>,
    pub(super) name: String,
}

/// What is read of an account.
#[derive(Clone, Debug)]
pub(super) struct AccountFacts {
    pub(super) plan: PlanId,
    pub(super) suspended: bool,
    pub(super) removed: bool,
    pub(super) public_id: String,
    pub(super) username: String,
}

/// What a text says, or the column that it says wrong and what it says there. The second is an error of its own row and
/// not of the query, whose other rows may be somebody else's.
#[derive(Clone, Debug, FromSqlRow)]
pub(super) struct Read<T>(Result<T, (&'static str, String)>);

impl<T> Read<T> {
    pub(super) fn value(self) -> Result<T, StoreError> {
        self.0.map_err(|(column, value)| StoreError::Column { column, value })
    }
}

/// What can be read from the lines of a text.
pub(super) trait Facts: Sized {
    fn read(lines: Lines<'_>) -> Result<Self, StoreError>;
}

impl<T: Facts> Read<T> {
    fn of(text: &str) -> Self {
        Self(T::read(text.lines()).map_err(|error| match error {
            StoreError::Column { column, value } => (column, value),
            _ => ("token_standings", String::new()),
        }))
    }
}

impl<T: Facts> FromSql<Text, Sqlite> for Read<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.read_text()))
    }
}

impl<T: Facts> FromSql<Text, Pg> for Read<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(std::str::from_utf8(value.as_bytes())?))
    }
}

impl Facts for TokenFacts {
    fn read(mut lines: Lines<'_>) -> Result<Self, StoreError> {
        let mut next = || lines.next().unwrap_or_default();
        let id = TokenId(column("tokens.id", next())?);
        let account = AccountId(column("tokens.account_id", next())?);
        let key = column("tokens.secret_key_id", next())?;
        let scopes = scopes("tokens.scopes", next())?;
        let sites = column("tokens.sites", next())?;
        let addresses = column("tokens.addresses", next())?;
        let expiry = at("tokens.expires_at", next())?.into();
        let paused_at = at("tokens.paused_at", next())?;
        let paused_by = next();
        let life = row::life(paused_at, Some(paused_by), at("tokens.revoked_at", next())?)?;
        let (key_id, until) = (next(), next());
        let outgoing = match at("tokens.previous_until", until)? {
            Some(until) if !key_id.is_empty() => Some((column("tokens.previous_key_id", key_id)?, until)),
            _ => None,
        };
        Ok(Self {
            id,
            account,
            key,
            scopes,
            sites,
            addresses,
            expiry,
            life,
            outgoing,
            name: next().to_owned(),
        })
    }
}

impl Facts for AccountFacts {
    fn read(mut lines: Lines<'_>) -> Result<Self, StoreError> {
        let mut next = || lines.next().unwrap_or_default();
        Ok(Self {
            plan: PlanId(column("accounts.plan_id", next())?),
            suspended: next() != "0",
            removed: next() != "0",
            public_id: next().to_owned(),
            username: next().to_owned(),
        })
    }
}

fn at(name: &'static str, text: &str) -> Result<Option<PrimitiveDateTime>, StoreError> {
    if text.is_empty() {
        return Ok(None);
    }
    instant::parse(text.as_bytes())
        .map(Some)
        .ok_or_else(|| StoreError::Column {
            column: name,
            value: text.to_owned(),
        })
}

/// Reads a set of scopes. Of all tokens together there are few sets, and to look one up takes less than to read it.
pub(super) fn scopes(name: &'static str, text: &str) -> Result<ScopeSet, StoreError> {
    thread_local! {
        static KNOWN: RefCell<HashMap<Box<str>, ScopeSet>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(scopes) = known.get(text) {
            return Ok(scopes.clone());
        }
        let scopes: ScopeSet = column(name, text)?;
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(text.into(), scopes.clone());
        Ok(scopes)
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::token::PausedBy;

    const TOKEN: &str = "7\n3\nk1\ndns:read files:read\npriya.example\n203.0.113.0/24\n2027-01-02 03:04:05.000006\n\
                         2026-12-01 00:00:00\nowner\n\nk0\n2026-12-02 00:00:00\nNightly backup";

    fn token(text: &str) -> Result<TokenFacts, StoreError> {
        Read::of(text).value()
    }

    #[test]
    fn each_line_is_a_column() {
        let facts = token(TOKEN).unwrap();
        assert_eq!(
            (facts.id, facts.account, facts.key.as_str()),
            (TokenId(7), AccountId(3), "k1")
        );
        assert_eq!(facts.scopes.to_string(), "dns:read files:read");
        assert_eq!(facts.sites.to_string(), "priya.example");
        assert_eq!(facts.addresses.to_string(), "203.0.113.0/24");
        assert_eq!(facts.expiry.instant(), Some(datetime!(2027-01-02 03:04:05.000006)));
        let paused = Life::Paused {
            at: datetime!(2026-12-01 00:00),
            by: PausedBy::Owner,
        };
        assert_eq!(facts.life, paused);
        let (key, until) = facts.outgoing.unwrap();
        assert_eq!((key.as_str(), until), ("k0", datetime!(2026-12-02 00:00)));
        assert_eq!(facts.name, "Nightly backup");
        let account: AccountFacts = Read::of("2\n1\n0\nabc\npriya").value().unwrap();
        assert_eq!(
            (account.plan, account.suspended, account.removed),
            (PlanId(2), true, false)
        );
        assert_eq!(
            (account.public_id.as_str(), account.username.as_str()),
            ("abc", "priya")
        );
    }

    #[test]
    fn what_is_no_value_of_a_column_is_told_by_its_name() {
        for (good, bad, name) in [
            ("k1", "K", "tokens.secret_key_id"),
            ("dns:read files:read", "dns", "tokens.scopes"),
            ("priya.example", "priya", "tokens.sites"),
            ("203.0.113.0/24", "203", "tokens.addresses"),
            ("2027-01-02 03:04:05.000006", "soon", "tokens.expires_at"),
            ("owner", "nobody", "tokens.paused_by"),
            ("k0", "K", "tokens.previous_key_id"),
        ] {
            let error = token(&TOKEN.replacen(good, bad, 1)).unwrap_err();
            assert!(
                matches!(error, StoreError::Column { column, .. } if column == name),
                "{error}"
            );
        }
        // A text that ends too early never stands for a token that may do something.
        assert!(token("").is_err() && token("7\n3\nk1").is_err());
        let account: AccountFacts = Read::of("2").value().unwrap();
        assert!(account.suspended && account.removed);
    }

    #[test]
    fn more_sets_of_scopes_than_are_remembered_are_read_all_the_same() {
        for number in 0..2 * REMEMBERED {
            let text = format!("a:b{number}");
            assert_eq!(scopes("tokens.scopes", &text).unwrap().to_string(), text);
        }
    }
}
