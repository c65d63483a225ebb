//! What is stored of a secret: a digest under a key that is not in the database.
//!
//! A random secret of 190 bits needs no slow hash (ASVS 5.0, 6.5.2). The key keeps somebody who can write to the database
//! from adding a token of their own, and a leaked database from confirming a leaked token.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Kind, Secret};

/// The key of digests, made of 32 bytes: what a digest begins with, so that none takes the key in anew. Overwritten when it
/// is dropped, and printed by no `Debug`.
#[derive(Clone)]
pub struct DigestKey(Hmac<Sha256>);

impl DigestKey {
    /// The key of these bytes, which come from a generator fit for secrets.
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let key = Hmac::new_from_slice(&bytes).expect("HMAC takes a key of any length");
        bytes.zeroize();
        Self(key)
    }

    /// The HMAC-SHA-256 (RFC 2104) of the parts one after the other. The first part says what it is for and ends with a
    /// zero byte, so that no two uses of one key meet.
    pub(crate) fn mac(&self, parts: [&[u8]; 2]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// By what it is made of: without the hash's feature for it this does not compile.
impl ZeroizeOnDrop for DigestKey {}

const _: fn() = || {
    fn overwrites<T: ZeroizeOnDrop>() {}
    overwrites::<Sha256>();
};

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey")
    }
}

/// The name of a key, stored beside each digest that was made with it: 1 to 16 characters of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

/// A text that is not the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's id is 1 to 16 characters of a-z, 0-9 and -")]
pub struct MalformedKeyId;

impl KeyId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = MalformedKeyId;

    fn from_str(text: &str) -> Result<Self, MalformedKeyId> {
        let letters = text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if letters && (1..=16).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedKeyId)
        }
    }
}

impl TryFrom<String> for KeyId {
    type Error = MalformedKeyId;

    fn try_from(text: String) -> Result<Self, MalformedKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is stored of a secret. Two are compared in a time that does not depend on where they differ.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

/// A stored digest that does not have 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 32 bytes")]
pub struct MalformedDigest;

impl SecretDigest {
    /// A digest that no secret has, to compare with when nothing has the id: an unknown id costs what a wrong secret
    /// costs.
    pub const NOBODY: Self = Self([0; 32]);

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for SecretDigest {
    type Error = MalformedDigest;

    fn try_from(bytes: &[u8]) -> Result<Self, MalformedDigest> {
        bytes.try_into().map(Self).map_err(|_| MalformedDigest)
    }
}

impl PartialEq for SecretDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretDigest {}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest")
    }
}

/// The digest of a secret's whole text under `key`.
pub fn digest<K: Kind>(key: &DigestKey, secret: &Secret<K>) -> SecretDigest {
    SecretDigest(key.mac([K::DIGEST, secret.expose().as_bytes()]))
}
