//! HTTP and HTML: the only layer with status codes and with words that people read.
//!
//! The edge, which knows nothing of tokens or accounts:
//!
//! * [`server`]: from a listening socket to a running application, and its graceful end.
//! * [`slow`]: ends the connections of peers that send or read too slowly.
//! * [`edge`]: what every request passes, in order; [`limits`], [`origin`], [`client_ip`], [`request_id`], [`panic`],
//!   [`headers`] and [`compress`] are its parts.
//! * [`error`]: every refusal and failure, as a page or as a problem document.
//! * [`assets`]: style sheets, scripts and pictures, compiled in.
//! * [`chart`]: the geometry of sparklines and bars.

pub mod assets;
pub mod chart;
pub mod client_ip;
#[cfg(test)]
mod colours;
pub mod compress;
pub mod edge;
pub mod error;
#[cfg(test)]
mod gallery;
pub mod headers;
pub mod limits;
pub mod origin;
pub mod panic;
pub mod request_id;
pub mod server;
pub mod slow;
