//! Finding accounts: a search, filters, and a page at a time.

use std::collections::BTreeSet;

use time::{Duration, PrimitiveDateTime};

use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        id::AccountId,
        permission::Act,
        secret::{PREFIX, PublicId},
        token::EXPIRING,
    },
    store::{
        self, DbConnection,
        accounts::{
            list::{Key, ListedAccount, OwnedToken, Place, Query, Which},
            terms,
        },
    },
};

/// Accounts on a page.
pub const PAGE: usize = 50;
/// As many names that begin with what is searched for are looked at.
pub const LOOKED_AT: usize = 1_000;
/// Accounts are counted up to so many.
pub const COUNTED: usize = 1_000;
/// As many tokens that expire soon are read by expiry, to know whose they are; where there are more, or they are of more
/// than [`LOOKED_AT`] accounts, accounts are walked and each is asked for such a token: with so many, few are asked in
/// vain.
const EXPIRING_READ: usize = 2_000;

/// Which accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The beginning of a user name, an e-mail address or a site, or of any word in one; or the public id of a token.
    /// Empty for any.
    pub search: String,
    /// By whether they may be used.
    pub which: Which,
    /// Name of their plan; none for any.
    pub plan: Option<String>,
    /// Only those with a working token that expires within [`EXPIRING`].
    pub expiring: bool,
    /// Only those without a sign-in for so many days; they come the longest quiet first, and else by user name.
    pub quiet_days: Option<u16>,
    /// From where on.
    pub place: Place,
}

impl Wanted {
    /// Whether anything but expiring tokens limits the list.
    fn is_narrower(&self) -> bool {
        !plain(&self.search).is_empty() || self.which != Which::All || self.plan.is_some() || self.quiet_days.is_some()
    }
}

/// A page of accounts, and what stands around it.
#[derive(Debug)]
pub struct Listing {
    /// The accounts.
    pub rows: Vec<ListedAccount>,
    /// How many there are on all pages, counted up to [`COUNTED`]; more than that when it is one more.
    pub found: usize,
    /// Whether more names begin with what was searched for than were looked at.
    pub too_many: bool,
    /// The token whose public id was searched for.
    pub token: Option<OwnedToken>,
    /// The page before this one.
    pub previous: Place,
    /// The page after this one.
    pub next: Place,
}

/// A page of at most `limit` accounts. From a place with nothing behind it, the first page.
///
/// [`Rule::UnknownPlan`] when there is no such plan. What is searched for must not be a token's secret.
pub async fn page(app: &App, caller: &Caller, wanted: Wanted, limit: usize) -> Result<Listing, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let now = app.now();
    app.store
        .read(move |connection| read(connection, &wanted, limit, now))
        .await
}

fn read(
    connection: &mut DbConnection,
    wanted: &Wanted,
    limit: usize,
    now: PrimitiveDateTime,
) -> Result<Listing, AppError> {
    let found = search(connection, &wanted.search)?;
    let plan = match &wanted.plan {
        Some(name) => Some(store::plans::find_by_name(connection, name)?.ok_or(Rule::UnknownPlan)?),
        None => None,
    };
    let mut query = Query {
        among: found.among,
        which: wanted.which,
        plan,
        quiet_since: wanted.quiet_days.map(|days| now - Duration::days(days.into())),
        expiring: wanted.expiring.then_some((now, now + EXPIRING)),
        place: wanted.place.clone(),
        limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
    };
    let known_as_many = narrow_to_expiring(connection, &mut query)? && !wanted.is_narrower();
    let mut keys = store::accounts::list::list_keys(connection, &query)?;
    let is_short = match query.place {
        Place::First => false,
        Place::After(_) => keys.is_empty(),
        Place::Before(_) => keys.len() < limit,
    };
    if is_short {
        query.place = Place::First;
        keys = store::accounts::list::list_keys(connection, &query)?;
    }
    let more = keys.len() > limit;
    keys.truncate(limit);
    let is_before = matches!(query.place, Place::Before(_));
    if is_before {
        keys.reverse();
    }
    let (has_previous, has_next) = match query.place {
        Place::First => (false, more),
        Place::After(_) => (true, more),
        Place::Before(_) => (more, true),
    };
    let counted = if known_as_many {
        COUNTED + 1
    } else if has_previous || has_next {
        let most = i64::try_from(COUNTED + 1).unwrap_or(i64::MAX);
        store::accounts::list::count(connection, &query, most)?
    } else {
        keys.len()
    };
    let place = |there: bool, key: Option<&(AccountId, Key)>, place: fn(Key) -> Place| {
        key.filter(|_| there)
            .map_or(Place::First, |(_, key)| place(key.clone()))
    };
    let ids: Vec<AccountId> = keys.iter().map(|(id, _)| *id).collect();
    Ok(Listing {
        rows: store::accounts::list::list_by_ids(connection, &ids)?,
        found: counted,
        too_many: found.too_many,
        token: found.token,
        previous: place(has_previous, keys.first(), Place::Before),
        next: place(has_next, keys.last(), Place::After),
    })
}

