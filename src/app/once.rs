//! Doing a thing once, however often a program asks for it: a key that the program chose names the act.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::{Duration, PrimitiveDateTime};

use super::{App, AppError, Caller, Rule};
use crate::store::{self, DbConnection, once::Act};

/// For so long at least is a key known again.
pub const KEPT: Duration = Duration::days(1);

/// What became of an act that makes something.
#[derive(Clone, Debug)]
pub enum Made<T> {
    /// It was made.
    New(T),
    /// The same act has made it before; as it is now.
    Before(T),
}

/// Names one act: the same key of the same caller never does it twice.
#[derive(Clone, Debug)]
pub struct Once(Act);

impl Once {
    /// The act that `key` names for this caller, who sent `content` with it.
    pub fn new(app: &App, caller: &Caller, key: &str, content: &[u8]) -> Self {
        let secret = app.keyring().derive("idempotency");
        let digest = |text: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("HMAC takes a key of any length");
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        };
        let party = caller.token_party();
        Self(Act {
            caller: format!("{}:{}", party.kind, party.id),
            key: digest(key.as_bytes()),
            content: digest(content),
        })
    }

    /// Claims the act for the transaction; the public id of what was made when it was done before.
    ///
    /// Errors with [`Rule::KeyReused`] when something else was done under this key.
    pub(in crate::app) fn claim(
        &self,
        connection: &mut DbConnection,
        now: PrimitiveDateTime,
    ) -> Result<Option<String>, AppError> {
        match store::once::claim(connection, &self.0, now)? {
            None => Ok(None),
            Some(done) if done.content == self.0.content => Ok(Some(done.made)),
            Some(_) => Err(Rule::KeyReused.into()),
        }
    }

    /// Notes what came of the act that the transaction has claimed.
    pub(in crate::app) fn fulfil(&self, connection: &mut DbConnection, made: &str) -> Result<(), AppError> {
        Ok(store::once::fulfil(connection, &self.0, made)?)
    }
}
