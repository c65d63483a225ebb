//! HTTP and HTML: the only layer with status codes and with words that people read.
//!
//! The edge, which knows nothing of tokens or accounts:
//!
//! * [`server`]: from a listening socket to a running application, and its graceful end.
//! * [`door`]: a socket, with or without TLS.
//! * [`slow`]: ends the connections of peers that send or read too slowly.
//! * [`edge`]: what every request passes, in order; [`limits`], [`origin`], [`client_ip`], [`request_id`], [`mod@panic`],
//!   [`headers`] and [`compress`] are its parts.
//! * [`error`]: every refusal and failure, as a page or as a problem document.
//! * [`assets`]: style sheets, scripts and pictures, compiled in; [`packed`]: how they, and whatever else is the same for
//!   everybody, are sent.
//! * [`chart`]: the geometry of sparklines and bars.
//!
//! The panel:
//!
//! * [`routes`]: every route, on one screen; [`pages`]: one file a screen.
//! * [`authz`]: what the proxies in front of hosting services ask.
//! * [`api`]: the JSON API, for programs that hold a token.
//! * [`oauth`]: introspection and revocation, for hosting services.
//! * [`cpanel`]: calls in the wire format of other panels, for programs that were written for those.
//! * [`visit`]: one request of somebody with a browser; [`guard`]: who may reach a page; [`session`]: who is signed in.
//! * [`form`]: what a form sent, behind [`csrf`]; [`reentry`]: giving the password again; [`notice`]: what an action has to say on the next page.
//! * [`local_path`]: where a parameter may lead; [`too_many`]: what a page says to who tried too often.
//! * [`csv`]: tables to take away; [`exports`]: how many are made at once.
//! * [`passwords`]: what is wrong with a new password, in words.
//! * [`serving`]: the whole panel on a socket.
//! * [`panel`] and [`layout`]: what all pages share, `error_page` those of errors too; [`times`]: instants as people read them;
//!   [`words`]: what tokens are, may do and did; [`sentence`]: what one means, in one sentence.

pub mod api;
pub mod assets;
pub mod authz;
pub mod chart;
pub mod client_ip;
#[cfg(test)]
mod colours;
pub mod compress;
pub mod cpanel;
pub mod csrf;
pub mod csv;
pub mod cursor;
pub mod door;
pub mod edge;
pub mod error;
mod error_page;
pub mod exports;
mod failure;
pub mod form;
#[cfg(test)]
mod gallery;
pub mod guard;
pub mod headers;
pub mod layout;
pub mod limits;
pub mod local_path;
pub mod notice;
pub mod oauth;
pub mod origin;
pub mod packed;
pub mod pages;
pub mod panel;
pub mod panic;
pub mod passwords;
pub mod reentry;
mod refusals;
pub mod request_id;
pub mod routes;
pub mod sentence;
pub mod server;
pub mod serving;
pub mod session;
pub mod slow;
pub mod times;
pub mod too_many;
pub mod visit;
pub mod words;
