//! Request paths: made unambiguous once, or refused. What a route is looked up by must be what the service behind the
//! gateway will serve, so whatever two servers could read in two ways has no place here.

use std::borrow::Cow;

use crate::domain::decision::RouteRefusal;

/// Longest path looked at, in bytes as received, without the query.
pub(super) const MAX_PATH: usize = 4096;

/// Normalises the path of a request target (RFC 9112, section 3.2.1: origin form only).
///
/// The query is dropped. Encoded unreserved characters are decoded and other encodings written in upper case
/// (RFC 3986, sections 6.2.2.1 and 6.2.2.2); everything ambiguous is refused with its reason. The result is `/` or
/// segments each behind one slash, and normalising it again changes nothing.
pub(super) fn normalise(raw_uri: &str) -> Result<Cow<'_, str>, RouteRefusal> {
    let raw = raw_uri.split_once('?').map_or(raw_uri, |(path, _query)| path);
    if raw.len() > MAX_PATH {
        return Err(RouteRefusal::PathTooLong);
    }
    if !raw.starts_with('/') {
        return Err(RouteRefusal::NotAbsolute);
    }
    let path = decode(raw)?;
    if is_encoded_twice(&path) {
        return Err(RouteRefusal::BadEncoding);
    }
    for segment in segments(&path) {
        match segment {
            "" => return Err(RouteRefusal::EmptySegment),
            "." | ".." => return Err(RouteRefusal::DotSegment),
            _ => {}
        }
    }
    Ok(path)
}

/// The segments of a normalised path; none for `/`.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let count = if rest.is_empty() { 0 } else { usize::MAX };
    rest.split('/').take(count)
}

/// Checks every character and decodes the unreserved ones; copies only if there is something to decode.
fn decode(raw: &str) -> Result<Cow<'_, str>, RouteRefusal> {
    if !raw.contains('%') {
        return raw.bytes().try_for_each(check_plain).map(|()| Cow::Borrowed(raw));
    }
    let mut path = String::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            check_plain(byte)?;
            path.push(char::from(byte));
            continue;
        }
        let digits = [bytes.next(), bytes.next()].map(|digit| digit.filter(u8::is_ascii_hexdigit));
        let [Some(high), Some(low)] = digits else {
            return Err(RouteRefusal::BadEncoding);
        };
        let decoded = hex(high) * 16 + hex(low);
        check_encoded(decoded)?;
        if is_unreserved(decoded) {
            path.push(char::from(decoded));
        } else {
            path.extend([
                '%',
                char::from(high.to_ascii_uppercase()),
                char::from(low.to_ascii_uppercase()),
            ]);
        }
    }
    Ok(Cow::Owned(path))
}

/// What may not stand in a path in any form.
fn check_encoded(byte: u8) -> Result<(), RouteRefusal> {
    match byte {
        0x00..=0x1f | 0x7f => Err(RouteRefusal::ControlCharacter),
        0x80.. => Err(RouteRefusal::NonAscii),
        b'/' => Err(RouteRefusal::EncodedSlash),
        b'\\' => Err(RouteRefusal::Backslash),
        b';' => Err(RouteRefusal::Semicolon),
        _ => Ok(()),
    }
}

