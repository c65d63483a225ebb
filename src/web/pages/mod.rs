//! One file a screen: what its form sends, what its template shows, and its handlers.

pub mod start;
pub mod tokens;
