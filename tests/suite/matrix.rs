//! Who reaches what: every route, for everybody who could ask.

/// The pages that a customer opens without naming a token.
pub(crate) fn pages() -> Vec<&'static str> {
    vec!["/", "/sign-in"]
}
