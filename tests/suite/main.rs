//! The real application over HTTP, on SQLite and on PostgreSQL. The files mirror the addresses they test.

#[macro_use]
mod support;

mod edge;
mod store;
