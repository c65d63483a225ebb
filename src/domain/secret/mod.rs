//! The secret of a token: its format, its checksum, its digest, and how it is kept out of texts.
//!
//! ```text
//! lk_ | 8 public id | _ | 32 secret | 6 checksum          50 characters, base62 but for the underscores
//! ```
//!
//! The public id names the token and may be shown. The 32 secret characters carry 190.5 bits. The checksum is the CRC-32
//! (IEEE) of the 44 characters before it as a base62 number, padded with `0`: it tells a mistyped or cut token from a
//! wrong one without a look-up, and lets scanners tell a token from a look-alike. It protects nothing.
//!
//! Knows neither where digests are stored nor where keys and randomness come from.

mod digest;
mod mention;
mod public_id;
mod redact;

use std::fmt;

use zeroize::Zeroizing;

pub use self::{
    digest::{DigestKey, KeyId, MalformedDigest, MalformedKeyId, SecretDigest, digest},
    mention::{MOST_MENTIONS, Mention, mentions},
    public_id::{MalformedPublicId, PublicId},
    redact::{holds_token, looks_like_token, redact},
};

/// The 62 characters of public ids, secrets and checksums, in the order of their values.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What every token begins with, so that people and scanners know it for what it is.
pub const PREFIX: &str = "lk_";
/// How many characters a whole token has.
pub const TOKEN_LENGTH: usize = 50;
const SECRET_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 6;
const CHECKSUM_START: usize = TOKEN_LENGTH - CHECKSUM_LENGTH;
const ID_START: usize = PREFIX.len();
const SECOND_UNDERSCORE: usize = ID_START + PublicId::LENGTH;

/// The whole text of a token, as its holder has it. There is no way to print it but [`TokenSecret::expose`]; its memory
/// is overwritten when it is dropped.
pub struct TokenSecret {
    id: PublicId,
    // On the heap, because a value that moves on the stack leaves copies behind that nobody overwrites.
    text: Zeroizing<Box<str>>,
}

/// Why a text is not a token: which of the checks it fails first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It does not have 50 characters.
    #[error("a token has {TOKEN_LENGTH} characters")]
    Length,
    /// It does not begin with `lk_`, or the second underscore is not in its place.
    #[error("a token has the form lk_id_secret")]
    Form,
    /// A character other than `0-9A-Za-z`.
    #[error("a token has letters and digits only")]
    Character,
    /// The checksum is not that of the rest: mistyped, or cut and joined wrongly.
    #[error("the token's checksum is wrong")]
    Checksum,
}

impl TokenSecret {
    /// Makes the secret of the token that `id` names. `random` is asked once for that many base62 characters, each drawn
    /// with the same chance from a generator fit for secrets.
    ///
    /// # Panics
    /// When `random` gives another number of characters, or other characters.
    pub fn mint(id: PublicId, random: impl FnOnce(usize) -> String) -> Self {
        let secret = Zeroizing::new(random(SECRET_LENGTH));
        assert!(
            secret.len() == SECRET_LENGTH && secret.bytes().all(is_base62),
            "randomness comes as 32 base62 characters"
        );
        let mut text = String::with_capacity(TOKEN_LENGTH);
        text.extend([PREFIX, id.as_str(), "_", &secret]);
        let checksum = checksum(text.as_bytes());
        text.extend(checksum.map(char::from));
        Self {
            id,
            text: Zeroizing::new(text.into_boxed_str()),
        }
    }

    /// Reads a token. Nothing is allocated before all of it is found to be well formed. White space is not trimmed.
    ///
    /// # Errors
    /// The first check that it fails: length, form, characters, checksum.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let bytes: &[u8; TOKEN_LENGTH] = text.as_bytes().try_into().map_err(|_| FormatError::Length)?;
        let (body, given) = bytes.split_at(CHECKSUM_START);
        if !body.starts_with(PREFIX.as_bytes()) || body[SECOND_UNDERSCORE] != b'_' {
            return Err(FormatError::Form);
        }
        let (id, secret) = (&body[ID_START..SECOND_UNDERSCORE], &body[SECOND_UNDERSCORE + 1..]);
        let id = id
            .try_into()
            .ok()
            .and_then(PublicId::from_base62)
            .ok_or(FormatError::Character)?;
        if !secret.iter().chain(given).copied().all(is_base62) {
            return Err(FormatError::Character);
        }
        if checksum(body) != given {
            return Err(FormatError::Checksum);
        }
        Ok(Self {
            id,
            text: Zeroizing::new(text.into()),
        })
    }

    /// The whole token, to be sent to its owner once and never to be stored or logged.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The id that names the token, which may be shown.
    pub fn public_id(&self) -> PublicId {
        self.id
    }

    /// The last four characters, by which its owner can tell one secret of a token from another. They belong to the
    /// checksum and may be shown: the secret keeps 166 of its 190 bits.
    pub fn last4(&self) -> &str {
        &self.text[TOKEN_LENGTH - 4..]
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret")
    }
}

fn is_base62(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// The CRC-32 of `body` as six base62 digits: 62^6 is 13 times 2^32, so it always fits.
fn checksum(body: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = usize::try_from(crc32fast::hash(body)).expect("32 bits fit a usize");
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.as_bytes()[rest % BASE62.len()];
        rest /= BASE62.len();
    }
    digits
}

#[cfg(test)]
mod tests;
