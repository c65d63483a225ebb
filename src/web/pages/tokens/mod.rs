//! The screens about API tokens, one file a screen.

pub mod bulk;
pub mod created;
pub mod fields;
pub mod list;
pub mod new;
mod review;
pub mod summary;
