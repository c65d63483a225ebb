//! The body of a call: one JSON object with known members, each at most once, and nothing else.

use actix_web::{
    HttpMessage, HttpRequest,
    web::{self, Bytes},
};
use serde::de::DeserializeOwned;

use super::{call::Call, kind::Kind, problem::Problem};
use crate::domain::secret::redact;

/// Most bytes of a body.
const LONGEST: usize = 16 * 1024;
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

/// The bytes of a body that says that it is JSON, `longest` at most.
pub(super) async fn bytes(
    call: &Call,
    request: &HttpRequest,
    payload: web::Payload,
    longest: usize,
) -> Result<Bytes, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
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
            Ok(_) => (Kind::InvalidBody, "The body must be a JSON object.".to_owned()),
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
