//! Accounts in the hands of staff: finding them, making them, changing what they are.
//!
//! Staff look after an account and never act as its holder: nothing here makes a token. A session that is opened by a link
//! of staff's ([`sign_in_link`]) has no password and so makes none either. [`own`] alone is for the holder.

pub mod change;
mod create;
pub mod every;
pub mod list;
pub mod notes;
pub mod overview;
pub mod own;
pub mod password;
pub mod remove;
pub mod sessions;
pub mod sign_in_link;
pub mod suspend;

pub use create::{NewAccount, create, invite, make, make_invited};
pub(super) use create::{check_password, insert_login};

use time::PrimitiveDateTime;

use super::{App, AppError, Caller};
use crate::{
    domain::{
        account::{Account, Username},
        audit::{Action, Event, Party},
        id::{AccountId, is_public_id},
        permission::{Act, may},
        token::Token,
    },
    store::{
        self, DbConnection, StoreError,
        tokens::{Filter, Query},
    },
};

/// How the audit names an account.
fn party(account: &Account) -> Party {
    Party::new("account", &account.public_id, &account.username)
}

/// The tokens of an account that are not revoked.
fn live_tokens(connection: &mut DbConnection, id: AccountId, now: PrimitiveDateTime) -> Result<Vec<Token>, StoreError> {
    let all = Query {
        filter: Filter::All,
        limit: i64::MAX,
        ..Query::default()
    };
    store::tokens::list(connection, id, &all, now)
}

/// Finds an account by its user name.
pub async fn find(app: &App, caller: &Caller, username: &Username) -> Result<Option<Account>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let username = username.clone();
    app.store
        .read(move |connection| Ok(store::accounts::find_by_username(connection, username.as_str())?))
        .await
}

/// Finds an account by its public id.
pub async fn find_by_public_id(app: &App, caller: &Caller, public_id: &str) -> Result<Option<Account>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    let public_id = public_id.to_owned();
    app.store
        .read(move |connection| Ok(store::accounts::find_by_public_id(connection, &public_id)?))
        .await
}

/// Finds an account by its public id for whoever may do `act` to it: to do something to an account that one can name, one
/// need not be allowed to look at it. Whether a reason is needed is for what is done then to say.
pub async fn find_for(app: &App, caller: &Caller, act: Act, public_id: &str) -> Result<Account, AppError> {
    may(&caller.actor, act, None)?;
    if !is_public_id(public_id) {
        return Err(AppError::NotFound);
    }
    let public_id = public_id.to_owned();
    let found = app
        .store
        .read(move |connection| store::accounts::find_by_public_id(connection, &public_id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// The names of the plans that an account can have.
pub async fn plan_names(app: &App) -> Result<Vec<String>, AppError> {
    app.store
        .read(|connection| {
            let plans = store::plans::list(connection)?;
            Ok(plans.into_iter().map(|plan| plan.name).collect())
        })
        .await
}

/// The latest event of an account in which one of `actions` was done: who was faster, and when.
pub async fn latest(
    app: &App,
    caller: &Caller,
    account: AccountId,
    actions: &[Action],
) -> Result<Option<Event>, AppError> {
    caller.may(Act::ReadAccounts, Some(account))?;
    let query = store::audit::Query {
        actions: actions.to_vec(),
        limit: 1,
        ..store::audit::Query::default()
    };
    app.store
        .read(move |connection| Ok(store::audit::list(connection, account, &query)?.pop()))
        .await
}
