//! Links that are sent to somebody and work once: what they are for, how long they live, and what makes one secret.
//!
//! ```text
//! 12 public id | 22 of a MAC          base64url
//! ```
//!
//! The public id names the link and may be stored. The MAC is computed from everything that the link means, under a key
//! that is not in the database: a copy of the database holds no link that works, and nobody who can write there makes
//! one. Knows neither who gets a link nor where it leads.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use time::{Duration, PrimitiveDateTime};

use super::{
    id::{LoginId, PUBLIC_ID_LENGTH},
    secret::DigestKey,
};

/// Bytes of the MAC in a link: 128 bits cannot be guessed through.
const MAC_BYTES: usize = 16;
/// Characters of the MAC in a link.
const MAC_LENGTH: usize = 22;
/// Says in the input of the MAC what it is for.
const KIND_AND_VERSION: &[u8] = b"latchkey link v1\0";

/// What a link is for. A link does nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody who has no password yet chooses one.
    Invitation,
    /// Somebody who has a password chooses another.
    PasswordReset,
    /// Somebody shows that an e-mail address is theirs.
    EmailChange,
    /// Somebody is signed in, without a password.
    SignIn,
}

/// The text names no [`Purpose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link has no such purpose")]
pub struct UnknownPurpose;

impl Purpose {
    /// How long a link works.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(3),
            Self::PasswordReset => Duration::minutes(60),
            Self::EmailChange => Duration::hours(24),
            Self::SignIn => Duration::seconds(60),
        }
    }

    /// The stored form.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password-reset",
            Self::EmailChange => "email-change",
            Self::SignIn => "sign-in",
        }
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(code: &str) -> Result<Self, UnknownPurpose> {
        [Self::Invitation, Self::PasswordReset, Self::EmailChange, Self::SignIn]
            .into_iter()
            .find(|purpose| purpose.code() == code)
            .ok_or(UnknownPurpose)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A link as it is stored: everything but what makes it work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Names it; twelve base62 characters.
    pub public_id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose password or address it is about.
    pub login: LoginId,
    /// The new address, for [`Purpose::EmailChange`]; the session's public id, for [`Purpose::SignIn`]; empty otherwise.
    pub detail: String,
    /// When it stops working.
    pub expires_at: PrimitiveDateTime,
}

impl Link {
    /// The last part of the link's address: whoever has it can use the link.
    pub fn secret(&self, key: &DigestKey) -> String {
        format!("{}{}", self.public_id, self.mac(key))
    }

    /// Whether `secret`, whose beginning named this link, is its own. Takes as long wherever it differs.
    pub fn opens_with(&self, secret: &str, key: &DigestKey) -> bool {
        secret.as_bytes().ct_eq(self.secret(key).as_bytes()).into()
    }

    fn mac(&self, key: &DigestKey) -> String {
        let meaning = format!(
            "{}\0{}\0{}\0{}\0{}",
            self.purpose,
            self.public_id,
            self.login.0,
            self.expires_at.as_utc().unix_timestamp_nanos(),
            self.detail
        );
        let mac = key.mac([KIND_AND_VERSION, meaning.as_bytes()]);
        URL_SAFE_NO_PAD.encode(&mac[..MAC_BYTES])
    }
}

/// The public id that a secret begins with, if the secret has the form of one.
pub fn public_id(secret: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let shaped = secret.len() == PUBLIC_ID_LENGTH + MAC_LENGTH && secret.bytes().all(plain);
    shaped.then(|| &secret[..PUBLIC_ID_LENGTH])
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn link() -> Link {
        Link {
            public_id: "abcdefghijkl".to_owned(),
            purpose: Purpose::PasswordReset,
            login: LoginId(7),
            detail: String::new(),
            expires_at: datetime!(2026-11-23 13:00),
        }
    }

    #[test]
    fn a_secret_opens_the_link_that_it_was_made_for() {
        let (key, link) = (DigestKey::new([1; 32]), link());
        let secret = link.secret(&key);
        assert_eq!((secret.len(), public_id(&secret)), (34, Some("abcdefghijkl")));
        assert!(link.opens_with(&secret, &key));
        let others = [
            Link {
                purpose: Purpose::Invitation,
                ..link.clone()
            },
            Link {
                login: LoginId(8),
                ..link.clone()
            },
            Link {
                expires_at: datetime!(2027-11-23 13:00),
                ..link.clone()
            },
            Link {
                detail: "eve@example.com".to_owned(),
                ..link.clone()
            },
        ];
        for other in others {
            assert!(!other.opens_with(&secret, &key), "{other:?}");
        }
        assert!(!link.opens_with(&secret, &DigestKey::new([2; 32])));
        assert!(!link.opens_with(&secret[..33], &key) && !link.opens_with("", &key));
    }

    #[test]
    fn only_what_looks_like_a_secret_is_looked_up() {
        for text in [
            "",
            "abcdefghijkl",
            &"a".repeat(35),
            &format!("{}%", "a".repeat(33)),
            &"é".repeat(17),
        ] {
            assert_eq!(public_id(text), None, "{text}");
        }
    }
}
