//! Calls in the wire format of cPanel UAPI and WHM API 1, for programs that were written for those products.
//!
//! * [`parameters`], [`credentials`], [`controls`], [`envelope`], [`failure`], [`security_token`]: the wire format, which
//!   knows nothing of tokens or accounts.

pub mod controls;
pub mod credentials;
pub mod envelope;
pub mod failure;
pub mod parameters;
pub mod security_token;
