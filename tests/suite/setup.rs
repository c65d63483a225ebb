//! `/setup`.
