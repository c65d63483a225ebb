//! One file a screen: what its form sends, what its template shows, and its handlers.

pub mod sign_in;
pub mod start;
pub mod tokens;