/// What a search found.
#[derive(Default)]
struct Found {
    among: Option<Vec<AccountId>>,
    too_many: bool,
    token: Option<OwnedToken>,
}

fn search(connection: &mut DbConnection, text: &str) -> Result<Found, AppError> {
    let text = plain(text);
    if text.is_empty() {
        return Ok(Found::default());
    }
    let (mut among, too_many) = terms::search(connection, &text.to_lowercase(), LOOKED_AT)?;
    let token = match token_id(text) {
        Some(id) => store::accounts::list::find_owned_token(connection, &id)?,
        None => None,
    };
    if let Some(token) = &token
        && !among.contains(&token.account)
    {
        among.push(token.account);
    }
    Ok(Found {
        among: Some(among),
        too_many,
        token,
    })
}

/// What was searched for without what stands around it when it is copied from a browser: of an address only its host.
fn plain(text: &str) -> &str {
    let text = text.trim();
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match address {
        Some(address) => address.split(['/', ':', '?', '#']).next().unwrap_or_default(),
        None => text.strip_prefix("mailto:").unwrap_or(text),
    }
}

/// `Ab12Cd34`, also as it stands in lists: `lk_Ab12Cd34…19Wj`.
fn token_id(text: &str) -> Option<PublicId> {
    let text = text.strip_prefix(PREFIX).unwrap_or(text);
    text.split(['_', '…']).next()?.parse().ok()
}

/// Where few tokens expire soon, whose they are is the shorter list to begin with. Returns whether they are known to be
/// of more accounts than are counted.
fn narrow_to_expiring(connection: &mut DbConnection, query: &mut Query) -> Result<bool, AppError> {
    let Some(span) = query.expiring else {
        return Ok(false);
    };
    let one_more = i64::try_from(EXPIRING_READ + 1).unwrap_or(i64::MAX);
    let tokens = store::accounts::list::list_expiring(connection, span, one_more)?;
    let all = tokens.len() <= EXPIRING_READ;
    let accounts: BTreeSet<AccountId> = tokens.into_iter().collect();
    let many = accounts.len() > COUNTED;
    if all && accounts.len() <= LOOKED_AT {
        query.expiring = None;
        query.among = Some(match query.among.take() {
            Some(among) => among.into_iter().filter(|id| accounts.contains(id)).collect(),
            None => accounts.into_iter().collect(),
        });
    }
    Ok(many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_from_elsewhere_is_searched_for_as_it_is_meant() {
        for (copied, meant) in [
            ("  priya ", "priya"),
            ("https://shop.example/cart?x=1", "shop.example"),
            ("http://shop.example:8080", "shop.example"),
            ("mailto:a@b.example", "a@b.example"),
            ("https://", ""),
        ] {
            assert_eq!(plain(copied), meant);
        }
    }

    #[test]
    fn a_token_is_named_by_its_id_alone_or_as_lists_name_it() {
        for text in ["Ab12Cd34", "lk_Ab12Cd34", "lk_Ab12Cd34…19Wj", "lk_Ab12Cd34_…"] {
            assert_eq!(token_id(text).map(|id| id.to_string()).as_deref(), Some("Ab12Cd34"));
        }
        assert!(token_id("Ab12Cd3").is_none() && token_id("priya.example").is_none());
    }
}
