//! Secrets that no longer work and are presented all the same: whoever has one of them is forgotten, or should not have it.
//! The owner of the token is told.
//!
//! A call is noted in memory and costs its answer nothing that can be seen; every few seconds it is written. Of a text
//! that is the secret of no token nobody knows at first whether a rotation replaced it: that is looked up when it is
//! written, so that the answer takes as long for an id that exists as for one that does not.

mod meter;

use std::{collections::HashMap, net::IpAddr};

use time::PrimitiveDateTime;

use super::{
    App, AppError, Caller,
    verify::{Ruling, Unverified, Verified},
};
use crate::{
    domain::{
        audit::{Action, Change, NewEvent, Party},
        decision::Reason,
        id::TokenId,
        mail::NEWS,
        permission::{Act, Actor, TokenPowers},
        reuse::{Ended, KEPT, Reuse},
        secret::{PublicId, TokenSecret, digest},
        token::Token,
    },
    store::{self, DbConnection, StoreError},
};

pub use self::meter::ReuseMeter;
use self::meter::{Count, Sought};

/// Tokens of one transaction at most: the one writer of SQLite is not to be kept from others for long.
const CHUNK: usize = 50;
/// Ids of one query at most.
const LOOKED_UP_AT_ONCE: usize = 500;

/// Notes a refused call, if it was refused because its secret has ended. A paused token has not.
pub fn refused(app: &App, verified: &Verified, ruling: &Ruling, from: IpAddr) {
    let mut refusals = ruling.decision.refusals().iter();
    let ended = refusals.find_map(|refusal| match refusal.reason() {
        Reason::Revoked => Some(Ended::Revoked),
        Reason::Expired => Some(Ended::Expired),
        Reason::SecretReplaced => Some(Ended::Replaced),
        _ => None,
    });
    if let Some(ended) = ended {
        app.reuse
            .see(verified.token().id, ended, Some(from), Count::one(app.now()));
    }
}

/// Notes a text that is the secret of no token now: it may have been one. Does nothing with what could not be checked.
pub fn unknown(app: &App, presented: &str, from: IpAddr, why: &Unverified) {
    let Unverified::Nobody = why else { return };
    let Ok(secret) = TokenSecret::parse(presented) else {
        return;
    };
    let keyring = app.keyring();
    let digests = keyring.ids().filter_map(|id| {
        let key = keyring.find(id)?;
        Some((id.clone(), digest(key, &secret)))
    });
    let sought = Sought {
        id: secret.public_id(),
        digests: digests.collect(),
        from,
    };
    app.reuse.seek(sought, Count::one(app.now()));
}

impl ReuseMeter {
    /// Writes what was noted since the last time, and tells the owners. What cannot be written is kept for the next time.
    pub async fn flush(&self, app: &App) -> Result<(), AppError> {
        self.recognise(app).await?;
        let seen = self.take();
        let tokens: Vec<&[Reuse]> = seen.chunk_by(|one, other| one.token == other.token).collect();
        let mut failed = None;
        for chunk in tokens.chunks(CHUNK) {
            let rows: Vec<Reuse> = chunk.concat();
            let written = rows.clone();
            if let Err(error) = app.store.write(move |connection| write(connection, &written)).await {
                self.put_back(&rows);
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(AppError::Store(error)))
    }

    /// Looks for the secrets that rotations replaced among what was presented in vain.
    async fn recognise(&self, app: &App) -> Result<(), AppError> {
        let sought = self.take_sought();
        let mut ids: Vec<PublicId> = sought.iter().map(|(sought, _)| sought.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut known: HashMap<PublicId, Vec<store::reuse::OldSecret>> = HashMap::new();
        for ids in ids.chunks(LOOKED_UP_AT_ONCE) {
            let ids = ids.to_vec();
            let found = app
                .store
                .read(move |connection| store::reuse::list_old(connection, &ids));
            match found.await {
                Ok(found) => {
                    for secret in found {
                        known.entry(secret.public_id).or_default().push(secret);
                    }
                }
                Err(error) => {
                    for (sought, count) in sought {
                        self.seek(sought, count);
                    }
                    return Err(AppError::Store(error));
                }
            }
        }
        for (sought, count) in sought {
            let token = known.get(&sought.id).and_then(|secrets| sought.find_in(secrets));
            if let Some(token) = token {
                self.see(token, Ended::Replaced, Some(sought.from), count);
            }
        }
        Ok(())
    }
}

/// What there is to say of some tokens, by token, the latest first.
pub(in crate::app) fn list(
    connection: &mut DbConnection,
    tokens: &[Token],
    now: PrimitiveDateTime,
) -> Result<HashMap<TokenId, Vec<Reuse>>, StoreError> {
    let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
    let mut listed: HashMap<TokenId, Vec<Reuse>> = HashMap::new();
    for calls in store::reuse::list(connection, &ids, now - KEPT)? {
        let token = tokens.iter().find(|token| token.id == calls.token);
        if token.is_some_and(|token| calls.matters(token, now)) {
            listed.entry(calls.token).or_default().push(calls);
        }
    }
    Ok(listed)
}

/// What there is to say of one token, whoever's it is, the latest first.
pub async fn of_token(app: &App, caller: &Caller, token: &Token) -> Result<Vec<Reuse>, AppError> {
    caller.may(Act::View, Some(token.account))?;
    let (token, now) = (token.clone(), app.now());
    app.store
        .read(move |connection| {
            let mut listed = list(connection, std::slice::from_ref(&token), now)?;
            Ok(listed.remove(&token.id).unwrap_or_default())
        })
        .await
}

/// Adds rows of several tokens, each token's side by side, with the events of what is new.
fn write(connection: &mut DbConnection, rows: &[Reuse]) -> Result<(), StoreError> {
    for rows in rows.chunk_by(|one, other| one.token == other.token) {
        let Some(first) = rows.first() else { continue };
        let news = store::reuse::add(connection, first.token, rows)?;
        if !news.first_of_day.is_empty() {
            tell(connection, first.token, rows, &news)?;
        }
    }
    Ok(())
}

fn tell(
    connection: &mut DbConnection,
    token: TokenId,
    rows: &[Reuse],
    news: &store::reuse::News,
) -> Result<(), StoreError> {
    if let Some(token) = store::tokens::find_row(connection, token)? {
        for event in events(&token, rows, news) {
            store::audit::insert(connection, &event)?;
        }
    }
    Ok(())
}

/// The events of what is new, one for each kind.
pub(in crate::app) fn events(token: &Token, rows: &[Reuse], news: &store::reuse::News) -> Vec<NewEvent> {
    let mut events = Vec::new();
    for (place, ended) in news.first_of_day.iter().enumerate() {
        let of_kind = rows.iter().filter(|row| row.ended == *ended);
        let Some(first) = of_kind.min_by_key(|row| row.first_at) else {
            continue;
        };
        let caller = Caller {
            actor: Actor::Token {
                id: token.id,
                public_id: token.public_id,
                name: token.name.to_string(),
                account: token.account,
                powers: TokenPowers::NONE,
            },
            address: first.address.parse().ok(),
            ..Caller::system()
        };
        let mut changes = vec![Change::new("secret", ended.code())];
        // One mail a day, however many kinds there are.
        changes.extend((news.worth_a_mail && place == 0).then(|| Change::new(NEWS, "yes")));
        let target = Party::new("token", token.public_id, &token.name);
        let action = Action::TokenSecretReused;
        events.push(caller.event(first.first_at, action, Some(token.account), target, changes));
    }
    events
}

#[cfg(test)]
mod tests;
