//! What a call of the compatible interfaces is answered with when it never got to a function: a database out of reach, a
//! body that is too large, a panic. The same envelope as of a function that refuses, with another status.

use super::envelope::{Called, Refused, WhmVersion, flat, no_such_function, whm};

/// The envelope of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `/execute/...`.
    Flat,
    /// `/json-api/cpanel`.
    Legacy,
    /// `/json-api/...`.
    Whm,
    /// `/login/` of a program that begins a session.
    Login,
}

impl Shape {
    /// That of a path, with or without a security token before it; none: it belongs to no compatible interface.
    pub fn of(path: &str) -> Option<Self> {
        let path = within(path);
        if path.starts_with("/execute/") {
            Some(Self::Flat)
        } else if path == "/json-api/cpanel" {
            Some(Self::Legacy)
        } else if path.starts_with("/json-api/") {
            Some(Self::Whm)
        } else if path == "/login" || path == "/login/" {
            Some(Self::Login)
        } else {
            None
        }
    }

    /// The body that says so.
    pub fn body(self, words: &str) -> String {
        let refused = Err(Refused::new(words));
        let nothing = Called {
            module: "",
            function: "",
        };
        let body = match self {
            Self::Flat => flat(&refused),
            Self::Legacy => {
                let mut body = no_such_function(nothing);
                body["cpanelresult"]["error"] = words.into();
                body["cpanelresult"]["event"]["reason"] = words.into();
                body
            }
            Self::Whm => whm(WhmVersion::One, "", &refused),
            Self::Login => serde_json::json!({"status": 0, "message": words}),
        };
        body.to_string()
    }
}

/// A path without the security token of a session that may stand at its beginning.
pub fn within(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/cpsess") else {
        return path;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest.split_at(digits) {
        (digits, rest) if !digits.is_empty() && rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_path_has_its_envelope() {
        for (path, shape) in [
            ("/execute/Tokens/list", Some(Shape::Flat)),
            ("/cpsess0123456789/execute/Tokens/list", Some(Shape::Flat)),
            ("/json-api/cpanel", Some(Shape::Legacy)),
            ("/json-api/listaccts", Some(Shape::Whm)),
            ("/cpsess1/json-api/version", Some(Shape::Whm)),
            ("/login/", Some(Shape::Login)),
            ("/login", Some(Shape::Login)),
            ("/cpsess/execute/a/b", None),
            ("/cpsess12execute/a/b", None),
            ("/tokens", None),
            ("/executed", None),
        ] {
            assert_eq!(Shape::of(path), shape, "{path}");
        }
    }

    #[test]
    fn every_envelope_says_what_is_wrong_in_json() {
        for (shape, place) in [
            (Shape::Flat, "/errors/0"),
            (Shape::Legacy, "/cpanelresult/error"),
            (Shape::Whm, "/metadata/reason"),
            (Shape::Login, "/message"),
        ] {
            let body: Value = serde_json::from_str(&shape.body("It \"broke\"")).unwrap();
            assert_eq!(body.pointer(place).unwrap(), "It \"broke\"", "{shape:?}");
        }
    }
}
