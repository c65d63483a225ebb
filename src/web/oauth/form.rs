//! What is sent to the OAuth endpoints: a form with a `token`, each parameter at most once (RFC 6749, section 3.2).

use actix_web::{HttpMessage, HttpRequest, web};
use zeroize::Zeroizing;

use super::refused::Refused;

/// Most bytes of a body.
const LONGEST: usize = 16 * 1024;

/// Reads the token out of a request. Parameters that are not known are passed over, as `token_type_hint` is: there is one
/// kind of token.
pub async fn token_of(request: &HttpRequest, payload: web::Payload) -> Result<Zeroizing<String>, Refused> {
    // What stands in an address ends up in logs.
    if !request.query_string().is_empty() {
        return Err(Refused::Malformed(
            "Send the parameters in the body and none in the address.",
        ));
    }
    if !request
        .content_type()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(Refused::Malformed(
            "Send the parameters as application/x-www-form-urlencoded.",
        ));
    }
    let bytes = payload.to_bytes_limited(LONGEST).await;
    let bytes = bytes.map_err(|_| Refused::Malformed("A body has at most 16384 bytes."))?;
    let bytes = bytes.map_err(|_| Refused::Malformed("The body did not arrive whole."))?;
    read(&bytes)
}

fn read(bytes: &[u8]) -> Result<Zeroizing<String>, Refused> {
    let mut names = Vec::new();
    let mut token = Zeroizing::new(String::new());
    for (name, value) in form_urlencoded::parse(bytes) {
        if name == "token" {
            token.push_str(&value);
        }
        if names.contains(&name) {
            return Err(Refused::Malformed("Send each parameter once."));
        }
        names.push(name);
    }
    if token.is_empty() {
        return Err(Refused::Malformed("Send the token as the parameter token."));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(body: &str) -> Option<String> {
        read(body.as_bytes()).ok().map(|token| token.to_string())
    }

    #[test]
    fn one_token_is_read_and_other_parameters_are_passed_over() {
        for body in [
            "token=lk_x",
            "token=lk%5Fx",
            "a=1&token=lk_x&token_type_hint=access_token",
            "token=lk_x&token_type_hint=made-up",
        ] {
            assert_eq!(token(body).as_deref(), Some("lk_x"), "{body}");
        }
        for body in [
            "",
            "token=",
            "token",
            "Token=lk_x",
            "token=lk_x&token=lk_x",
            "token=lk_x&token=",
            "token=lk_x&a=1&a=2",
        ] {
            assert_eq!(token(body), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }
}
