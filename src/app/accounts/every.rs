//! Reading accounts whole: all of them, a part at a time, or the one that has a site.

use crate::{
    app::{App, AppError, Caller},
    domain::{
        account::{Account, Username},
        id::AccountId,
        permission::Act,
        site::SiteName,
    },
    store::{
        self,
        accounts::list::{Key, Place, Query},
    },
};

/// Accounts of one part.
pub const PART: usize = 500;

/// An account, and its main site.
pub type Whole = (Account, Option<SiteName>);

/// The accounts that come next by user name, [`PART`] at most. Fewer than that: there are no more.
pub async fn after(app: &App, caller: &Caller, after: Option<&Username>) -> Result<Vec<Whole>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let place = after.map_or(Place::First, |username| {
        Place::After(Key {
            username: username.to_string(),
            quiet_since: app.now(),
        })
    });
    let query = Query {
        place,
        limit: i64::try_from(PART).unwrap_or(i64::MAX),
        ..Query::default()
    };
    app.store
        .read(move |connection| {
            let keys = store::accounts::list::list_keys(connection, &query)?;
            let ids: Vec<AccountId> = keys.into_iter().map(|(id, _)| id).collect();
            Ok(store::accounts::list_whole(connection, &ids)?)
        })
        .await
}

/// The account of that user name.
pub async fn of(app: &App, caller: &Caller, username: &Username) -> Result<Option<Whole>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let username = username.clone();
    app.store
        .read(move |connection| {
            let found = store::accounts::find_by_username(connection, username.as_str())?;
            let ids: Vec<AccountId> = found.iter().map(|account| account.id).collect();
            Ok(store::accounts::list_whole(connection, &ids)?.pop())
        })
        .await
}

/// The account that has that site.
pub async fn with_site(app: &App, caller: &Caller, site: &SiteName) -> Result<Option<Whole>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let site = site.clone();
    app.store
        .read(move |connection| {
            let owner = store::accounts::detail::site_owner(connection, &site)?;
            let ids: Vec<AccountId> = owner.into_iter().collect();
            Ok(store::accounts::list_whole(connection, &ids)?.pop())
        })
        .await
}
