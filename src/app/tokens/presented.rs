//! Ending the token that somebody presents the secret of (RFC 7009). To have the whole secret is all that it takes.

use std::net::IpAddr;

use super::revoke::revoke_in;
use crate::{
    app::{
        App, AppError, Caller, Rule,
        throttle::{Buckets, whole_seconds},
        verify::{Unverified, Verified, verify},
    },
    domain::{
        id::AccountId,
        permission::{Act, Actor},
        secret::TokenSecret,
        usage::SecretGeneration,
    },
    store,
};

/// No account has this number: looked in for a token that nobody showed a working secret of, at the same cost.
const NOBODYS: AccountId = AccountId(0);

/// Ends the token that `presented` is a working secret of: either of the two while a rotation is under way. Whoever
/// presents anything else gets the same answer after the same work: the same look-ups, comparisons and transaction.
/// `caller` says how the audit names the token's holder.
///
/// Errors with [`AppError::TooManyTries`] when too many were presented from `from`, and when the database is out of
/// reach: the token then still works.
pub async fn revoke_presented(
    app: &App,
    presented: &str,
    from: IpAddr,
    caller: impl FnOnce(Actor) -> Caller,
) -> Result<(), AppError> {
    // Whoever knows the format knows as much: it costs us nothing, and so it takes no try.
    let Ok(secret) = TokenSecret::parse(presented) else {
        return Ok(());
    };
    let verified = match verify(app, presented).await {
        Ok(verified) => Some(verified),
        Err(Unverified::Nobody) => None,
        Err(Unverified::Unchecked(error)) => return Err(error),
    };
    let (now, id) = (app.now(), secret.public_id());
    let works = |verified: &Verified| {
        verified.generation == SecretGeneration::Current || verified.token().overlap(now).is_some()
    };
    let holder = verified.filter(works).map(|verified| {
        let account = verified.token().account;
        (caller(verified.actor(&app.catalogue)), account)
    });
    if let Some((caller, account)) = &holder {
        caller.may(Act::RevokeItself, Some(*account))?;
    }
    let buckets = Buckets::of_presented(app, from);
    let refused = app
        .store
        .write(move |connection| {
            if let Some(until) = buckets.take_here(connection, now)? {
                return Ok(Some(until));
            }
            let account = holder.as_ref().map_or(NOBODYS, |(_, account)| *account);
            let token = store::tokens::find(connection, account, &id)?;
            let (Some((caller, _)), Some(token)) = (holder, token) else {
                return Ok(None);
            };
            match revoke_in(connection, &caller, &token, now) {
                Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => Ok(None),
                done => done.map(|()| None),
            }
        })
        .await?;
    match refused {
        None => Ok(()),
        Some(until) => Err(AppError::TooManyTries {
            until,
            seconds: whole_seconds(until - now),
        }),
    }
}
