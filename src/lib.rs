//! Latchkey: a control panel for API tokens, and the answer to "may this token do this, now, from here?".
//!
//! The layers, and the only direction in which they import:
//! `main -> cli -> {web, jobs} -> app -> {store, mail} -> domain`.
//!
//! * [`cli`]: the commands; reads settings, starts the server, prints.
//! * [`web`]: HTTP and HTML; the only place with status codes and with words that people read.
//! * [`jobs`]: what runs by itself: the usage flush, sweeps.
//! * [`app`]: one function is one thing that somebody can do: permission, rule, one transaction, audit.
//! * [`store`]: the only place that knows the databases.
//! * [`domain`]: the rules: no I/O, no clock, no HTTP, no SQL.
//!
//! Beside the layers stand [`catalogue`] (what a token can be allowed to do), [`clock`] (time and randomness),
//! [`keyring`] (the server's keys) and [`settings`].

pub mod app;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod domain;
pub mod jobs;
pub mod keyring;
pub mod mail;
pub mod settings;
pub mod store;
pub mod web;
