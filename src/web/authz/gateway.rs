//! Who may ask: the peers in the setting `gateways`, and nobody else.
//!
//! Whoever may ask is believed about where the request came from, so the list holds proxies and no clients.

use std::net::IpAddr;

use actix_web::dev::RequestHead;

use super::Authz;
use crate::web::client_ip::{self, is_trusted};

/// Whoever asks is no gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAdmitted;

/// The address that a question comes from; none is never in a list.
pub(super) fn peer(head: &RequestHead) -> IpAddr {
    head.peer_addr.map_or(IpAddr::from([0; 16]), |peer| peer.ip())
}

/// Lets a question in, or not.
pub(super) fn admit(authz: &Authz, head: &RequestHead) -> Result<(), NotAdmitted> {
    if is_trusted(peer(head), &authz.app.settings.gateways) {
        Ok(())
    } else {
        Err(NotAdmitted)
    }
}

/// The address of whoever sent the request that a gateway asks about; none when the gateway does not say.
pub(super) fn client(authz: &Authz, head: &RequestHead) -> Option<IpAddr> {
    client_ip::asked_for(peer(head), &head.headers, &authz.app.settings.trusted_proxies)
}
