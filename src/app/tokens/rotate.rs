//! Giving a token a new secret while the old one goes on working for a chosen time, and ending that time early.

use time::{Duration, PrimitiveDateTime};

use super::one::{change, event, find_live, lost};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        audit::{Action, Change},
        id::AccountId,
        permission::Act,
        secret::{PublicId, TokenSecret, digest},
        token::{Expiry, Token},
    },
    store::{self, DbConnection, tokens::Outgoing},
};

/// How long the outgoing secret of a rotation goes on working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Not at all.
    None,
    /// One hour.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
}

impl Overlap {
    /// Every overlap, shortest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Hour, Self::Day, Self::Week];

    /// For so long.
    pub fn duration(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Hour => Duration::HOUR,
            Self::Day => Duration::DAY,
            Self::Week => Duration::WEEK,
        }
    }
}

/// A token with a new secret.
#[derive(Debug)]
pub struct Rotated {
    /// The token as it is now.
    pub token: Token,
    /// Its secret: kept nowhere, to be shown once.
    pub secret: TokenSecret,
}

/// Gives a token that is at `revision` a new secret. An older outgoing secret that still works ends at once.
///
/// Errors with [`Rule::Changed`] when it is at another revision, so that a form sent twice rotates once;
/// [`Rule::Expired`], [`Rule::Revoked`], or [`AppError::PasswordNeeded`].
pub async fn rotate(
    app: &App,
    caller: &Caller,
    account: AccountId,
    id: PublicId,
    revision: i32,
    overlap: Overlap,
) -> Result<Rotated, AppError> {
    let secret = TokenSecret::mint(id, |length| app.clock.random_base62(length));
    let at = app.now();
    let new = {
        let keyring = app.keyring();
        let (key, digest_key) = keyring.current();
        Outgoing {
            digest: digest(digest_key, &secret),
            key: key.clone(),
            last4: secret.last4().to_owned(),
            at,
            until: at + overlap.duration(),
        }
    };
    let work = move |connection: &mut DbConnection, caller: &Caller, token: &Token, now: PrimitiveDateTime| {
        if token.revision != revision {
            return Err(Rule::Changed(Box::new(token.clone())).into());
        }
        if token.is_expired(now) {
            return Err(Rule::Expired.into());
        }
        caller.needs_fresh_password(now)?;
        if !store::tokens::rotate(connection, token.id, revision, &new)? {
            return Err(lost(connection, token));
        }
        let changes = [
            Change::between("last4", &token.last4, &new.last4),
            Some(Change::new("overlap", Expiry::At(new.until))),
        ];
        let changes = changes.into_iter().flatten().collect();
        store::audit::insert(connection, &event(caller, now, Action::TokenRotated, token, changes))?;
        find_live(connection, token.account, token.public_id)
    };
    let token = change(app, caller, Act::ExtendTokens, (account, id), work).await?;
    Ok(Rotated { token, secret })
}

/// Ends the outgoing secret with these last four characters before its time.
///
/// Errors with [`Rule::NoOverlap`] when that one no longer works anyway: after a further rotation another secret is
/// the outgoing one, and nobody meant that.
pub async fn retire(
    app: &App,
    caller: &Caller,
    account: AccountId,
    id: PublicId,
    last4: String,
) -> Result<(), AppError> {
    let work = move |connection: &mut DbConnection, caller: &Caller, token: &Token, now: PrimitiveDateTime| {
        let before = token.overlap(now).map(|rotation| Expiry::At(rotation.until));
        if !store::tokens::retire_previous(connection, token.id, &last4, now)? {
            find_live(connection, token.account, token.public_id)?;
            return Err(Rule::NoOverlap.into());
        }
        let before = before.unwrap_or(Expiry::At(now));
        let changes = Change::between("overlap", before, Expiry::At(now));
        let changes = changes.into_iter().collect();
        let event = event(caller, now, Action::TokenSecretRetired, token, changes);
        store::audit::insert(connection, &event)?;
        Ok(())
    };
    change(app, caller, Act::StopTokens, (account, id), work).await
}
