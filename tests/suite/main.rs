//! The application over HTTP.
