//! The secrets of tokens, of service credentials and of staff members' tokens: their format, their checksum, their digest, and how they are kept
//! out of texts.
//!
//! ```text
//! lk_  | 8 public id | _ | 32 secret | 6 checksum         a token: 50 characters, base62 but for the underscores
//! lks_ | 8 public id | _ | 32 secret | 6 checksum         a service credential: 51 characters
//! lka_ | 8 public id | _ | 32 secret | 6 checksum         a staff member's token: 51 characters
//! ```
//!
//! The public id names the token and may be shown. The 32 secret characters carry 190.5 bits. The checksum is the CRC-32
//! (IEEE) of all characters before it as a base62 number, padded with `0`: it tells a mistyped or cut token from a
//! wrong one without a look-up, and lets scanners tell a token from a look-alike. It protects nothing.
//!
//! The kinds are types of their own, begin differently and have digests that never meet: none can pass for another.
//!
//! Knows neither where digests are stored nor where keys and randomness come from.

mod digest;
mod kind;
mod mention;
mod public_id;
mod redact;
mod whole;

use std::{fmt, marker::PhantomData};

use zeroize::Zeroizing;

pub use self::{
    digest::{DigestKey, KeyId, MalformedDigest, MalformedKeyId, SecretDigest, digest},
    kind::{Kind, OfService, OfStaff, OfToken, Reported},
    mention::{MOST_MENTIONS, Mention, mentions},
    public_id::{MalformedPublicId, PublicId},
    redact::{holds_token, looks_like_token, redact},
    whole::{WholeToken, whole_tokens},
};

/// The 62 characters of public ids, secrets and checksums, in the order of their values.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What every token begins with, so that people and scanners know it for what it is.
pub const PREFIX: &str = OfToken::PREFIX;
/// How many characters a whole token has.
pub const TOKEN_LENGTH: usize = length_of(OfToken::PREFIX);
/// How many of them are the secret itself.
pub const SECRET_LENGTH: usize = 32;
/// How many of them, the last ones, are the checksum.
pub const CHECKSUM_LENGTH: usize = 6;
/// A token that is none: of the right form and with the right checksum, to be shown where one has to be shown.
pub const EXAMPLE: &str = OfToken::EXAMPLE;

/// The whole text of a secret of any kind, as its holder has it. There is no way to print it but
/// [`Secret::expose`]; its memory is overwritten when it is dropped.
pub struct Secret<K> {
    id: PublicId,
    // On the heap, because a value that moves on the stack leaves copies behind that nobody overwrites.
    text: Zeroizing<Box<str>>,
    kind: PhantomData<K>,
}

/// The secret of a token.
pub type TokenSecret = Secret<OfToken>;
/// The secret of a service credential.
pub type ServiceSecret = Secret<OfService>;
/// The secret of a staff member's token.
pub type StaffSecret = Secret<OfStaff>;

/// How many characters a secret that begins with `prefix` has.
const fn length_of(prefix: &str) -> usize {
    prefix.len() + PublicId::LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH
}

/// Why a text is not a token: which of the checks it fails first. Of the other kinds nobody is told which.
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

impl<K: Kind> Secret<K> {
    /// How many characters a whole one has.
    pub const LENGTH: usize = length_of(K::PREFIX);
    const CHECKSUM_START: usize = Self::LENGTH - CHECKSUM_LENGTH;
    const ID_START: usize = K::PREFIX.len();
    const UNDERSCORE: usize = Self::ID_START + PublicId::LENGTH;

    /// Makes the secret of what `id` names. `random` is asked once for that many base62 characters, each drawn with the
    /// same chance from a generator fit for secrets.
    ///
    /// # Panics
    /// When `random` gives another number of characters, or other characters.
    pub fn mint(id: PublicId, random: impl FnOnce(usize) -> String) -> Self {
        let secret = Zeroizing::new(random(SECRET_LENGTH));
        assert!(
            secret.len() == SECRET_LENGTH && secret.bytes().all(is_base62),
            "randomness comes as 32 base62 characters"
        );
        let mut text = String::with_capacity(Self::LENGTH);
        text.extend([K::PREFIX, id.as_str(), "_", &secret]);
        let checksum = checksum(text.as_bytes());
        text.extend(checksum.map(char::from));
        Self {
            id,
            text: Zeroizing::new(text.into_boxed_str()),
            kind: PhantomData,
        }
    }

    /// Reads a secret of this kind. Nothing is allocated before all of it is found to be well formed. White space is not
    /// trimmed.
    ///
    /// # Errors
    /// The first check that it fails: length, form, characters, checksum.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let bytes = text.as_bytes();
        if bytes.len() != Self::LENGTH {
            return Err(FormatError::Length);
        }
        let (body, given) = bytes.split_at(Self::CHECKSUM_START);
        if !body.starts_with(K::PREFIX.as_bytes()) || body[Self::UNDERSCORE] != b'_' {
            return Err(FormatError::Form);
        }
        let (id, secret) = (&body[Self::ID_START..Self::UNDERSCORE], &body[Self::UNDERSCORE + 1..]);
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
            kind: PhantomData,
        })
    }

    /// The whole secret, to be sent to its owner once and never to be stored or logged.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The id that names what it is the secret of, which may be shown.
    pub fn public_id(&self) -> PublicId {
        self.id
    }

    /// The last four characters, by which its owner can tell one secret from another. They belong to the checksum and
    /// may be shown: the secret keeps 166 of its 190 bits.
    pub fn last4(&self) -> &str {
        &self.text[Self::LENGTH - 4..]
    }
}

impl<K: Kind> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(K::NAME)
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
