//! The rules of Latchkey as types and pure functions: what a token is, what it may do, who may change it.
//!
//! Nothing here reads a clock, a file, a database or a request, and nothing here is worded for people to read.

pub mod account;
pub mod address;
pub mod audit;
pub mod browser;
pub mod chain;
pub mod decision;
pub mod draft;
pub mod id;
pub mod limit;
pub mod link;
pub mod mail;
pub mod password;
pub mod permission;
pub mod policy;
pub mod refused;
pub mod reuse;
pub mod run;
pub mod scope;
pub mod secret;
pub mod service;
pub mod site;
pub mod staff;
pub mod staff_scope;
pub mod staff_token;
pub mod text;
pub mod token;
pub mod usage;
pub mod widening;
