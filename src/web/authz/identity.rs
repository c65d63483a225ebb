//! What the service behind a gateway is told of an allowed request.
//!
//! Every header is there on every "yes", also when it has nothing to say: a gateway that copies them replaces whatever
//! the client sent under the same names.

use actix_web::{
    HttpResponseBuilder,
    http::header::{HeaderName, HeaderValue},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    app::{App, verify::Verified},
    domain::scope::ScopeSet,
};

/// The account's user name.
pub(super) const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
/// The token's public id.
pub(super) const TOKEN_ID: HeaderName = HeaderName::from_static("x-token-id");
/// The token's name, see [`name`].
pub(super) const TOKEN_NAME: HeaderName = HeaderName::from_static("x-token-name");
/// What the token may do, see [`scopes`].
pub(super) const TOKEN_SCOPES: HeaderName = HeaderName::from_static("x-token-scopes");
/// The sites that it may be used for, with one space between; `*` for all of the account's.
pub(super) const TOKEN_RESOURCES: HeaderName = HeaderName::from_static("x-token-resources");

/// What stands in a name as it is: RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Says who it is.
pub(super) fn insert(response: &mut HttpResponseBuilder, app: &App, verified: &Verified) {
    let token = verified.token();
    response
        .insert_header((REMOTE_USER, value(verified.known.username.clone())))
        .insert_header((TOKEN_ID, value(token.public_id.as_str().to_owned())))
        .insert_header((TOKEN_NAME, value(name(&token.name))))
        .insert_header((TOKEN_SCOPES, value(scopes(app, verified))))
        .insert_header((TOKEN_RESOURCES, value(token.sites.to_string())));
}

/// All of it is ASCII by its type or by its encoding; what is not would be no reason to say something else.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A name as it can stand in a header whatever letters it has: UTF-8, percent-encoded but for letters, digits and `-._~`.
fn name(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// What the token may do now, with all that is implied and without what the plan excludes, with one space between; `*`
/// for everything that there is and will be.
fn scopes(app: &App, verified: &Verified) -> String {
    let (granted, plan) = (&verified.token().scopes, &verified.known.plan_scopes);
    let closure = |scopes: &ScopeSet| app.catalogue.closure(scopes);
    match (granted.is_full(), plan.is_full()) {
        (true, true) => ScopeSet::FULL.to_owned(),
        (false, true) => closure(granted).to_string(),
        (_, false) => closure(granted).intersection(&closure(plan)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(name("deploy-ci_2.0~x"), "deploy-ci_2.0~x");
        assert_eq!(name("a b%"), "a%20b%25");
        assert_eq!(name("caf\u{e9}"), "caf%C3%A9");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(text in any::<String>()) {
            let encoded = name(&text);
            prop_assert!(HeaderValue::from_str(&encoded).is_ok() && encoded.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), text);
        }
    }
}
