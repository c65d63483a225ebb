//! How a token stands at one moment: what a decision needs, read by one statement.
//!
//! Every request to every service of the hosting company waits for this, so nothing is read here that only a page shows,
//! and it is read from one place: `token_standings` has a copy of these columns of a token and of its account, under the
//! number of the token's public id. Triggers of the database keep the copy, in the transaction of each change, whoever
//! makes it; nothing else writes it. How the statement reaches a database is for [`Store::token_standing`] to choose.
//!
//! [`Store::token_standing`]: crate::store::Store::token_standing

use std::collections::HashMap;

use diesel::{PgConnection, SqliteConnection, prelude::*};
use time::PrimitiveDateTime;

use super::facts::{self, AccountFacts, Read, TokenFacts};
use crate::{
    domain::{
        address::AddressSet,
        id::{AccountId, PlanId, TokenId},
        scope::ScopeSet,
        secret::{KeyId, PublicId, SecretDigest},
        site::{SiteName, SiteSet},
        token::{Expiry, Life},
    },
    store::{
        StoreError,
        kept::{Kept, Parts, Value},
        schema::{plans, sites, token_standings},
    },
};

/// A token with what its account and its plan say of it, all from one moment.
#[derive(Clone, Debug)]
pub struct TokenStanding {
    /// Number of its row.
    pub id: TokenId,
    /// Its public id.
    pub public_id: PublicId,
    /// Whose it is.
    pub account: AccountId,
    /// Its name, as text: nothing is decided by it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// On which sites.
    pub sites: SiteSet,
    /// From which addresses.
    pub addresses: AddressSet,
    /// Until when.
    pub expiry: Expiry,
    /// Whether it was paused or revoked.
    pub life: Life,
    /// Digest of its secret.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
    /// The outgoing secret of its last rotation.
    pub outgoing: Option<OutgoingSecret>,
    /// Public id of its account.
    pub account_public_id: String,
    /// User name of its account.
    pub username: String,
    /// Whether its account is suspended.
    pub suspended: bool,
    /// Whether its account was removed.
    pub removed: bool,
    /// Its account's plan.
    pub plan: PlanId,
    /// What that plan allows.
    pub plan_scopes: ScopeSet,
    /// Whether its account has the site that was asked about.
    pub owns_site: bool,
}

/// What is stored of a secret that a rotation replaced.
#[derive(Clone, Debug)]
pub struct OutgoingSecret {
    /// Its digest.
    pub digest: SecretDigest,
    /// The key of that digest.
    pub key: KeyId,
    /// From this instant on it is refused.
    pub until: PrimitiveDateTime,
}

impl TokenStanding {
    /// The outgoing secret of its last rotation while it still works.
    pub fn overlap(&self, now: PrimitiveDateTime) -> Option<&OutgoingSecret> {
        self.outgoing.as_ref().filter(|outgoing| outgoing.until > now)
    }
}

type Row = (
    i64,
    Read<TokenFacts>,
    Read<AccountFacts>,
    Vec<u8>,
    Option<Vec<u8>>,
    String,
    Option<String>,
);

/// The rows of tokens, each as often as its account has one of the sites in `$sites`, and once when it has none.
macro_rules! standings {
    ($which:expr, $sites:expr) => {
        token_standings::table
            .inner_join(plans::table)
            .left_join(sites::table.on(sites::account_id.eq(token_standings::account_id).and($sites)))
            .filter($which)
            .select((
                token_standings::number,
                token_standings::token,
                token_standings::account,
                token_standings::secret_digest,
                token_standings::previous_digest,
                plans::scopes,
                sites::domain.nullable(),
            ))
    };
}

/// The text of [`find_standing`].
static PARTS: Parts = Parts::new();

