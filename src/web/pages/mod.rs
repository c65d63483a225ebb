//! One file a screen: what its form sends, what its template shows, and its handlers.

pub mod activity;
pub mod brand;
pub mod forgot;
pub mod leaks;
pub mod link;
pub mod preferences;
pub mod problems;
pub mod reference;
pub mod security;
pub mod setup;
pub mod sign_in;
pub mod staff;
pub mod start;
pub mod tokens;
