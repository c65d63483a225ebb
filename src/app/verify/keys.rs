//! The keys of digests, also those that were added to the key file while the server runs.

use time::Duration;

use crate::{
    app::{App, AppError},
    domain::secret::{KeyId, Kind, Secret, SecretDigest, digest},
    keyring::{Keyring, KeyringError},
};

/// The file is read at most so often because of a digest whose key is missing.
const FIND_EVERY: Duration = Duration::seconds(2);

impl App {
    /// Reads the key file again and uses the keys that it has now; returns whether they are others than before.
    ///
    /// Does nothing where the keys come from the settings, or where there is no file.
    pub fn reread_keys(&self) -> Result<bool, KeyringError> {
        if self.settings.server_key.is_some() {
            return Ok(false);
        }
        let Some(read) = Keyring::open(&self.settings.key_file())? else {
            return Ok(false);
        };
        let same = read.ids().eq(self.keyring().ids());
        if !same {
            tracing::info!(key = %read.current().0, "the keys of the key file are in use");
            self.replace_keyring(read);
        }
        Ok(!same)
    }

    /// Reads the key file again because a key is missing, unless that was just done.
    pub(in crate::app) fn find_new_keys(&self) {
        let now = self.now();
        {
            let mut sought = self
                .keys_sought
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            // A clock that was set back must not keep the file from being read.
            if sought.is_some_and(|at| at <= now && now - at < FIND_EVERY) {
                return;
            }
            *sought = Some(now);
        }
        if let Err(error) = self.reread_keys() {
            tracing::error!(%error, "the key file cannot be read");
        }
    }

    /// Whether `secret` is the one whose digest and key are `known`. Without these it is compared all the same, with a
    /// digest that no secret has. A key that the keyring lacks may have been added to the file since.
    pub(in crate::app) fn is_secret_of<K: Kind>(
        &self,
        known: Option<(SecretDigest, &KeyId)>,
        secret: &Secret<K>,
    ) -> Result<bool, AppError> {
        let look = || {
            let keyring = self.keyring();
            let (expected, key) = match known {
                Some((digest, key)) => (digest, keyring.find(key)?),
                None => (SecretDigest::NOBODY, keyring.current().1),
            };
            Some(digest(key, secret) == expected)
        };
        let again = || {
            self.find_new_keys();
            look()
        };
        look().or_else(again).ok_or_else(|| {
            let (prefix, id) = (K::PREFIX, secret.public_id());
            AppError::Key(format!("the key of the digest of {prefix}{id} is not in the key file"))
        })
    }
}
