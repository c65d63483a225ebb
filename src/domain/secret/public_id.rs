//! The public id of a token: what names it in lists, addresses and logs. It grants nothing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::is_base62;

/// Eight base62 characters: 2.2e14 values. Never used again, not even after its token was revoked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicId([u8; PublicId::LENGTH]);

/// A text that is not eight characters of `0-9A-Za-z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the public id of a token")]
pub struct MalformedPublicId;

impl PublicId {
    /// How many characters an id has.
    pub const LENGTH: usize = 8;

    /// Draws an id. `random` is asked once for that many base62 characters, each drawn with the same chance. Whether the
    /// id is still free only the store can tell.
    ///
    /// # Panics
    /// When `random` gives another number of characters, or other characters.
    pub fn mint(random: impl FnOnce(usize) -> String) -> Self {
        random(Self::LENGTH)
            .parse()
            .expect("randomness comes as 8 base62 characters")
    }

    /// The id as text.
    #[expect(clippy::missing_panics_doc, reason = "an id is ASCII whatever made it")]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base62 is UTF-8")
    }

    /// The id as one number: its characters as bytes, the first one the highest. Greater than 0, and in the order of the
    /// texts.
    pub fn number(&self) -> i64 {
        i64::from_be_bytes(self.0)
    }

    /// The id of these characters if they are all base62.
    pub(super) fn from_base62(characters: [u8; Self::LENGTH]) -> Option<Self> {
        characters.into_iter().all(is_base62).then_some(Self(characters))
    }
}

impl FromStr for PublicId {
    type Err = MalformedPublicId;

    fn from_str(text: &str) -> Result<Self, MalformedPublicId> {
        text.as_bytes()
            .try_into()
            .ok()
            .and_then(Self::from_base62)
            .ok_or(MalformedPublicId)
    }
}

impl TryFrom<String> for PublicId {
    type Error = MalformedPublicId;

    fn try_from(text: String) -> Result<Self, MalformedPublicId> {
        text.parse()
    }
}

impl From<PublicId> for String {
    fn from(id: PublicId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicId({self})")
    }
}
