//! From the text that somebody presents to the token that it is the secret of, and from there to a decision.
//!
//! The order: form and checksum, without the database; one look-up by public id; digests compared in constant time.
//! Whatever fails on that way is one answer, [`Unverified::Nobody`], after the same work. Knows no HTTP: where the text
//! and the address come from is the web layer's.

mod decide;
mod keys;

use std::{net::IpAddr, pin::pin, task::Poll, time::Duration};

use time::PrimitiveDateTime;

use super::{App, AppError, reuse, usage};
use crate::{
    catalogue::Catalogue,
    domain::{
        permission::{Actor, TokenPowers},
        scope::ScopeSet,
        secret::{DigestKey, SecretDigest, TokenSecret, digest},
        site::SiteName,
        token::Token,
        usage::SecretGeneration,
    },
    keyring::Keyring,
    store::{self, StoreError, tokens::TokenStanding},
};

pub use decide::{Asked, Ruling, decide_for, standing, standing_for_a_call};

use decide::{Calls, Wish};

/// How long the database may take. Whoever asks for a decision gets a refusal within 2 seconds, never a late "yes".
const PATIENCE: Duration = Duration::from_millis(1_800);

/// A token whose secret was presented. That it is the right one says nothing of whether the token may be used: that is
/// for [`standing`], [`decide_for`] and [`answer`] to say.
#[derive(Debug)]
pub struct Verified {
    /// The token, its account and its plan, as the database has them now.
    pub known: TokenStanding,
    /// Which of its secrets was presented.
    pub generation: SecretGeneration,
}

/// Why there is no token to speak of.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// The text is no token's secret: malformed, unknown, wrong, or its account was removed. Which of these, nobody is
    /// told.
    #[error("no token has this secret")]
    Nobody,
    /// It could not be found out: the database or a key is out of reach. Never to be taken for a "yes".
    #[error("the token could not be checked")]
    Unchecked(#[source] AppError),
}

impl Verified {
    /// The token.
    pub fn token(&self) -> &TokenStanding {
        &self.known
    }

    /// Its holder as somebody who asks for something.
    pub fn actor(&self, catalogue: &Catalogue) -> Actor {
        let token = self.token();
        Actor::Token {
            id: token.id,
            public_id: token.public_id,
            name: token.name.clone(),
            account: token.account,
            powers: powers(catalogue, &token.scopes, &token.plan_scopes, self.generation),
        }
    }

    /// Everything that there is to show of the token.
    pub async fn whole(&self, app: &App) -> Result<Token, AppError> {
        let (account, id) = (self.known.account, self.known.public_id);
        let reading = app
            .store
            .read(move |connection| store::tokens::find(connection, account, &id));
        patiently(reading).await?.ok_or(AppError::NotFound)
    }
}

/// What the holder of a token's secret may do with the tokens of its account.
pub(in crate::app) fn powers(
    catalogue: &Catalogue,
    scopes: &ScopeSet,
    plan_scopes: &ScopeSet,
    generation: SecretGeneration,
) -> TokenPowers {
    let held = catalogue.closure(scopes).intersection(&catalogue.closure(plan_scopes));
    let holds = |text: &str| held.iter().any(|scope| scope.as_str() == text);
    let manages = holds(TokenPowers::MANAGE);
    TokenPowers {
        read: manages || holds(TokenPowers::READ),
        manage: manages && generation == SecretGeneration::Current,
    }
}

/// Finds the token that `presented` is the secret of, the one that it has or the outgoing one of a rotation.
pub async fn verify(app: &App, presented: &str) -> Result<Verified, Unverified> {
    let secret = TokenSecret::parse(presented).map_err(|_| Unverified::Nobody)?;
    check(app, &secret, None).await
}

/// A decided request: the token that it was made with, and what came of it.
#[derive(Debug)]
pub struct Answered {
    /// The token.
    pub verified: Verified,
    /// The decision, and what it was about.
    pub ruling: Ruling,
}

/// Decides a request made with `presented` from the address `from`, and counts it.
///
/// This is the way from a text to an answer for everything that enforces: it is never a "yes" that the database did not
/// give after the request began. The database is read once.
pub async fn answer(app: &App, presented: &str, from: IpAddr, asked: Asked<'_>) -> Result<Answered, Unverified> {
    let secret = TokenSecret::parse(presented).map_err(|_| Unverified::Nobody)?;
    let wish = Wish::of(&app.catalogue, asked);
    let verified = check(app, &secret, wish.site())
        .await
        .inspect_err(|why| reuse::unknown(app, presented, from, why))?;
    let ruling = wish.rule(app, &verified, verified.known.owns_site, (from, Calls::Limited));
    usage::note(app, &verified, &ruling, from, "");
    Ok(Answered { verified, ruling })
}

