//! The token of a call: read from the `Authorization` header and nowhere else (RFC 6750, section 2.1), found, and let in
//! or not.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
};

use super::{call::Call, kind::Kind, problem::Problem, query, quota, refusal};
use crate::{
    app::{
        App, Caller, reuse, usage,
        verify::{Asked, Ruling, Unverified, Verified, decide_for, standing, standing_for_a_call, verify},
    },
    domain::scope::ScopeSet,
};

/// A call with a token that may be used now and from there.
pub struct Holder {
    /// The call.
    pub call: Call,
    /// The token.
    pub verified: Verified,
    standing: Ruling,
}

/// Why there is no token in the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Absent {
    /// Nothing that could be one was sent.
    Missing,
    /// More than one, or none after the word, or characters that no token has.
    Malformed,
}

impl Absent {
    /// What it is answered with.
    pub(in crate::web) fn kind(self) -> Kind {
        match self {
            Self::Missing => Kind::MissingToken,
            Self::Malformed => Kind::InvalidRequest,
        }
    }
}

/// The text after `Bearer`. The scheme's case does not matter (RFC 9110, section 11.1).
pub(in crate::web) fn presented(headers: &HeaderMap) -> Result<&str, Absent> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let line = lines.next().ok_or(Absent::Missing)?;
    if lines.next().is_some() {
        return Err(Absent::Malformed);
    }
    let line = line.to_str().map_err(|_| Absent::Malformed)?;
    let (scheme, rest) = line.split_once(' ').unwrap_or((line, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Absent::Missing);
    }
    let text = rest.trim_matches(' ');
    // RFC 6750, 2.1: b64token.
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !text.is_empty() && text.bytes().all(fits) {
        Ok(text)
    } else {
        Err(Absent::Malformed)
    }
}

impl Holder {
    /// The holder of the token that a request carries, if the token may be used now and from there. A refusal is
    /// counted under `route`. However many calls the token has made, this is not one too many: for what asks about a
    /// call, and for giving the token up.
    pub async fn of(request: &HttpRequest, route: &str) -> Result<Self, Problem> {
        Self::by(request, route, standing).await
    }

    /// [`Holder::of`] for a call that counts among those that the token may make in a minute.
    pub async fn calling(request: &HttpRequest, route: &str) -> Result<Self, Problem> {
        Self::by(request, route, standing_for_a_call).await
    }

    async fn by(
        request: &HttpRequest,
        route: &str,
        standing: fn(&App, &Verified, IpAddr) -> Ruling,
    ) -> Result<Self, Problem> {
        let call = Call::of(request);
        if !request.query_string().is_empty() {
            return Err(Problem::plain(&call, Kind::InvalidRequest));
        }
        let verified = verified(&call, request).await?;
        let ruling = standing(&call.app, &verified, call.address);
        Self::ruled(call, verified, ruling, route)
    }

    /// [`Holder::calling`] for a call that needs a scope of the catalogue, and whose query its route reads. The call is
    /// counted under `route`, allowed or not.
    pub async fn allowed(request: &HttpRequest, route: &str, scope: &str) -> Result<Self, Problem> {
        let call = Call::of(request);
        query::refuse_tokens(&call, request)?;
        let verified = verified(&call, request).await?;
        let scopes: ScopeSet = scope.parse().expect("routes name scopes that can be one");
        let asked = Asked::Scopes {
            scopes: &scopes,
            site: None,
        };
        let ruling = decide_for(&call.app, &verified, call.address, asked).await;
        let ruling = ruling.map_err(|error| unavailable(&call, &error))?;
        let holder = Self::ruled(call, verified, ruling, route)?;
        holder.used(route);
        Ok(holder)
    }

    fn ruled(call: Call, verified: Verified, ruling: Ruling, route: &str) -> Result<Self, Problem> {
        match refusal::problem(&call, &verified, &ruling) {
            Some(problem) => {
                usage::note(&call.app, &verified, &ruling, call.address, route);
                Err(problem)
            }
            None => Ok(Self {
                call,
                verified,
                standing: ruling,
            }),
        }
    }

    /// The holder as somebody who does something.
    pub fn caller(&self, request: &HttpRequest) -> Caller {
        self.call.caller(request, self.verified.actor(&self.call.app.catalogue))
    }

    /// Counts a call that was allowed under `route`.
    pub fn used(&self, route: &str) {
        usage::note(&self.call.app, &self.verified, &self.standing, self.call.address, route);
    }
}

/// The token that a request carries. From here on it is known which limit of calls holds for the request.
async fn verified(call: &Call, request: &HttpRequest) -> Result<Verified, Problem> {
    let text = presented(request.headers()).map_err(|absent| Problem::plain(call, absent.kind()))?;
    match verify(&call.app, text).await {
        Ok(verified) => {
            quota::note(request, &call.app, verified.token());
            Ok(verified)
        }
        Err(unverified) => {
            reuse::unknown(&call.app, text, call.address, &unverified);
            Err(no_token(call, &unverified))
        }
    }
}

/// What is answered when there is no token to speak of.
fn no_token(call: &Call, unverified: &Unverified) -> Problem {
    match unverified {
        Unverified::Nobody => {
            note_stranger(&call.app, call.address);
            Problem::plain(call, Kind::InvalidToken)
        }
        Unverified::Unchecked(error) => unavailable(call, error),
    }
}

/// Logs that somebody presented what is no token, once a second at most.
pub(in crate::web) fn note_stranger(app: &App, from: IpAddr) {
    if let Some(others) = app.usage.strangers.take(app.now()) {
        tracing::info!(%from, others, "a token that is none was refused");
    }
}

/// What could not be found out is a refusal for now, and its cause goes into the log.
pub(in crate::web) fn unavailable(call: &Call, error: &dyn std::error::Error) -> Problem {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(request = call.request_id.as_str(), %error, cause, "a token could not be checked");
    Problem::plain(call, Kind::Unavailable)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(lines: &[&str]) -> Result<String, Absent> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        presented(&headers).map(str::to_owned)
    }

    #[test]
    fn one_header_with_one_token_is_read() {
        for line in ["Bearer lk_x", "bearer lk_x", "BEARER  lk_x ", "bEaReR lk_x"] {
            assert_eq!(of(&[line]).as_deref(), Ok("lk_x"), "{line:?}");
        }
    }

    #[test]
    fn anything_else_is_missing_or_malformed() {
        for lines in [&[][..], &["Basic bGtfeA=="], &["lk_x"], &["Bearerlk_x"], &[""]] {
            assert_eq!(of(lines), Err(Absent::Missing), "{lines:?}");
        }
        for lines in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a, Bearer b"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic b"],
            &["Bearer \u{e9}"],
            &["Bearer \ta"],
            &["Bearer \"a\""],
        ] {
            assert_eq!(of(lines), Err(Absent::Malformed), "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.insert(header::AUTHORIZATION, value);
            }
            if let Ok(text) = presented(&headers) {
                prop_assert!(text.is_ascii() && !text.contains(' '));
            }
        }
    }
}
