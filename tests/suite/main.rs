//! The real application over HTTP, on SQLite and on PostgreSQL. The files mirror the addresses they test.

#![expect(
    clippy::unwrap_used,
    reason = "a test may end where it finds something else than it expects"
)]

#[macro_use]
mod support;

mod activity;
mod api_accounts;
mod api_audit;
mod api_decide;
mod api_policy;
mod api_staff_tokens;
mod api_token;
mod api_tokens;
mod audit;
mod authz;
mod bulk;
mod command_line;
mod cpanel;
mod demo;
mod edge;
mod errors;
mod fresh;
mod hostile;
mod incidents;
mod kill;
mod leaks;
mod links;
mod mail;
mod many_tokens;
mod matrix;
mod oauth;
mod preferences;
mod problems;
mod rate;
mod readme;
mod reference;
mod reuse;
mod security;
mod services;
mod setup;
mod sign_in;
mod staff_account;
mod staff_accounts;
mod staff_hostile;
mod staff_identify;
mod staff_members;
mod staff_once;
mod staff_own_tokens;
mod staff_policy;
mod staff_services;
mod staff_tokens;
mod start;
mod store;
mod token;
mod token_edit;
mod token_renew;
mod token_rotate;
mod token_stop;
mod tokens_list;
mod tokens_new;
mod upgrade;
mod upkeep;
mod usage;
mod verify;
mod weight;
