//! Moving a token's expiry. Its secret stays the same.

use time::PrimitiveDateTime;

use super::{
    bounds::Bounds,
    one::{change, event, lost},
};
use crate::{
    app::{App, AppError, Caller, Rule, policy_for},
    domain::{
        account::Account,
        audit::{Action, Change},
        draft::Draft,
        permission::Act,
        policy::{ExpiryRefusal, Policy},
        secret::PublicId,
        token::{Expiry, Token},
    },
    store::{self, DbConnection},
};

/// Moves the expiry of a token that is at `revision`, expired ones too. Returns whether that made a difference.
///
/// A later expiry is a widening: it has to fit the policy, and the password has to be fresh. An earlier one has only
/// to be in the future.
///
/// Errors with [`Rule::Expiry`], [`Rule::Changed`] when it is at another revision, [`Rule::Revoked`], or
/// [`AppError::PasswordNeeded`].
pub async fn renew(
    app: &App,
    caller: &Caller,
    account: &Account,
    id: PublicId,
    revision: i32,
    expiry: Expiry,
) -> Result<bool, AppError> {
    let (owner, bounds) = (account.clone(), Bounds::of(app, caller));
    change(
        app,
        caller,
        Act::StopTokens,
        (account.id, id),
        move |connection, caller, token, now| {
            if token.revision != revision && token.expiry != expiry {
                return Err(Rule::Changed(Box::new(token.clone())).into());
            }
            let policy = policy_for(connection, &owner)?;
            renew_in(connection, caller, (token, &bounds), expiry, &policy, now)
        },
    )
    .await
}

/// [`renew`] inside a transaction that may do more, of a token that was read in it.
pub(super) fn renew_in(
    connection: &mut DbConnection,
    caller: &Caller,
    (token, bounds): (&Token, &Bounds),
    expiry: Expiry,
    policy: &Policy,
    now: PrimitiveDateTime,
) -> Result<bool, AppError> {
    if expiry == token.expiry {
        return Ok(false);
    }
    if expiry.is_later_than(token.expiry) {
        caller.may(Act::ExtendTokens, Some(token.account))?;
        policy
            .check_expiry(expiry, token.created_at, now)
            .map_err(Rule::Expiry)?;
        caller.needs_fresh_password(now)?;
        let wanted = Draft {
            expiry,
            ..Draft::from(token)
        };
        bounds.hold(connection, &wanted, now)?;
    } else {
        caller.may(Act::StopTokens, Some(token.account))?;
        if matches!(expiry, Expiry::At(at) if at <= now) {
            return Err(Rule::Expiry(ExpiryRefusal::Past).into());
        }
    }
    if !store::tokens::extend(connection, token.id, token.revision, expiry)? {
        return Err(lost(connection, token));
    }
    let changes = Change::between("expiry", token.expiry, expiry).into_iter().collect();
    store::audit::insert(connection, &event(caller, now, Action::TokenRenewed, token, changes))?;
    Ok(true)
}
