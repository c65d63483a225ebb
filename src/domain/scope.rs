//! Scopes and sets of them: the grammar, the stored form, and the algebra that comparing permissions needs.
//!
//! Which scopes exist, what they mean and what they imply is the catalogue's to say; nothing here knows one by name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

mod set;

pub use set::{Iter, ScopeSet};

/// One thing that a token may do: `area:action`, each part `[a-z][a-z0-9-]*`, at most [`Scope::MAX_LENGTH`] bytes.
///
/// A value has the form of a scope; whether the catalogue has it is another question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Longest scope, in bytes (all of them ASCII).
    pub const MAX_LENGTH: usize = 64;

    /// The whole scope as it is written, `backups:create`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the colon: the area of the catalogue it belongs to.
    pub fn area(&self) -> &str {
        self.parts().0
    }

    /// The part after the colon.
    pub fn action(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once(':').expect("a scope has exactly one colon")
    }
}

/// Whether `word` is `[a-z][a-z0-9-]*`: the grammar of both parts of a scope and of the catalogue's ids.
pub fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        if text.len() > Self::MAX_LENGTH {
            return Err(ScopeError::TooLong);
        }
        match text.split_once(':') {
            Some((area, action)) if is_word(area) && is_word(action) => Ok(Self(text)),
            _ => Err(ScopeError::Malformed(text)),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        // Checked before the copy, so that a long input costs nothing.
        if text.len() > Self::MAX_LENGTH {
            Err(ScopeError::TooLong)
        } else {
            Self::try_from(text.to_owned())
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a scope or not a set of scopes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// Longer than [`Scope::MAX_LENGTH`] bytes; the text is not repeated.
    #[error("a scope has at most {} characters", Scope::MAX_LENGTH)]
    TooLong,
    /// Not `area:action`; holds the text.
    #[error("{0:?} is not a scope of the form area:action")]
    Malformed(String),
    /// `*` stands beside other scopes, so that it is unclear which of the two was meant.
    #[error("full access (*) cannot be combined with single scopes")]
    FullWithOthers,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar_is_area_colon_action() {
        for good in ["a:b", "databases:write", "two-words:do-2-things"] {
            assert_eq!(good.parse::<Scope>().map(String::from), Ok(good.to_owned()));
        }
        for bad in [
            "", ":", "a", "a:", ":b", "a:b:c", "A:b", "1a:b", "a:-b", "a:b ", "a_b:c", "é:b", "*", "a:*",
        ] {
            assert_eq!(
                bad.parse::<Scope>(),
                Err(ScopeError::Malformed(bad.to_owned())),
                "{bad:?}"
            );
        }
        let long = format!("a:{}", "b".repeat(63));
        assert_eq!(long.parse::<Scope>(), Err(ScopeError::TooLong));
        assert!(long[..64].parse::<Scope>().is_ok());
    }

    #[test]
    fn a_scope_knows_its_parts_and_reads_json_strictly() {
        let scope: Scope = serde_json::from_str("\"dns:write\"").expect("a scope");
        assert_eq!((scope.area(), scope.action()), ("dns", "write"));
        assert_eq!(serde_json::to_string(&scope).expect("a string"), "\"dns:write\"");
        assert!(serde_json::from_str::<Scope>("\"dns\"").is_err());
    }
}
