//! Which passwords are good enough (NIST SP 800-63B-4; ASVS 5.0 6.2).

/// Fewest characters, as long as the password is the only factor.
pub const MIN_LENGTH: usize = 15;
/// Most characters: enough for any sentence, too few to keep the machine busy with.
pub const MAX_LENGTH: usize = 256;

/// Why a password is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than [`MIN_LENGTH`] characters.
    TooShort,
    /// More than [`MAX_LENGTH`] characters.
    TooLong,
    /// It is built from the user name, the e-mail address or the company's name.
    Personal,
    /// A machine guesses it early: a well-known one, a repetition, a row of keys.
    Guessable,
}

/// Checks a new password. `personal` holds what is known about its owner and the place: user name, e-mail address,
/// the company's name.
///
/// No rule about kinds of characters, and none about age: they make passwords worse.
pub fn check(password: &str, personal: &[&str]) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(Weakness::TooShort);
    }
    if length > MAX_LENGTH {
        return Err(Weakness::TooLong);
    }
    let words: Vec<&str> = personal
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 4)
        .chain(["latchkey", "cpanel", "hosting", "password"])
        .collect();
    let folded = password.to_lowercase();
    let rest = words
        .iter()
        .fold(folded, |rest, word| rest.replace(&word.to_lowercase(), ""));
    let distinct: std::collections::BTreeSet<char> = rest.chars().collect();
    if rest.chars().count() < 8 && rest.chars().count() < length {
        return Err(Weakness::Personal);
    }
    // The estimator reads 100 characters at most; what comes after them can only make the password better.
    let head: String = password.chars().take(100).collect();
    if distinct.len() < 5 || u8::from(zxcvbn::zxcvbn(&head, &words).score()) < 3 {
        return Err(Weakness::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_good_and_the_obvious_is_not() {
        let check = |password: &str| check(password, &["priya", "priya@sunrise.example", "Example Hosting"]);
        assert_eq!(check("violet tram under the pear"), Ok(()));
        assert_eq!(check("ünder dem Apfelbaum 🍏 sitzen"), Ok(()));
        assert_eq!(check("short"), Err(Weakness::TooShort));
        assert_eq!(check(&"long ".repeat(60)), Err(Weakness::TooLong));
        assert_eq!(check("priyasunrise2026"), Err(Weakness::Personal));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(Weakness::Guessable));
        assert_eq!(check("qwertyuiopasdfghjkl"), Err(Weakness::Guessable));
        assert_eq!(check("passwordpassword"), Err(Weakness::Personal));
    }
}
