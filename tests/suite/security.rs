//! `/security`.
