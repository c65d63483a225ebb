//! `Idempotency-Key`: a call that makes something can be sent again until it is answered, and makes it once.

use actix_web::{HttpRequest, http::header::HeaderName};

use super::{call::Call, kind::Kind, problem::Problem};

/// The header that names what is to be done once.
const KEY: &str = "Idempotency-Key";
/// The header of an answer that a call with the same key has had before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Most characters of a key.
pub const LONGEST_KEY: usize = 255;

/// The key of a call, if it has one.
pub fn key<'a>(call: &Call, request: &'a HttpRequest) -> Result<Option<&'a str>, Problem> {
    let mut lines = request.headers().get_all(KEY);
    let Some(line) = lines.next() else { return Ok(None) };
    let fits =
        |text: &&str| (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let text = line.to_str().ok().filter(fits);
    if let (Some(text), None) = (text, lines.next()) {
        return Ok(Some(text));
    }
    let detail = format!("{KEY} is sent once and has 1 to {LONGEST_KEY} visible ASCII characters.");
    Err(Problem::new(call, Kind::InvalidHeader, detail))
}
