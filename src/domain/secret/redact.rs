//! Keeps tokens, service credentials and staff members' tokens out of logs and messages, also where somebody pasted one into a name, an address or a path.
//!
//! It errs on the side of hiding: what looks roughly like a token is replaced even if its checksum is wrong, because a
//! mistyped or cut token still gives most of a secret away.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{Kind, OfService, OfStaff, OfToken, PublicId, Secret, is_base62};

/// What every secret begins with: after it come the underscore, which a URL may have encoded, or `s` or `a` and the underscore.
const START: &[u8] = b"lk";
/// The fewest characters after `lk_`, `lks_` or `lka_` that look like a secret: an id, an underscore and a good part of the rest.
/// A bare `lk_` with an id stays as it is.
const FEWEST: usize = PublicId::LENGTH + 9;

/// Whether `text` contains something that looks like a secret of any kind.
pub fn looks_like_token(text: &str) -> bool {
    find(text).is_some()
}

/// Whether `text` contains a whole secret of any kind with its checksum. Other than [`looks_like_token`] it takes no word for one, so
/// that it can be a reason to refuse what somebody typed.
pub fn holds_token(text: &str) -> bool {
    holds::<OfToken>(text) || holds::<OfService>(text) || holds::<OfStaff>(text)
}

fn holds<K: Kind>(text: &str) -> bool {
    let whole = |start: usize| text.get(start..start + Secret::<K>::LENGTH);
    text.match_indices(K::PREFIX)
        .filter_map(|(start, _)| whole(start))
        .any(|piece| Secret::<K>::parse(piece).is_ok())
}

/// `text` with everything that looks like a token replaced: by `lk_`, its public id and `_…`, or by `lk_…` if it has no
/// id in the right place; the other kinds in the same way, with `lks_` and `lka_`. Upper and lower case and an underscore
/// written as `%5F` make no difference.
pub fn redact(text: &str) -> Cow<'_, str> {
    let Some(mut found) = find(text) else {
        return Cow::Borrowed(text);
    };
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    loop {
        clean.push_str(&rest[..found.start]);
        clean.push_str(found.prefix);
        if let Some(id) = found.id {
            clean.push_str(id.as_str());
            clean.push('_');
        }
        clean.push('…');
        rest = &rest[found.end..];
        match find(rest) {
            Some(next) => found = next,
            None => break,
        }
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// Where a piece of a text that looks like a secret stands, and what it begins with. Both ends lie next to ASCII, so they are fit to cut the text.
struct Found {
    prefix: &'static str,
    start: usize,
    end: usize,
    id: Option<PublicId>,
}

fn find(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let starts = bytes
        .windows(START.len())
        .enumerate()
        .filter(|(_, window)| window.eq_ignore_ascii_case(START));
    starts.map(|(start, _)| start).find_map(|start| {
        let (prefix, width) = beginning(&bytes[start..])?;
        let body = start + width;
        let id = bytes.get(body..body + PublicId::LENGTH)?;
        let (mut end, mut count) = (body, 0);
        while let Some(width) = bytes.get(end..).and_then(word_character) {
            end += width;
            count += 1;
        }
        let id = PublicId::from_base62(id.try_into().ok()?)
            .filter(|_| underscore(&bytes[body + PublicId::LENGTH..]).is_some());
        (count >= FEWEST).then_some(Found { prefix, start, end, id })
    })
}

/// The prefix at the start of `bytes`, which begin with [`START`], and how many of them it takes as it is written there.
fn beginning(bytes: &[u8]) -> Option<(&'static str, usize)> {
    let after = bytes.get(START.len()..)?;
    if let Some(width) = underscore(after) {
        return Some((OfToken::PREFIX, START.len() + width));
    }
    let (prefix, rest) = match after {
        [b's' | b'S', rest @ ..] => (OfService::PREFIX, rest),
        [b'a' | b'A', rest @ ..] => (OfStaff::PREFIX, rest),
        _ => return None,
    };
    underscore(rest).map(|width| (prefix, START.len() + 1 + width))
}

/// The next word of a text that begins with the prefix of a kind: where it begins, the word with every underscore written as
/// one, and where it ends.
pub(super) fn next_word<K: Kind>(text: &str) -> Option<(usize, Zeroizing<String>, usize)> {
    let bytes = text.as_bytes();
    let start = (0..bytes.len()).find(|at| begins_as::<K>(&bytes[*at..]))?;
    let (mut word, mut end) = (Zeroizing::new(String::with_capacity(Secret::<K>::LENGTH)), start);
    while let Some(width) = bytes.get(end..).and_then(word_character) {
        let is_underscore = underscore(&bytes[end..]).is_some();
        // Longer words are no tokens: their rest is passed over and not kept.
        if word.len() <= Secret::<K>::LENGTH {
            word.push(if is_underscore { '_' } else { char::from(bytes[end]) });
        }
        end += width;
    }
    Some((start, word, end))
}

/// As many letters, digits and underscores as a secret of a kind has, if `bytes` begin with them and with its prefix: every
/// underscore written as one; and how many bytes they take.
pub(super) fn piece<K: Kind>(bytes: &[u8]) -> Option<(Zeroizing<String>, usize)> {
    if !begins_as::<K>(bytes) {
        return None;
    }
    let (mut piece, mut end) = (Zeroizing::new(String::with_capacity(Secret::<K>::LENGTH)), 0);
    while piece.len() < Secret::<K>::LENGTH {
        let width = word_character(bytes.get(end..)?)?;
        piece.push(if width == 1 { char::from(bytes[end]) } else { '_' });
        end += width;
    }
    Some((piece, end))
}

/// Whether `bytes` begin with the prefix of a kind, its underscore written in either way.
fn begins_as<K: Kind>(bytes: &[u8]) -> bool {
    let letters = K::PREFIX.trim_end_matches('_').as_bytes();
    bytes.strip_prefix(letters).and_then(underscore).is_some()
}

/// How many bytes the underscore at the start of `bytes` takes, if there is one.
fn underscore(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'_', ..] => Some(1),
        [b'%', b'5', b'F' | b'f', ..] => Some(3),
        _ => None,
    }
}

