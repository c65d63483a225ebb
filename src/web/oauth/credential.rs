//! Who asks: the service credential of a request, from one `Authorization` header and nowhere else.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::refused::{Refused, Tried};
use crate::{
    app::services::{ServiceIdentity, Unrecognised, verify},
    domain::secret::ServiceSecret,
    web::api::call::Call,
};

/// The service credential that a header's value holds: `Bearer`, one space and the secret, or `Basic` (RFC 7617) with
/// its public id as the user name and the whole secret as the password.
///
/// What is no such value is told by how it was tried.
pub fn read(value: &HeaderValue) -> Result<Zeroizing<String>, Tried> {
    let line = value.to_str().map_err(|_| Tried::Nothing)?;
    let (scheme, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Ok(Zeroizing::new(rest.to_owned()));
    }
    if scheme.eq_ignore_ascii_case("Basic") {
        return basic(rest).ok_or(Tried::Basic);
    }
    Err(Tried::Nothing)
}

/// The password of the credentials, if the user name is the public id in it.
fn basic(encoded: &str) -> Option<Zeroizing<String>> {
    let decoded = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let text = std::str::from_utf8(&decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    let secret = ServiceSecret::parse(password).ok()?;
    (secret.public_id().as_str() == user).then(|| Zeroizing::new(password.to_owned()))
}

fn tried(value: &HeaderValue) -> Tried {
    let basic = value
        .as_bytes()
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"Basic"));
    if basic { Tried::Basic } else { Tried::Bearer }
}

/// The service that asks. Without one: 401 with a challenge; with more than one header: 400.
pub async fn service_of(call: &Call, request: &HttpRequest) -> Result<ServiceIdentity, Refused> {
    let mut lines = request.headers().get_all(header::AUTHORIZATION);
    let line = lines.next().ok_or(Refused::Unrecognised(Tried::Nothing))?;
    if lines.next().is_some() {
        return Err(Refused::Malformed("Send one Authorization header."));
    }
    let presented = read(line).map_err(Refused::Unrecognised)?;
    match verify(&call.app, &presented, call.address).await {
        Ok(service) => Ok(service),
        Err(Unrecognised::Nobody) => Err(Refused::Unrecognised(tried(line))),
        Err(Unrecognised::Unchecked(error)) => Err(Refused::of(call, &error)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "lks_EXAMPLE1_0000000000000000000000000000000012nD5s";

    fn of(line: &str) -> Result<String, Tried> {
        read(&HeaderValue::from_str(line).unwrap()).map(|secret| secret.to_string())
    }

    fn basic_line(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn a_credential_is_read_in_two_ways() {
        for line in [
            format!("Bearer {SECRET}"),
            format!("bearer  {SECRET} "),
            basic_line(&format!("EXAMPLE1:{SECRET}")),
            basic_line(&format!("EXAMPLE1:{SECRET}")).replacen("Basic", "bAsIc", 1),
        ] {
            assert_eq!(of(&line).as_deref(), Ok(SECRET), "{line}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            format!("EXAMPLE2:{SECRET}"),
            format!(":{SECRET}"),
            format!("{SECRET}:"),
            format!("EXAMPLE1:{SECRET} "),
            "EXAMPLE1".to_owned(),
        ] {
            assert_eq!(of(&basic_line(&text)), Err(Tried::Basic), "{text}");
        }
        assert_eq!(of("Basic !"), Err(Tried::Basic));
        for line in ["", SECRET, "Digest a=b", "Bearerlks_"] {
            assert_eq!(of(line), Err(Tried::Nothing), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..90)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = read(&value);
            }
            let _ = of(&basic_line(&String::from_utf8_lossy(&bytes)));
        }
    }
}