/// Finds one token, whoever's it is.
pub(in crate::store) fn find_standing(
    connection: &mut SqliteConnection,
    id: PublicId,
    site: Option<&SiteName>,
) -> Result<Option<TokenStanding>, StoreError> {
    // No site has an empty name.
    let name = site.map_or("", SiteName::as_str);
    let values = [Value::Text(name), Value::Number(id.number())];
    let query = Kept::new(&PARTS, &values, || {
        standings!(token_standings::number.eq(0), sites::domain.eq(""))
    });
    let row: Option<Row> = query.get_result(connection).optional()?;
    row.map(|row| standing(id, row)).transpose()
}

/// Many tokens, read by one query.
///
/// They are known by their numbers.
pub(in crate::store) struct Standings(HashMap<i64, Found>);

/// A token that was asked for.
#[derive(Default)]
struct Found {
    /// How often.
    times: usize,
    /// One for each of the sites that its account has, or one without a site; none when there is no such token.
    rows: Vec<Row>,
}

impl Standings {
    /// Reads the tokens of these public ids, and whether their accounts have any of these sites. An id that stands there
    /// twice can be taken twice.
    pub(in crate::store) fn list(
        connection: &mut PgConnection,
        ids: &[PublicId],
        names: &[&str],
    ) -> Result<Self, StoreError> {
        let mut found: HashMap<i64, Found> = HashMap::with_capacity(ids.len());
        for id in ids {
            found.entry(id.number()).or_default().times += 1;
        }
        let numbers: Vec<i64> = found.keys().copied().collect();
        let rows: Vec<Row> =
            standings!(token_standings::number.eq_any(numbers), sites::domain.eq_any(names)).load(connection)?;
        for row in rows {
            found.entry(row.0).or_default().rows.push(row);
        }
        Ok(Self(found))
    }

    /// One of them, and whether its account has this site.
    pub(in crate::store) fn take(
        &mut self,
        id: PublicId,
        site: Option<&SiteName>,
    ) -> Result<Option<TokenStanding>, StoreError> {
        let Some(found) = self.0.get_mut(&id.number()) else {
            return Ok(None);
        };
        let name = site.map(SiteName::as_str);
        let with_site = found
            .rows
            .iter()
            .position(|row| name.is_some() && row.6.as_deref() == name);
        let place = with_site.unwrap_or_default();
        found.times = found.times.saturating_sub(1);
        let row = if found.times == 0 && place < found.rows.len() {
            Some(found.rows.swap_remove(place))
        } else {
            found.rows.get(place).cloned()
        };
        let found = row.map(|row| standing(id, row)).transpose()?;
        Ok(found.map(|standing| TokenStanding {
            owns_site: with_site.is_some(),
            ..standing
        }))
    }
}

fn digest(name: &'static str, bytes: &[u8]) -> Result<SecretDigest, StoreError> {
    SecretDigest::try_from(bytes).map_err(|_| StoreError::Column {
        column: name,
        value: format!("{} bytes", bytes.len()),
    })
}

/// How the token of this public id stands, by its row.
fn standing(public_id: PublicId, row: Row) -> Result<TokenStanding, StoreError> {
    let (_, token, account, current, previous, plan_scopes, site) = row;
    let (token, account) = (token.value()?, account.value()?);
    let outgoing = match (previous, token.outgoing) {
        (Some(bytes), Some((key, until))) => Some(OutgoingSecret {
            digest: digest("tokens.previous_digest", &bytes)?,
            key,
            until,
        }),
        _ => None,
    };
    Ok(TokenStanding {
        id: token.id,
        public_id,
        account: token.account,
        name: token.name,
        scopes: token.scopes,
        sites: token.sites,
        addresses: token.addresses,
        expiry: token.expiry,
        life: token.life,
        digest: digest("tokens.secret_digest", &current)?,
        key: token.key,
        outgoing,
        account_public_id: account.public_id,
        username: account.username,
        suspended: account.suspended,
        removed: account.removed,
        plan: account.plan,
        plan_scopes: facts::scopes("plans.scopes", &plan_scopes)?,
        owns_site: site.is_some(),
    })
}
