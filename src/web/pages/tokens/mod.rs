//! The screens about API tokens, one file a screen.

pub mod bulk;
pub mod fields;
pub mod list;
