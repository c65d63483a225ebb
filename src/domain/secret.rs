//! Stub.

/// The 62 characters of public ids, secrets and checksums, in the order of their values.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
