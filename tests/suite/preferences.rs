//! `/preferences`.