/// The token that a secret's id names, if it is its secret.
async fn check(app: &App, secret: &TokenSecret, site: Option<&SiteName>) -> Result<Verified, Unverified> {
    let (known, compared) = look_up(app, secret, site).await.map_err(Unverified::Unchecked)?;
    match (known, compared) {
        (Some(known), Compared::Same(generation)) if !known.removed => Ok(Verified { known, generation }),
        (known, Compared::KeyIsGone) => {
            let id = known.map_or_else(String::new, |known| known.public_id.to_string());
            let gone = format!("the key of a digest of token {id} is not in the key file");
            Err(Unverified::Unchecked(AppError::Key(gone)))
        }
        _ => Err(Unverified::Nobody),
    }
}

/// What comes of comparing a secret with the digests of the token that its id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// It is this one of the token's secrets.
    Same(SecretGeneration),
    /// It is none of them.
    Other,
    /// The keyring lacks the key of a digest.
    KeyIsGone,
}

/// Finds the token that a secret's id names, whatever has become of its account, and compares the secret.
pub(super) async fn look_up(
    app: &App,
    secret: &TokenSecret,
    site: Option<&SiteName>,
) -> Result<(Option<TokenStanding>, Compared), AppError> {
    let known = patiently(app.store.token_standing(secret.public_id(), site)).await?;
    let compared = compare(app, known.as_ref(), secret);
    Ok((known, compared))
}

/// What the database says, if it says so in time.
pub(in crate::app) async fn patiently<T>(reading: impl Future<Output = Result<T, StoreError>>) -> Result<T, AppError> {
    let mut reading = pin!(reading);
    // SQLite answers at once: no alarm has to be set for it.
    if let Poll::Ready(read) = futures_util::poll!(reading.as_mut()) {
        return Ok(read?);
    }
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(read) => Ok(read?),
        Err(elapsed) => Err(StoreError::Unreachable(elapsed.into()).into()),
    }
}

/// Which of the token's secrets was presented. A key that the keyring lacks may have been added to the file since.
fn compare(app: &App, known: Option<&TokenStanding>, secret: &TokenSecret) -> Compared {
    let look = || {
        let keyring = app.keyring();
        let expected = Expected::of(known, &keyring, app.now())?;
        let generation = expected.generation(|key| digest(key, secret));
        Some(generation.map_or(Compared::Other, Compared::Same))
    };
    look().unwrap_or_else(|| {
        app.find_new_keys();
        look().unwrap_or(Compared::KeyIsGone)
    })
}

/// The digests that a secret is compared with: always two, so that an unknown id, a wrong secret and a rotation under
/// way cost the same.
struct Expected<'a> {
    current: (SecretDigest, &'a DigestKey),
    previous: (SecretDigest, &'a DigestKey),
}

impl<'a> Expected<'a> {
    /// `None` when the keyring lacks a key of a secret that may still count.
    fn of(known: Option<&TokenStanding>, keyring: &'a Keyring, now: PrimitiveDateTime) -> Option<Self> {
        let nobody = (SecretDigest::NOBODY, keyring.current().1);
        let Some(known) = known else {
            return Some(Self {
                current: nobody,
                previous: nobody,
            });
        };
        let previous = match &known.outgoing {
            None => nobody,
            Some(outgoing) => match keyring.find(&outgoing.key) {
                Some(key) => (outgoing.digest, key),
                None if known.overlap(now).is_some() => return None,
                None => nobody,
            },
        };
        Some(Self {
            current: (known.digest, keyring.find(&known.key)?),
            previous,
        })
    }

    fn generation(&self, mut digest: impl FnMut(&DigestKey) -> SecretDigest) -> Option<SecretGeneration> {
        let current = digest(self.current.1) == self.current.0;
        let previous = digest(self.previous.1) == self.previous.0;
        match (current, previous) {
            (true, _) => Some(SecretGeneration::Current),
            (false, true) => Some(SecretGeneration::Previous),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests;
