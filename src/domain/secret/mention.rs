//! Finds the tokens that a text speaks of: whole ones, cut or mistyped ones, and bare ids, wherever they stand in a log
//! line, a setting or a letter.

use zeroize::Zeroizing;

use super::{FormatError, Kind, PublicId, Secret, redact};

/// So many different tokens of a kind are found in one text at most.
pub const MOST_MENTIONS: usize = 10;

/// A token that a text speaks of.
#[derive(Debug)]
pub enum Mention<K: Kind> {
    /// A whole token whose checksum is right.
    Whole(Secret<K>),
    /// Only its id, as lists and logs show it.
    Id(PublicId),
    /// Something that begins as a token does and is none: cut, mistyped or made up.
    Broken {
        /// The id that it begins with, where one stands in the right place.
        id: Option<PublicId>,
        /// What is wrong with it.
        fault: FormatError,
    },
}

impl<K: Kind> Mention<K> {
    /// The id of the token.
    pub fn id(&self) -> Option<PublicId> {
        match self {
            Self::Whole(secret) => Some(secret.public_id()),
            Self::Id(id) => Some(*id),
            Self::Broken { id, .. } => *id,
        }
    }

    /// How much is known of it: of two mentions of one token the better one counts.
    fn rank(&self) -> u8 {
        match self {
            Self::Whole(_) => 2,
            Self::Broken { .. } => 1,
            Self::Id(_) => 0,
        }
    }
}

/// The tokens of a kind that `text` speaks of, in the order of their first mention and each once; [`MOST_MENTIONS`] at most. An
/// underscore may be written as `%5F`, and a token may have been broken into lines. A text that is nothing but an id is
/// taken for one of any kind.
pub fn mentions<K: Kind>(text: &str) -> Vec<Mention<K>> {
    if let Ok(id) = text.trim().parse() {
        return vec![Mention::Id(id)];
    }
    let mut found = Vec::new();
    collect(text, &mut found);
    if !found.iter().any(|mention| matches!(mention, Mention::Whole(_))) {
        let joined: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
        let mut whole = Vec::new();
        collect(&joined, &mut whole);
        whole.retain(|mention| matches!(mention, Mention::Whole(_)));
        for mention in whole {
            add(&mut found, mention);
        }
    }
    found.truncate(MOST_MENTIONS);
    found
}

fn collect<K: Kind>(text: &str, found: &mut Vec<Mention<K>>) {
    let mut rest = text;
    while let Some((at, word, end)) = redact::next_word::<K>(rest) {
        let starts_word = !rest[..at].ends_with(|before: char| before.is_alphanumeric()) || ends_encoded(&rest[..at]);
        if let Some(mention) = mention(&word, starts_word) {
            add(found, mention);
        }
        rest = &rest[end..];
    }
}

/// Whether a text ends in an encoded character, such as the `%20` before a word.
fn ends_encoded(text: &str) -> bool {
    let mut last = text.bytes().rev();
    let digits = last.by_ref().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    digits && last.next() == Some(b'%')
}

/// What a word that begins with the prefix of a kind is.
fn mention<K: Kind>(word: &str, starts_word: bool) -> Option<Mention<K>> {
    let length = Secret::<K>::LENGTH;
    let whole = word.get(..length.min(word.len())).unwrap_or(word);
    let fault = match Secret::parse(whole) {
        Ok(secret) => return Some(Mention::Whole(secret)),
        Err(_) if !starts_word => return None,
        Err(fault) => fault,
    };
    let body = word.strip_prefix(K::PREFIX)?;
    let id = body.get(..PublicId::LENGTH).and_then(|id| id.parse().ok());
    match (id, body.get(PublicId::LENGTH..)) {
        (Some(id), Some("" | "_")) => Some(Mention::Id(id)),
        (Some(id), Some(rest)) if rest.starts_with('_') => Some(Mention::Broken { id: Some(id), fault }),
        // Words such as `lk_delivery_plan` begin like this too; what is as long as a token is meant to be one.
        _ if word.len() >= length / 2 => Some(Mention::Broken { id: None, fault }),
        _ => None,
    }
}

