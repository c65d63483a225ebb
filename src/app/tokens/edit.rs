//! Changing what a token is called, what it may do, where, and from where. Its secret and its expiry stay the same.

use super::{
    bounds::Bounds,
    content::{check_scopes, check_sites, terms},
    one::{event, find, lost},
};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        account::Account,
        audit::{Action, Change},
        draft::Draft,
        id::{AccountId, TokenId},
        mail::WIDENED,
        permission::Act,
        secret::PublicId,
        token::{Life, Token, TokenName},
        widening::Difference,
    },
    store::{self, DbConnection},
};

/// A change of a token that may be made, and what it comes to.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The token as it is.
    pub token: Token,
    /// The token as it is to be.
    pub draft: Draft,
    /// What it gains and loses.
    pub difference: Difference,
    /// What is otherwise, as the audit will note it; empty when nothing is.
    pub changes: Vec<Change>,
}

/// What becoming `draft` would mean for a token that is at `revision`. Writes nothing.
///
/// What the token has already may stay although the plan no longer allows it or the site is gone: only what is added
/// is checked. The draft's expiry is passed over.
///
/// Errors with [`Rule::Changed`] when the token is at another revision, [`Rule::Revoked`], or the [`Rule`] that the
/// draft breaks.
pub async fn propose(
    app: &App,
    caller: &Caller,
    account: &Account,
    id: PublicId,
    revision: i32,
    draft: Draft,
) -> Result<Proposal, AppError> {
    let token = find(app, caller, account.id, id).await?;
    caller.may(Act::StopTokens, Some(account.id))?;
    if let Life::Revoked { at } = token.life {
        return Err(Rule::Revoked(at).into());
    }
    let before = Draft::from(&token);
    let mut draft = Draft {
        expiry: token.expiry,
        ..draft
    };
    let difference = Difference::between(&before, &draft, |scopes| app.catalogue.closure(scopes));
    if difference.scopes_added.is_empty() && difference.scopes_removed.is_empty() {
        // A scope that another one implies was ticked or cleared: the token can do the same.
        draft.scopes = before.scopes.clone();
    }
    let changes = draft.changes_from(&before);
    if token.revision != revision && !changes.is_empty() {
        return Err(Rule::Changed(Box::new(token)).into());
    }
    let plan_scopes = terms(app, caller, account).await?.plan_scopes;
    check_scopes(&app.catalogue, &plan_scopes, &draft.scopes, &before.scopes)?;
    check_sites(&account.sites, &draft.sites, &before.sites)?;
    let (name, owner) = (draft.name.clone(), (token.account, token.id));
    app.store
        .read(move |connection| check_name(connection, &name, owner))
        .await?;
    Ok(Proposal {
        token,
        draft,
        difference,
        changes,
    })
}

/// Makes a token that is at `revision` what `draft` says, its expiry apart. Returns whether that made a difference.
///
/// Errors as [`propose`] does, and with [`AppError::PasswordNeeded`] when it widens and the password is not fresh.
pub async fn edit(
    app: &App,
    caller: &Caller,
    account: &Account,
    id: PublicId,
    revision: i32,
    draft: Draft,
) -> Result<bool, AppError> {
    let Proposal {
        token,
        draft,
        difference,
        mut changes,
    } = propose(app, caller, account, id, revision, draft).await?;
    if changes.is_empty() {
        return Ok(false);
    }
    let now = app.now();
    if difference.widens() {
        caller.may(Act::ExtendTokens, Some(account.id))?;
        caller.needs_fresh_password(now)?;
        changes.push(Change::new(WIDENED, "yes"));
    }
    let (caller, bounds) = (caller.clone(), Bounds::of(app, caller));
    app.store
        .write(move |connection| {
            store::tokens::hold_account(connection, token.account)?;
            bounds.hold_token(connection, &token, now)?;
            bounds.hold(connection, &draft, now)?;
            check_name(connection, &draft.name, (token.account, token.id))?;
            if !store::tokens::update(connection, token.id, revision, &draft)? {
                return Err(lost(connection, &token));
            }
            // The event names the token as it is called from now on.
            let token = Token {
                name: draft.name,
                ..token
            };
            let event = event(&caller, now, Action::TokenChanged, &token, changes);
            store::audit::insert(connection, &event)?;
            Ok(true)
        })
        .await
}

fn check_name(
    connection: &mut DbConnection,
    name: &TokenName,
    (account, token): (AccountId, TokenId),
) -> Result<(), AppError> {
    if store::tokens::is_name_taken(connection, account, name, Some(token))? {
        return Err(Rule::NameTaken.into());
    }
    Ok(())
}
