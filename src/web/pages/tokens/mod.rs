//! The screens about API tokens, one file a screen.

pub mod bulk;
pub mod list;
