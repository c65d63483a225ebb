//! From the text that somebody presents to the service credential that it is the secret of.
//!
//! The order is that of tokens: form and checksum, without the database; one look-up by public id; digests compared in
//! constant time, also when nothing has the id; then its life and its addresses. Nothing is kept between two requests:
//! a service credential that was revoked is refused by the next one.

use std::net::IpAddr;

use crate::{
    app::{App, AppError, verify::patiently},
    domain::{
        secret::{PublicId, ServiceSecret},
        service::ServiceName,
    },
    store::{self, services::KnownService},
};

/// Who asks: a hosting service, or a proxy in front of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceIdentity {
    /// The public id of its service credential.
    pub public_id: PublicId,
    /// The name of its service credential.
    pub name: ServiceName,
}

/// Why whoever asks is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Unrecognised {
    /// The text is the secret of no service credential that may be used now and from there: malformed, unknown, wrong,
    /// revoked, or from another address. Which of these, nobody is told.
    #[error("no service credential has this secret")]
    Nobody,
    /// It could not be found out: the database or a key is out of reach. Never to be taken for a "yes".
    #[error("the service credential could not be checked")]
    Unchecked(#[source] AppError),
}

/// Finds the service credential that `presented` is the secret of, and notes the use. `presented` is the secret alone,
/// `from` the address of the connection that it came over.
pub async fn verify(app: &App, presented: &str, from: IpAddr) -> Result<ServiceIdentity, Unrecognised> {
    let secret = ServiceSecret::parse(presented).map_err(|_| Unrecognised::Nobody)?;
    let id = secret.public_id();
    let reading = app
        .store
        .read(move |connection| store::services::find_for_verification(connection, &id));
    let known = patiently(reading).await.map_err(Unrecognised::Unchecked)?;
    let digest = known.as_ref().map(|known| (known.digest, &known.key));
    let same = app.is_secret_of(digest, &secret).map_err(Unrecognised::Unchecked)?;
    let Some(KnownService { credential, .. }) = known.filter(|_| same) else {
        return Err(Unrecognised::Nobody);
    };
    let now = app.now();
    if credential.revoked_at.is_some() || !credential.addresses.contains(from) {
        if let Some(others) = app.usage.strangers.take(now) {
            let revoked = credential.revoked_at.is_some();
            tracing::warn!(credential = %id, %from, revoked, others, "a service credential was refused");
        }
        return Err(Unrecognised::Nobody);
    }
    app.services.note(credential.id, credential.last_use, from, now);
    Ok(ServiceIdentity {
        public_id: credential.public_id,
        name: credential.name,
    })
}
