//! The staff area: what support staff and administrators see and do. Whoever may do what is `domain/permission.rs`'s.

pub mod account;
pub mod accounts;
pub mod audit;
pub mod identify;
pub mod incidents;
pub mod members;
pub mod own_tokens;
pub mod rules;
pub mod services;
