//! Service credentials: making them, seeing and revoking them, and finding out who asks with one.
//!
//! Whoever has one can ask about every token that they have the secret of; it opens nothing else.

mod create;
mod introspect;
mod uses;
mod verify;

use time::PrimitiveDateTime;

pub use self::{
    create::{Created, NewCredential, create, find_made, new_creation_key},
    introspect::{Active, introspect},
    uses::Uses,
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
    store,
};

/// Every live service credential, by name.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ServiceCredential>, AppError> {
    caller.may(Act::ManageServices, None)?;
    Ok(app.store.read(store::services::list_live).await?)
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
            let changes = Change::between("status", "active", "revoked").into_iter().collect();
            let event = event(&caller, now, Action::ServiceCredentialRevoked, &credential, changes);
            store::audit::insert(connection, &event)?;
            Ok(credential)
        })
        .await
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
