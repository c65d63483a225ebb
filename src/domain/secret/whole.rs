//! Finds the whole secrets of tokens in a text, of accounts and of staff members: what somebody found and reports.

use zeroize::Zeroizing;

use super::{Kind, OfStaff, OfToken, Secret, StaffSecret, TokenSecret, redact};

/// The whole secret of a token of either kind.
#[derive(Debug)]
pub enum WholeToken {
    /// Of an account's.
    Account(TokenSecret),
    /// Of a staff member's.
    Staff(StaffSecret),
}

/// Every whole token that stands in `text`, each once, `most` at most: also several secrets with one id, and tokens that
/// have no space between them. Where none of a kind stands in one piece, one may have been broken into lines.
pub fn whole_tokens(text: &str, most: usize) -> Vec<WholeToken> {
    let accounts = whole::<OfToken>(text, most).into_iter().map(WholeToken::Account);
    let staff = whole::<OfStaff>(text, most).into_iter().map(WholeToken::Staff);
    accounts.chain(staff).take(most).collect()
}

fn whole<K: Kind>(text: &str, most: usize) -> Vec<Secret<K>> {
    let found = in_one_piece(text, most);
    if !found.is_empty() {
        return found;
    }
    let joined: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    in_one_piece(&joined, most)
}

fn in_one_piece<K: Kind>(text: &str, most: usize) -> Vec<Secret<K>> {
    let (bytes, mut found) = (text.as_bytes(), Vec::<Secret<K>>::new());
    let mut at = 0;
    while at < bytes.len() && found.len() < most {
        let parsed =
            redact::piece::<K>(&bytes[at..]).and_then(|(piece, width)| Some((Secret::parse(&piece).ok()?, width)));
        let Some((secret, width)) = parsed else {
            at += 1;
            continue;
        };
        if !found.iter().any(|known| known.expose() == secret.expose()) {
            found.push(secret);
        }
        at += width;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{super::Reported, *};

    const DUMMY: &str = OfToken::EXAMPLE;
    const STAFF: &str = OfStaff::EXAMPLE;

    #[test]
    fn all_whole_tokens_are_found_and_nothing_else() {
        let older = TokenSecret::mint("EXAMPLE1".parse().unwrap(), |length| "a".repeat(length));
        let other = TokenSecret::mint("EXAMPLE2".parse().unwrap(), |length| "b".repeat(length));
        let encoded = older.expose().replace('_', "%5f");
        let (first, second) = DUMMY.split_at(30);
        let (third, fourth) = STAFF.split_at(20);
        for (text, count) in [
            (DUMMY.to_owned(), 1),
            (format!("{DUMMY} and again {DUMMY}"), 1),
            (format!("{DUMMY}{encoded}{}", other.expose()), 3),
            (format!("bulk_lk_{DUMMY}é{encoded}"), 2),
            (format!("{first}\n  {second}"), 1),
            (format!("{first} {}", other.expose()), 1),
            (format!("{} lk_EXAMPLE1 {}", &DUMMY[..40], DUMMY.to_lowercase()), 0),
            ("lk%5Fé lk_".repeat(9), 0),
            (STAFF.to_owned(), 1),
            (format!("{STAFF}{DUMMY} {STAFF}"), 2),
            (format!("{} {DUMMY}", STAFF.replace('_', "%5F")), 2),
            (format!("{DUMMY}\n{third}\n{fourth}"), 2),
            (format!("{} {}", &STAFF[..50], STAFF.replace("lka_", "lks_")), 0),
        ] {
            assert_eq!(whole_tokens(&text, 10).len(), count, "{text}");
        }
        assert_eq!(whole_tokens(&format!("{DUMMY} {} {STAFF}", other.expose()), 1).len(), 1);
        assert_eq!(whole_tokens(&format!("{DUMMY} {STAFF}"), 1).len(), 1);
    }

    #[test]
    fn each_is_told_apart_by_its_beginning() {
        let found = whole_tokens(&format!("{STAFF} {DUMMY}"), 10);
        assert!(matches!(&found[..], [WholeToken::Account(_), WholeToken::Staff(_)]));
    }
}
