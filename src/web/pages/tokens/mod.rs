//! The screens about API tokens, one file a screen.

pub mod bulk;
pub mod created;
pub(super) mod days;
pub mod edit;
pub mod fields;
pub(super) mod head;
pub mod history;
pub mod list;
pub mod new;
pub mod one;
pub mod pause;
pub mod renew;
mod review;
pub mod revoke;
pub mod rotate;
pub mod summary;
pub mod usage;
pub(super) mod viewer;
