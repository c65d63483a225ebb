//! The body of a call: one JSON object with known members, each at most once, and nothing else.
//!
//! A [`Sent`] tells everything that is wrong with it at once; [`read`] is for bodies so small that the first fault will do.

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{self, HeaderValue},
    web::{self, Bytes},
};
use serde::de::DeserializeOwned;

use super::{
    call::Call,
    json::Json,
    kind::Kind,
    members::{Faults, Members},
    problem::Problem,
};
use crate::domain::secret::redact;

/// Most bytes of a body.
const LONGEST: usize = 16 * 1024;
/// What is wrong with JSON that is no object.
const NO_OBJECT: &str = "The body must be a JSON object.";
/// Most characters of what the reader says that are repeated.
const SAID_LENGTH: usize = 200;

/// Reads the body. The type refuses unknown members itself; a member that stands there twice is refused too.
pub async fn read<T: DeserializeOwned>(
    call: &Call,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<T, Problem> {
    let bytes = bytes(call, request, payload, LONGEST).await?;
    parse(&bytes).map_err(|(kind, detail)| Problem::new(call, kind, detail))
}

/// The media types of a body: JSON (RFC 8259).
pub const JSON: &[&str] = &["application/json"];
/// The media types of a change: JSON Merge Patch (RFC 7396), and JSON, which many programs send whatever it is.
pub const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

/// A body that is a JSON object.
pub struct Sent {
    bytes: Bytes,
    members: Vec<(String, Json)>,
}

impl Sent {
    /// The body of a call, of one of these media types.
    pub async fn of(
        call: &Call,
        request: &HttpRequest,
        payload: web::Payload,
        types: &[&str],
    ) -> Result<Self, Problem> {
        let bytes = bytes_of(call, request, payload, (types, LONGEST)).await?;
        match serde_json::from_slice(&bytes) {
            Ok(Json::Object(members)) => Ok(Self { bytes, members }),
            Ok(_) => Err(Problem::new(call, Kind::InvalidBody, NO_OBJECT)),
            Err(error) => {
                let (kind, detail) = refuse(&error);
                Err(Problem::new(call, kind, detail))
            }
        }
    }

    /// The body of a call that may be sent without one: then it is an empty object.
    pub async fn or_empty(call: &Call, request: &HttpRequest, payload: web::Payload) -> Result<Self, Problem> {
        let headers = request.headers();
        let length = headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes);
        if headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0") {
            return Self::of(call, request, payload, JSON).await;
        }
        Ok(Self {
            bytes: Bytes::new(),
            members: Vec::new(),
        })
    }

    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the members; everything that is wrong with them is told at once. Members that `read` does not ask for are
    /// wrong. Where nothing is wrong, `read` has to find something.
    pub fn read<T>(self, call: &Call, read: impl FnOnce(&mut Members<'_>) -> Option<T>) -> Result<T, Problem> {
        let mut faults = Faults::default();
        let mut members = Members::new("/", self.members, &mut faults);
        let found = read(&mut members);
        members.finish();
        match found {
            Some(found) if faults.is_empty() => Ok(found),
            _ => Err(Problem::with_faults(call, Kind::InvalidBody, faults)),
        }
    }
}

/// The bytes of a body that says that it is JSON, `longest` at most.
pub(super) async fn bytes(
    call: &Call,
    request: &HttpRequest,
    payload: web::Payload,
    longest: usize,
) -> Result<Bytes, Problem> {
    bytes_of(call, request, payload, (JSON, longest)).await
}

async fn bytes_of(
    call: &Call,
    request: &HttpRequest,
    payload: web::Payload,
    (types, longest): (&[&str], usize),
) -> Result<Bytes, Problem> {
    if !types
        .iter()
        .any(|kind| request.content_type().eq_ignore_ascii_case(kind))
    {
        return Err(Problem::plain(call, Kind::UnsupportedMediaType));
    }
    let too_large = || Problem::new(call, Kind::TooLarge, format!("A body has at most {longest} bytes."));
    let bytes = payload.to_bytes_limited(longest).await.map_err(|_| too_large())?;
    bytes.map_err(|_| Problem::new(call, Kind::MalformedJson, "The body did not arrive whole."))
}

/// What is wrong with a body that cannot be read as what it should be.
pub(super) fn refuse(error: &serde_json::Error) -> (Kind, String) {
    let kind = if error.is_data() {
        Kind::InvalidBody
    } else {
        Kind::MalformedJson
    };
    // The message repeats names that were sent, and one of them may be a token.
    let said: String = redact(&error.to_string()).chars().take(SAID_LENGTH).collect();
    (kind, format!("The body cannot be used: {said}."))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, (Kind, String)> {
    // A struct would also be read from a list of its members' values.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
            Ok(_) => (Kind::InvalidBody, NO_OBJECT.to_owned()),
            Err(error) => refuse(&error),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| refuse(&error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "it is only read")]
        name: Option<String>,
    }

    fn kind(text: &str) -> Option<Kind> {
        parse::<Body>(text.as_bytes()).err().map(|(kind, _)| kind)
    }

    #[test]
    fn one_object_with_known_members_is_read() {
        for good in [r#"{"name":"a"}"#, " {} ", r#"{"name":null}"#] {
            assert_eq!(kind(good), None, "{good}");
        }
        for bad in [
            r#"{"nam":"a"}"#,
            r#"{"name":1}"#,
            r#"{"name":"a","name":"a"}"#,
            r#"["a"]"#,
            "null",
            "\"a\"",
        ] {
            assert_eq!(kind(bad), Some(Kind::InvalidBody), "{bad}");
        }
        for bad in ["", " ", "{", r#"{"name":"a"} x"#, "name=a", "{'name':1}", "\u{feff}{}"] {
            assert_eq!(kind(bad), Some(Kind::MalformedJson), "{bad}");
        }
        assert!(parse::<Body>(b"{\"name\":\"\xff\"}").is_err());
        assert_eq!(kind(&"[".repeat(5_000)), Some(Kind::MalformedJson));
    }

    #[test]
    fn no_token_is_repeated() {
        let token = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
        let (_, detail) = parse::<Body>(format!("{{\"{token}\":1}}").as_bytes()).unwrap_err();
        assert!(!detail.contains(token) && detail.len() < 300, "{detail}");
    }

    proptest! {
        #[test]
        fn no_body_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse::<Body>(&bytes);
        }
    }
}
