//! Who may ask: the peers in the setting `gateways`, and whoever has a service credential. Nobody else is answered.
//!
//! Whoever may ask is believed about where the request came from, so these are proxies and no clients.

use std::net::IpAddr;

use actix_web::{dev::RequestHead, http::header::HeaderName};

use super::question::Fault;
use crate::{
    app::{
        App, AppError,
        services::{self, Unrecognised},
    },
    web::client_ip::{self, is_trusted},
};

/// Carries the secret of a service credential.
const CREDENTIAL: HeaderName = HeaderName::from_static("x-service-credential");

/// Why whoever asks is not answered.
#[derive(Debug)]
pub(super) enum NotAdmitted {
    /// It is no gateway.
    Stranger,
    /// It could not be found out whether it is one.
    Unchecked(AppError),
}

/// The address that a question comes from; the one that no connection has is in no list.
pub(super) fn peer(head: &RequestHead) -> IpAddr {
    head.peer_addr.map_or(IpAddr::from([0; 16]), |peer| peer.ip())
}

/// Lets a question in, or not.
pub(super) async fn admit(app: &App, head: &RequestHead) -> Result<(), NotAdmitted> {
    let peer = peer(head);
    if is_trusted(peer, &app.settings.gateways) {
        return Ok(());
    }
    let mut lines = head.headers.get_all(&CREDENTIAL);
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(NotAdmitted::Stranger);
    };
    let secret = line.to_str().map_err(|_| NotAdmitted::Stranger)?;
    match services::verify(app, secret, peer.to_canonical()).await {
        Ok(_) => Ok(()),
        Err(Unrecognised::Nobody) => Err(NotAdmitted::Stranger),
        Err(Unrecognised::Unchecked(error)) => Err(NotAdmitted::Unchecked(error)),
    }
}

/// The address of whoever sent the request that a gateway asks about.
pub(super) fn client(app: &App, head: &RequestHead) -> Result<IpAddr, Fault> {
    let address = client_ip::asked_for(peer(head), &head.headers, &app.settings.trusted_proxies);
    address.ok_or_else(|| {
        Fault::new("The header x-forwarded-for must end with the address of the client. The gateway has to set it.")
    })
}