/// How many bytes the letter, digit or underscore at the start of `bytes` takes, if there is one.
fn word_character(bytes: &[u8]) -> Option<usize> {
    underscore(bytes).or_else(|| bytes.first().filter(|byte| is_base62(**byte)).map(|_| 1))
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    const DUMMY: &str = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";

    fn zeros<K: Kind>() -> String {
        let random = |length: usize| "0".repeat(length);
        let secret = Secret::<K>::mint("EXAMPLE1".parse().unwrap(), random);
        secret.expose().to_owned()
    }

    #[test]
    fn the_other_kinds_are_hidden_and_held_alike() {
        for (secret, prefix) in [(zeros::<OfService>(), "lks_"), (zeros::<OfStaff>(), "lka_")] {
            assert!(holds_token(&secret) && holds_token(&format!("mine: {secret}.")));
            assert!(!holds_token(&secret[..50]) && !holds_token(&secret.replace(prefix, "lkz_")));
            let shown = format!("{prefix}EXAMPLE1_…");
            for (text, clean) in [
                (secret.clone(), shown.clone()),
                (
                    format!("Bearer {secret}; {DUMMY}"),
                    format!("Bearer {shown}; lk_EXAMPLE1_…"),
                ),
                (secret[..22].to_owned(), shown.clone()),
                (format!("?a={}&b", secret.replace('_', "%5F")), format!("?a={shown}&b")),
                (secret.to_uppercase(), shown),
                (secret.replace("1_", "1"), format!("{prefix}…")),
            ] {
                assert_eq!(redact(&text), clean, "{text}");
            }
        }
        for text in [
            "lks_",
            "lks_EXAMPLE1",
            "talks_today",
            "lks",
            "lks%5",
            "lka_",
            "polka_dots",
            "lka",
        ] {
            assert!(!looks_like_token(text), "{text}");
        }
    }

    #[test]
    fn only_a_whole_token_is_held() {
        assert!(holds_token(DUMMY) && holds_token(&format!("é lk_ mine: {DUMMY}, keep it")));
        for text in [
            "",
            "lk_",
            "milk_delivery_integration_prod",
            &DUMMY[..49],
            &DUMMY.to_lowercase(),
            "lk_é",
        ] {
            assert!(!holds_token(text), "{text}");
        }
    }

    #[test]
    fn tokens_are_replaced_wherever_they_stand() {
        for (text, clean) in [
            (DUMMY.to_owned(), "lk_EXAMPLE1_…"),
            (
                format!("Bearer {DUMMY}, again {DUMMY}."),
                "Bearer lk_EXAMPLE1_…, again lk_EXAMPLE1_….",
            ),
            (format!("Bearer{DUMMY}é"), "Bearerlk_EXAMPLE1_…é"),
            (DUMMY[..20].to_owned(), "lk_EXAMPLE1_…"),
            (format!("{DUMMY}AndMore_still"), "lk_EXAMPLE1_…"),
            (
                format!("/x?token={}&y", DUMMY.replace('_', "%5f")),
                "/x?token=lk_EXAMPLE1_…&y",
            ),
            (DUMMY.to_lowercase(), "lk_example1_…"),
            (DUMMY.to_uppercase(), "lk_EXAMPLE1_…"),
            (DUMMY.replace("EXAMPLE1", "EXAMPL"), "lk_…"),
            (DUMMY.replace("1_", "1"), "lk_…"),
            (format!("lk_lk_{}", &DUMMY[3..]), "lk_…"),
        ] {
            assert_eq!(redact(&text), clean, "{text}");
            assert!(looks_like_token(&text));
            assert!(!looks_like_token(clean), "{clean}");
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "",
            "lk",
            "lk_",
            "lk_EXAMPLE1",
            "Token lk_EXAMPLE1 (deploy)",
            "bulk_revoke",
            "lk%5",
            "lk_é",
            "EXAMPLE1_0000",
        ] {
            assert!(matches!(redact(text), Cow::Borrowed(same) if same == text), "{text}");
            assert!(!looks_like_token(text));
        }
    }

    proptest! {
        #[test]
        fn no_secret_survives_in_any_surroundings(before in "\\PC{0,12}", secret in "[0-9A-Za-z]{38}", after in "\\PC{0,12}") {
            let text = format!("{before}lk_EXAMPLE1_{secret}{after}");
            let clean = redact(&text);
            prop_assert!(!clean.contains(&secret) && !looks_like_token(&clean));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(lk_|%5F|_|[0-9A-Za-z]{6}|é|\\PC){0,20}") {
            prop_assert!(!looks_like_token(&redact(&text)));
        }
    }
}