/// What may stand in a path as it is: `pchar` of RFC 3986, section 3.3, without the semicolon, and the slash.
fn check_plain(byte: u8) -> Result<(), RouteRefusal> {
    match byte {
        b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@' => Ok(()),
        _ if is_unreserved(byte) => Ok(()),
        _ => check_encoded(byte).and(Err(RouteRefusal::ForbiddenCharacter)),
    }
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether a server that decodes twice would read something else than one that decodes once.
fn is_encoded_twice(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes
        .windows(5)
        .any(|five| five.starts_with(b"%25") && five[3..].iter().all(u8::is_ascii_hexdigit))
}

/// The value of an ASCII hexadecimal digit.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_reading_for_equal_paths() {
        for (raw, path) in [
            ("/", "/"),
            ("/?a=/../b", "/"),
            ("/sites/blog.example/backups?at=%2e%2e", "/sites/blog.example/backups"),
            ("/%73ites/%7Eme/a%2db", "/sites/~me/a-b"),
            ("/a%20b/c%3a@:", "/a%20b/c%3A@:"),
            ("/a%2eb/...", "/a.b/..."),
            ("/100%25", "/100%25"),
        ] {
            assert_eq!(normalise(raw).as_deref(), Ok(path), "{raw}");
        }
    }

    #[test]
    fn each_ambiguity_has_its_reason() {
        use RouteRefusal as R;
        for (raw, refusal) in [
            ("", R::NotAbsolute),
            ("sites", R::NotAbsolute),
            ("*", R::NotAbsolute),
            ("http://hosting.example/sites", R::NotAbsolute),
            ("/sites/", R::EmptySegment),
            ("//sites", R::EmptySegment),
            ("/a//b", R::EmptySegment),
            ("/.", R::DotSegment),
            ("/a/../b", R::DotSegment),
            ("/a/%2e%2E/b", R::DotSegment),
            ("/a/.%2e", R::DotSegment),
            ("/a%2Fb", R::EncodedSlash),
            ("/a%2fb", R::EncodedSlash),
            ("/a\\b", R::Backslash),
            ("/a%5cb", R::Backslash),
            ("/a/..;/b", R::Semicolon),
            ("/a%3Bb", R::Semicolon),
            ("/a\0b", R::ControlCharacter),
            ("/a\r\nb", R::ControlCharacter),
            ("/a%00", R::ControlCharacter),
            ("/a%7f", R::ControlCharacter),
            ("/caf\u{e9}", R::NonAscii),
            ("/caf%C3%A9", R::NonAscii),
            ("/%c0%af", R::NonAscii),
            ("/a%", R::BadEncoding),
            ("/a%2", R::BadEncoding),
            ("/a%2/b", R::BadEncoding),
            ("/a%zz", R::BadEncoding),
            ("/%252e%252e/a", R::BadEncoding),
            ("/%25%32%65", R::BadEncoding),
            ("/a b", R::ForbiddenCharacter),
            ("/a#b", R::ForbiddenCharacter),
            ("/{site}", R::ForbiddenCharacter),
        ] {
            assert_eq!(normalise(raw), Err(refusal), "{raw:?}");
        }
        assert_eq!(normalise(&format!("/{}", "a".repeat(MAX_PATH))), Err(R::PathTooLong));
        assert!(normalise(&format!("/{}?{}", "a".repeat(MAX_PATH - 1), "q".repeat(9000))).is_ok());
    }

    #[test]
    fn segments_of_the_root_are_none() {
        assert_eq!(segments("/").count(), 0);
        assert_eq!(segments("/a/b").collect::<Vec<_>>(), ["a", "b"]);
    }

    /// Paths put together from what attacks are made of.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "/", "a", "sites", ".", "..", "%2e", "%2E", "%2f", "%5c", "%25", "2e", "%", "%00", ";", "\\", "%41", "%7e",
            "%c0%af", "\u{ff0f}", "?", "#", " ", "%20",
        ]);
        prop::collection::vec(part, 0..12).prop_map(|parts| format!("/{}", parts.concat()))
    }

    fn accepted_path_is_plain(raw: &str) -> Result<(), TestCaseError> {
        let Ok(path) = normalise(raw) else { return Ok(()) };
        let again = normalise(&path);
        prop_assert_eq!(again.as_ref(), Ok(&path), "normalising again changes nothing");
        prop_assert!(path.is_ascii() && !path.contains(['\\', ';', '?', '#', ' ']));
        for text in [
            path.to_string(),
            percent_decode_str(&path).decode_utf8_lossy().into_owned(),
        ] {
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(segments(&text).count(), segments(&path).count());
            prop_assert!(segments(&text).all(|segment| !matches!(segment, "" | "." | "..")));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_made_plain(raw in ".{0,60}") {
            accepted_path_is_plain(&raw)?;
        }

        #[test]
        fn hostile_paths_are_refused_or_made_plain(raw in hostile()) {
            accepted_path_is_plain(&raw)?;
        }

        #[test]
        fn encoding_an_unreserved_character_hides_nothing(raw in "/[a-z.]{1,6}(/[a-z.]{1,6}){0,3}", at in 1_usize..8) {
            if let Some(byte) = raw.as_bytes().get(at).filter(|byte| **byte != b'/') {
                let encoded = format!("{}%{byte:02x}{}", &raw[..at], &raw[at + 1..]);
                prop_assert_eq!(normalise(&encoded), normalise(&raw));
            }
        }
    }
}
