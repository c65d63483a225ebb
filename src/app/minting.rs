//! Making secrets: with a public id that nothing has yet, and their digest under the server's newest key.

use super::{App, AppError};
use crate::{
    clock::Clock,
    domain::secret::{DigestKey, KeyId, Kind, PublicId, Secret, SecretDigest, digest},
};

/// So many public ids are tried: one in 2e14 is taken.
const TRIES: usize = 4;

/// What secrets are made with.
pub(super) struct Minting {
    clock: Clock,
    key_id: KeyId,
    key: DigestKey,
}

/// What is stored of a secret.
pub(super) struct Stored {
    /// The public id that it names.
    pub(super) public_id: PublicId,
    /// Its digest.
    pub(super) digest: SecretDigest,
    /// The key under which the digest was made.
    pub(super) key: KeyId,
    /// Its last four characters.
    pub(super) last4: String,
}

impl Minting {
    /// With the newest key that there is now.
    pub(super) fn of(app: &App) -> Self {
        let keyring = app.keyring();
        let (key_id, key) = keyring.current();
        Self {
            clock: app.clock.clone(),
            key_id: key_id.clone(),
            key: key.clone(),
        }
    }

    /// Makes a secret. `insert` stores what is to be kept of it, or says with nothing that its public id is taken.
    pub(super) fn insert<K: Kind, T>(
        &self,
        mut insert: impl FnMut(Stored) -> Result<Option<T>, AppError>,
    ) -> Result<(T, Secret<K>), AppError> {
        for _ in 0..TRIES {
            let random = |length| self.clock.random_base62(length);
            let secret = Secret::mint(PublicId::mint(random), random);
            let stored = Stored {
                public_id: secret.public_id(),
                digest: digest(&self.key, &secret),
                key: self.key_id.clone(),
                last4: secret.last4().to_owned(),
            };
            if let Some(made) = insert(stored)? {
                return Ok((made, secret));
            }
        }
        Err(AppError::Key("no public id is free".to_owned()))
    }
}
