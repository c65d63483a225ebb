//! What a thing is a change of: revisions as `ETag` (RFC 9110, section 8.8.3), and `If-Match` (section 13.1.1), which
//! keeps a change from undoing another one unseen.

use std::fmt;

use actix_web::{HttpRequest, http::header};

use super::{call::Call, kind::Kind, problem::Problem};

/// How `If-Match` is written.
const HOW: &str = "If-Match is one or more `ETag`s between double quotes, separated by commas, or *.";

/// The strong validator of a thing at one revision: `"7"`. What has no number for that has a short text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Etag<R = i32>(pub R);

impl<R: fmt::Display> fmt::Display for Etag<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// At which revision a change may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// At any.
    Any,
    /// At one of these, each with its quotes.
    One(Vec<String>),
}

impl Precondition {
    /// The precondition that a change must have.
    pub fn required(call: &Call, request: &HttpRequest) -> Result<Self, Problem> {
        Self::given(call, request)?.ok_or_else(|| Problem::plain(call, Kind::IfMatchRequired))
    }

    /// The precondition of a change, if it has one.
    pub fn given(call: &Call, request: &HttpRequest) -> Result<Option<Self>, Problem> {
        let lines: Vec<&[u8]> = request
            .headers()
            .get_all(header::IF_MATCH)
            .map(|line| line.as_bytes())
            .collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let read = parse(&lines.join(&b", "[..]));
        read.map(Some)
            .ok_or_else(|| Problem::new(call, Kind::InvalidHeader, HOW))
    }

    /// Errors, with what the thing is now, unless it is at a revision at which the change may be made.
    pub fn hold(&self, call: &Call, revision: impl fmt::Display) -> Result<(), Problem> {
        let now = Etag(&revision);
        match self {
            Self::Any => Ok(()),
            Self::One(tags) if tags.contains(&now.to_string()) => Ok(()),
            Self::One(_) => Err(changed(call, revision)),
        }
    }
}

/// What a change of something that is at another revision is answered with.
pub fn changed(call: &Call, revision: impl fmt::Display) -> Problem {
    let mut problem = Problem::plain(call, Kind::Changed);
    problem.etag = Some(Etag(revision).to_string());
    problem
}

fn parse(line: &[u8]) -> Option<Precondition> {
    let line = std::str::from_utf8(line).ok()?.trim_matches([' ', '\t']);
    if line == "*" {
        return Some(Precondition::Any);
    }
    let tags: Option<Vec<String>> = line
        .split(',')
        .map(|tag| tag_of(tag.trim_matches([' ', '\t'])))
        .collect();
    // Weak ones never match here (RFC 9110, section 13.1.1).
    tags.map(Precondition::One)
}

fn tag_of(text: &str) -> Option<String> {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let inner = opaque.strip_prefix('"')?.strip_suffix('"')?;
    let fits = inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_and_the_star_are_read() {
        let one = |tags: &[&str]| Some(Precondition::One(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        assert_eq!(parse(b" * "), Some(Precondition::Any));
        assert_eq!(parse(b"\"7\""), one(&["\"7\""]));
        assert_eq!(parse(b"\"7\",  W/\"8\""), one(&["\"7\"", "W/\"8\""]));
        for bad in [
            "",
            "7",
            "\"7",
            "\"7\"\"8\"",
            "*, \"7\"",
            "\"a b\"",
            "w/\"7\"",
            "\"7\",",
            "\"",
            "\"\u{e9}\"",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(&bytes);
        }
    }
}
