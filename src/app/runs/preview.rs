//! What a run would change, before it is started. Read in many short queries, so that nobody waits for it.

use std::{collections::HashSet, sync::Arc};

use super::{choice::Choice, permitted};
use crate::{
    app::{App, AppError, Caller},
    domain::{
        id::{AccountId, TokenId},
        permission::Act,
        run::{Criteria, Run, RunKind},
    },
    store::{self, StoreError, runs::Owned},
};

/// Tokens that a preview lists.
pub const PREVIEWED: usize = 50;

/// What a run would change now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many tokens.
    pub count: i64,
    /// Of how many accounts.
    pub accounts: i64,
    /// The oldest of the tokens, at most [`PREVIEWED`].
    pub first: Vec<Owned>,
}

/// What a run would change if it were started now.
pub async fn preview(app: &App, caller: &Caller, criteria: &Criteria, kind: RunKind) -> Result<Preview, AppError> {
    match kind {
        RunKind::Revoke | RunKind::Pause => permitted(caller)?,
        RunKind::Shorten(_) => caller.may(Act::SetPolicy, None)?,
    }
    app.usage.flush(app).await?;
    let up_to = app.store.read(store::runs::last_token).await?;
    let found = walk(app, criteria, kind, up_to).await?;
    let first = app
        .store
        .read(move |connection| store::runs::list_owned(connection, &found.first).map(|first| (first, found)))
        .await?;
    let (first, found) = first;
    Ok(Preview {
        count: found.count,
        accounts: i64::try_from(found.accounts.len()).unwrap_or(i64::MAX),
        first,
    })
}

/// What was found on a walk over all tokens.
#[derive(Default)]
pub(super) struct Found {
    /// How many tokens.
    pub(super) count: i64,
    accounts: HashSet<AccountId>,
    first: Vec<TokenId>,
}

/// Counts the tokens of a run.
pub(super) async fn count(app: &App, run: &Run) -> Result<Found, AppError> {
    walk(app, &run.criteria, run.kind, run.up_to).await
}

async fn walk(app: &App, criteria: &Criteria, kind: RunKind, up_to: TokenId) -> Result<Found, AppError> {
    let choice = Arc::new(Choice::new(app, criteria, kind, up_to).await?);
    let (mut found, mut after, now) = (Found::default(), TokenId(0), app.now());
    while after < up_to {
        let choice = Arc::clone(&choice);
        let window = app
            .store
            .read_apart(move |connection| choice.next(connection, after, now))
            .await;
        let (tokens, end) = window.map_err(|error: StoreError| error)?;
        for token in tokens {
            found.count += 1;
            found.accounts.insert(token.account);
            if found.first.len() < PREVIEWED {
                found.first.push(token.id);
            }
        }
        after = end;
    }
    Ok(found)
}
