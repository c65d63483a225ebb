//! Who a call of the compatible interfaces says it comes from: `cpanel USER:TOKEN`, `whm USER:TOKEN` or Basic. Only reads
//! the header; whether any of it is true is for others to say.

use actix_web::http::header::{self, HeaderMap};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// A scheme that stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `cpanel`: the token of an account.
    Account,
    /// `whm`: the token of a staff member.
    Server,
}

/// What the `Authorization` header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// There is none: a session may be meant.
    Absent,
    /// A user name and a token.
    Token {
        /// Of which kind.
        scheme: Scheme,
        /// Whose it is said to be.
        user: String,
        /// The token.
        secret: Zeroizing<String>,
    },
    /// A user name and a password (RFC 7617).
    Password {
        /// The user name.
        user: String,
        /// The password.
        password: Zeroizing<String>,
    },
    /// Something else, or more than one.
    Unreadable,
}

impl Credentials {
    /// Reads the headers of a call.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::AUTHORIZATION);
        match (lines.next(), lines.next()) {
            (None, _) => Self::Absent,
            (Some(line), None) => line.to_str().map_or(Self::Unreadable, Self::parse),
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }

    /// The case of the scheme does not matter, and line ends within a key are passed over: keys were once handed out with
    /// line ends in them.
    fn parse(line: &str) -> Self {
        let Some((scheme, rest)) = line.trim().split_once(' ') else {
            return Self::Unreadable;
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "cpanel" => Scheme::Account,
            "whm" => Scheme::Server,
            "basic" => return Self::basic(rest.trim()),
            _ => return Self::Unreadable,
        };
        match rest.split_once(':') {
            Some((user, secret)) => Self::Token {
                scheme,
                user: user.trim().to_owned(),
                secret: Zeroizing::new(secret.trim().replace(['\r', '\n'], "")),
            },
            None => Self::Unreadable,
        }
    }

    fn basic(encoded: &str) -> Self {
        let decoded = STANDARD.decode(encoded).ok().map(Zeroizing::new);
        let text = decoded.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        match text.and_then(|text| text.split_once(':')) {
            Some((user, password)) => Self::Password {
                user: user.to_owned(),
                password: Zeroizing::new(password.to_owned()),
            },
            None => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn token(scheme: Scheme, user: &str, secret: &str) -> Credentials {
        Credentials::Token {
            scheme,
            user: user.to_owned(),
            secret: secret.to_owned().into(),
        }
    }

    #[test]
    fn both_schemes_are_read_in_any_case() {
        for line in ["cpanel priya:lk_x", "CPANEL priya:lk_x", " cPanel  priya : lk_x "] {
            assert_eq!(
                Credentials::parse(line),
                token(Scheme::Account, "priya", "lk_x"),
                "{line}"
            );
        }
        for line in ["whm asha:lka_x", "WHM asha:lka_x", "WHM asha:lka\r\n_x\n"] {
            assert_eq!(
                Credentials::parse(line),
                token(Scheme::Server, "asha", "lka_x"),
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_password_may_have_a_colon() {
        let read = Credentials::parse("bAsIc cHJpeWE6YTpi");
        let password = Credentials::Password {
            user: "priya".to_owned(),
            password: "a:b".to_owned().into(),
        };
        assert_eq!(read, password);
    }

    #[test]
    fn anything_else_is_not_read() {
        for line in [
            "",
            "whm",
            "whm asha",
            "Bearer lk_x",
            "Basic ===",
            "Basic cHJpeWE=",
            "whmasha:x",
        ] {
            assert_eq!(Credentials::parse(line), Credentials::Unreadable, "{line}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(Credentials::of(&headers), Credentials::Absent);
        headers.append(header::AUTHORIZATION, HeaderValue::from_static("whm a:b"));
        assert_eq!(Credentials::of(&headers), token(Scheme::Server, "a", "b"));
        headers.append(header::AUTHORIZATION, HeaderValue::from_static("whm a:b"));
        assert_eq!(
            Credentials::of(&headers),
            Credentials::Unreadable,
            "which one counts, nobody knows"
        );
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(line in ".{0,60}") {
            let _ = Credentials::parse(&line);
            let _ = Credentials::parse(&format!("Basic {line}"));
        }
    }
}
