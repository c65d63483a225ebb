//! Service credentials: making them, seeing and revoking them, and finding out who asks with one.
//!
//! Whoever has one can ask about every token that they have the secret of; it opens nothing else.

pub(super) mod create;
mod introspect;
mod verify;

use time::PrimitiveDateTime;

pub use self::{
    create::{Created, NewCredential, create, find_made, new_creation_key},
    introspect::{Active, introspect},
    verify::{ServiceIdentity, Unrecognised, verify},
};
use super::{App, AppError, Caller, Rule};
use crate::{
    domain::{
        audit::{Action, Change, NewEvent, Party},
        permission::Act,
        secret::PublicId,
        service::ServiceCredential,
    },
    store::{self, StoreError},
};

/// Every live service credential, by name.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ServiceCredential>, AppError> {
    caller.may(Act::ManageServices, None)?;
    Ok(app.store.read(store::services::list_live).await?)
}

/// How many service credentials there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Those that are not revoked.
    pub live: i64,
    /// Those that are.
    pub revoked: i64,
}

/// Counts service credentials.
pub async fn counts(app: &App, caller: &Caller) -> Result<Counts, AppError> {
    caller.may(Act::ManageServices, None)?;
    let counts = app.store.read(|connection| -> Result<_, StoreError> {
        Ok(Counts {
            live: store::services::count_live(connection)?,
            revoked: store::services::count_revoked(connection)?,
        })
    });
    Ok(counts.await?)
}

/// Revoked service credentials, the latest first and at most `limit`: those after the revoked one that `after` names, or
/// the first ones.
pub async fn list_revoked(
    app: &App,
    caller: &Caller,
    after: Option<PublicId>,
    limit: i64,
) -> Result<Vec<ServiceCredential>, AppError> {
    caller.may(Act::ManageServices, None)?;
    app.store
        .read(move |connection| {
            let after = match after {
                None => None,
                Some(id) => {
                    let last = store::services::find(connection, &id)?.ok_or(AppError::NotFound)?;
                    Some((last.revoked_at.ok_or(AppError::NotFound)?, last.id))
                }
            };
            Ok(store::services::list_revoked(connection, after, limit)?)
        })
        .await
}

/// One service credential, revoked or not.
pub async fn find(app: &App, caller: &Caller, id: PublicId) -> Result<ServiceCredential, AppError> {
    caller.may(Act::ManageServices, None)?;
    let found = app
        .store
        .read(move |connection| store::services::find(connection, &id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// Ends a service credential: refused from the next request on, for ever.
///
/// Errors with [`Rule::Revoked`] when it is over already.
pub async fn revoke(app: &App, caller: &Caller, id: PublicId) -> Result<ServiceCredential, AppError> {
    caller.may(Act::ManageServices, None)?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let credential = store::services::find(connection, &id)?.ok_or(AppError::NotFound)?;
            if !store::services::revoke(connection, credential.id, now)? {
                let over = store::services::find(connection, &id)?.and_then(|credential| credential.revoked_at);
                return Err(Rule::Revoked(over.unwrap_or(now)).into());
            }
            store::audit::insert(connection, &revoked(&caller, now, &credential))?;
            Ok(credential)
        })
        .await
}

/// The event of the end of `credential`.
pub(super) fn revoked(caller: &Caller, at: PrimitiveDateTime, credential: &ServiceCredential) -> NewEvent {
    let changes = Change::between("status", "active", "revoked").into_iter().collect();
    event(caller, at, Action::ServiceCredentialRevoked, credential, changes)
}

/// The event of a change of `credential`.
fn event(
    caller: &Caller,
    at: PrimitiveDateTime,
    action: Action,
    credential: &ServiceCredential,
    changes: Vec<Change>,
) -> NewEvent {
    let target = Party::new("service", credential.public_id, &credential.name);
    caller.event(at, action, None, target, changes)
}