fn add<K: Kind>(found: &mut Vec<Mention<K>>, new: Mention<K>) {
    let same = found
        .iter_mut()
        .find(|known| known.id().is_some() && known.id() == new.id());
    match same {
        Some(known) if known.rank() < new.rank() => *known = new,
        Some(_) => {}
        None => found.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{OfStaff, OfToken, Reported},
        *,
    };

    const DUMMY: &str = OfToken::EXAMPLE;

    fn told(text: &str) -> Vec<String> {
        told_of::<OfToken>(text)
    }

    fn told_of<K: Kind>(text: &str) -> Vec<String> {
        let told = |mention: &Mention<K>| match mention {
            Mention::Whole(secret) => format!("whole {}", secret.public_id()),
            Mention::Id(id) => format!("id {id}"),
            Mention::Broken { id: Some(id), fault } => format!("broken {id}: {fault}"),
            Mention::Broken { id: None, fault } => format!("broken: {fault}"),
        };
        mentions(text).iter().map(told).collect()
    }

    #[test]
    fn whole_tokens_are_found_wherever_they_stand() {
        let encoded = DUMMY.replace('_', "%5F");
        let (first, second) = DUMMY.split_at(30);
        for text in [
            DUMMY.to_owned(),
            format!("  {DUMMY}\n"),
            format!("Nov 23 12:00 curl -H 'Authorization: Bearer {DUMMY}' https://api.example é"),
            format!("{{\"token\":\"{DUMMY}\"}}"),
            format!("https://api.example/?key={encoded}&x=1"),
            format!("TOKEN={DUMMY};lk_EXAMPLE1 again"),
            format!("a letter that breaks it:\n{first}\n{second}\nin two"),
            format!("x{DUMMY}"),
        ] {
            assert_eq!(told(&text), ["whole EXAMPLE1"], "{text}");
        }
    }

    #[test]
    fn ids_are_taken_as_lists_and_logs_write_them() {
        for text in [
            "EXAMPLE1",
            " EXAMPLE1\n",
            "lk_EXAMPLE1",
            "lk_EXAMPLE1…WjLP",
            "token lk_EXAMPLE1_… was refused",
            "?q=%20lk_EXAMPLE1",
        ] {
            assert_eq!(told(text), ["id EXAMPLE1"], "{text}");
        }
    }

    #[test]
    fn what_is_cut_or_mistyped_is_told_apart() {
        assert_eq!(told(&DUMMY[..40]), ["broken EXAMPLE1: a token has 50 characters"]);
        let mistyped = DUMMY.replace("19WjLP", "19WjLQ");
        assert_eq!(told(&mistyped), ["broken EXAMPLE1: the token's checksum is wrong"]);
        for text in [
            "",
            "nothing of ours",
            "milk_delivery_integration",
            "lk_",
            "ghp_16C7e42F292c6912E7",
        ] {
            assert!(told(text).is_empty(), "{text}");
        }
        assert_eq!(told(&format!("lk_EXAMPLE2 {DUMMY}")), ["id EXAMPLE2", "whole EXAMPLE1"]);
    }

    #[test]
    fn tokens_of_staff_are_looked_for_alike_and_apart() {
        let staff = OfStaff::EXAMPLE;
        let both = format!("{DUMMY} {staff}");
        assert_eq!(told_of::<OfStaff>(&both), ["whole EXAMPLE1"]);
        assert_eq!(told_of::<OfStaff>("lka_EXAMPLE1…EeW"), ["id EXAMPLE1"]);
        assert_eq!(told_of::<OfStaff>(&staff[..40]).len(), 1);
        assert!(told_of::<OfToken>(staff).is_empty() && told_of::<OfStaff>(DUMMY).is_empty());
        assert!(told_of::<OfStaff>("polka_dots_and_more_of_them_all").is_empty());
    }
}
