//! The query of a call: parameters that the call has, each at most once, and never a token.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use super::{
    call::Call,
    json::Json,
    kind::Kind,
    members::{Faults, Members},
    problem::Problem,
};
use crate::domain::secret::looks_like_token;

/// Errors when somebody put what could be a token into the query: addresses end up in logs.
pub fn refuse_tokens(call: &Call, request: &HttpRequest) -> Result<(), Problem> {
    let decoded = percent_decode_str(request.query_string()).decode_utf8_lossy();
    if looks_like_token(&decoded) {
        return Err(Problem::plain(call, Kind::InvalidRequest));
    }
    Ok(())
}

/// Reads the query; everything that is wrong with it is told at once. Parameters that `read` does not ask for are wrong.
pub fn read<T>(call: &Call, request: &HttpRequest, read: impl FnOnce(&mut Members<'_>) -> T) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let pairs = pairs.map(|(name, value)| (name.into_owned(), Json::Text(value.into_owned())));
    let mut faults = Faults::default();
    let mut members = Members::new("?", pairs.collect(), &mut faults);
    let found = read(&mut members);
    members.finish();
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(Problem::with_faults(call, Kind::InvalidQuery, faults))
    }
}
