//! The security token of a session: ten digits that stand at the beginning of the path of every call that is made with
//! the session's cookie. A page of somebody else's, whose forms carry the cookie too, does not know them.

use subtle::ConstantTimeEq;

use crate::{app::App, domain::secret::DigestKey};

/// Characters of the digits.
const DIGITS: usize = 10;
/// One more than the largest number of so many digits.
const BOUND: u64 = 10_000_000_000;
/// Says in the input of the MAC what it is for.
const KIND_AND_VERSION: &[u8] = b"latchkey cpsess v1\0";

/// Makes and checks security tokens. Nothing is stored: they follow from the session's public id.
pub struct SecurityTokens(DigestKey);

impl SecurityTokens {
    /// With a key that all nodes share.
    pub fn of(app: &App) -> Self {
        Self(DigestKey::new(app.keyring().derive("security tokens of sessions")))
    }

    /// What paths begin with in the session of this public id: `/cpsess0123456789`.
    pub fn path(&self, session: &str) -> String {
        format!("/cpsess{}", self.digits(session))
    }

    /// Whether the digits are those of the session.
    pub fn check(&self, session: &str, digits: &str) -> bool {
        self.digits(session).as_bytes().ct_eq(digits.as_bytes()).into()
    }

    fn digits(&self, session: &str) -> String {
        let mac = self.0.mac([KIND_AND_VERSION, session.as_bytes()]);
        let bytes: [u8; 8] = mac[..8].try_into().expect("a MAC is longer");
        format!("{:0DIGITS$}", u64::from_be_bytes(bytes) % BOUND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_ten_digits_of_its_own() {
        let tokens = SecurityTokens(DigestKey::new([1; 32]));
        let path = tokens.path("abcdefghijkl");
        let digits = path.strip_prefix("/cpsess").unwrap();
        assert!(
            digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()),
            "{path}"
        );
        assert!(tokens.check("abcdefghijkl", digits));
        assert!(!tokens.check("abcdefghijkm", digits) && !tokens.check("abcdefghijkl", ""));
        assert!(!SecurityTokens(DigestKey::new([2; 32])).check("abcdefghijkl", digits));
    }
}
