//! What is wrong with a new password, in words that say what to change.

use crate::domain::password::{MAX_LENGTH, MIN_LENGTH, Weakness};

/// Said up front, before somebody runs into it.
pub const HINT: &str = "At least 15 characters. Four or more random words are easy to remember and hard to guess.";

/// A sentence for the field of the new password.
pub fn weakness(weakness: Weakness) -> String {
    match weakness {
        Weakness::TooShort => format!("Make the password longer: it needs at least {MIN_LENGTH} characters"),
        Weakness::TooLong => format!("Make the password shorter: {MAX_LENGTH} characters are the most"),
        Weakness::Personal => {
            "Choose a password that is not built from your name, your e-mail address or the name of this place"
                .to_owned()
        }
        Weakness::Guessable => {
            "Choose a password that is harder to guess, such as four or more random words: this one is well known, \
             or repeats itself"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_rule() {
        assert!(HINT.contains(&format!("At least {MIN_LENGTH} characters")));
    }
}
