//! Texts that people write and others read: names, descriptions, reasons, notes. What may stand in one.

use std::{fmt, str::FromStr};

use super::secret::{holds_token, redact};

/// Longest reason, in characters.
pub const MAX_REASON: usize = 300;
/// Longest internal note, in characters.
pub const MAX_NOTE: usize = 2000;

/// Why a text may not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// More characters than allowed.
    #[error("it has more than {max} characters")]
    TooLong {
        /// Characters allowed.
        max: usize,
    },
    /// It holds a control character or one that cannot be seen.
    #[error("it holds a control character")]
    Control,
    /// It holds a whole token, which nothing may keep.
    #[error("it holds the secret of a token")]
    Secret,
}

/// A text of one line, trimmed, with at least one character that can be seen and `max` at most.
pub(super) fn line(text: &str, max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text
        .chars()
        .all(|character| character.is_whitespace() || joins(character))
    {
        return Err(TextError::Empty);
    }
    check(text, max, |character| {
        hides(character) || is_unseen(character) || character.is_control()
    })?;
    Ok(text.to_owned())
}

/// A trimmed text of any number of lines with `max` characters at most; may be empty.
pub(super) fn lines(text: &str, max: usize) -> Result<String, TextError> {
    let text = text.trim().replace("\r\n", "\n");
    check(&text, max, |character| {
        hides(character) || (character.is_control() && character != '\n')
    })?;
    Ok(text)
}

/// Characters that turn the reading direction of what follows: a name with one could pass for another in a list.
fn hides(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Characters that take no room, or look like a space and are none: two names that differ by one look the same, and
/// a name of nothing else is not there to be clicked (Unicode 16, `Default_Ignorable_Code_Point`, and the fillers).
/// Those that [`joins`] knows have their place inside words and emoji.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Joiners, which Indic and Persian words and many emoji need, and the selectors of an emoji's look.
fn joins(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

fn check(text: &str, max: usize, forbidden: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.chars().any(forbidden) {
        return Err(TextError::Control);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    if holds_token(text) {
        return Err(TextError::Secret);
    }
    Ok(())
}

macro_rules! written {
    ($($(#[$doc:meta])* $name:ident, $max:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                match lines(text, $max)? {
                    text if text.chars().all(|character| character.is_whitespace() || is_unseen(character) || joins(character)) => {
                        Err(TextError::Empty)
                    }
                    text => Ok(Self(text)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )* };
}

written! {
    /// Why staff did something, in their words: 1 to 300 characters, line breaks allowed. The customer reads it.
    Reason, MAX_REASON;
    /// What staff note about an account for each other: 1 to 2,000 characters, line breaks allowed.
    Note, MAX_NOTE;
}

impl Reason {
    /// What can be kept of a text that somebody sent whom nobody knows: on one line, without whatever a text may not
    /// hold, tokens made unreadable, and cut where it is too long. Nothing when nothing is left.
    pub fn from_stranger(text: &str) -> Option<Self> {
        let seen = |character: &char| {
            character.is_whitespace() || !(hides(*character) || is_unseen(*character) || character.is_control())
        };
        let seen: String = text.chars().filter(seen).collect();
        let line = redact(&seen).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut kept: String = line.chars().take(MAX_REASON).collect();
        if kept.len() < line.len() {
            kept.pop();
            kept.push('…');
        }
        kept.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_strangers_text_the_harmless_part_is_kept() {
        let kept = |text: &str| Reason::from_stranger(text).map(|kept| kept.to_string());
        assert_eq!(
            kept(" https://code.example/a\u{202e}\r\n\tb\u{0}\u{7f} ").as_deref(),
            Some("https://code.example/a b")
        );
        let token = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
        let hidden = format!("{}\u{200b}{}", &token[..20], &token[20..]);
        for text in [token, &hidden] {
            let text = format!("https://x.example/?key={text}");
            assert_eq!(kept(&text).as_deref(), Some("https://x.example/?key=lk_EXAMPLE1_…"));
        }
        let long = kept(&"é".repeat(1_000)).unwrap();
        assert!(long.chars().count() == MAX_REASON && long.ends_with("é…"));
        for nothing in ["", " \n ", "\u{200b}\u{202e}"] {
            assert_eq!(kept(nothing), None);
        }
    }

    #[test]
    fn a_reason_says_something_and_holds_no_token() {
        assert_eq!(
            "  Leaked\r\nin a forum ".parse::<Reason>().unwrap().as_str(),
            "Leaked\nin a forum"
        );
        for (bad, why) in [
            (" \u{200b}\n ", TextError::Empty),
            ("a\u{0}b", TextError::Control),
            ("right\u{202e}left", TextError::Control),
        ] {
            assert_eq!(bad.parse::<Reason>(), Err(why), "{bad:?}");
        }
        let long = "x".repeat(MAX_REASON + 1);
        assert_eq!(long.parse::<Reason>(), Err(TextError::TooLong { max: MAX_REASON }));
        assert!(long.parse::<Note>().is_ok());
    }
}
