//! Tokens of staff members: making, changing and revoking one's own, and finding out who calls with one, or whose one is that
//! was found.
//!
//! Each member has their own, and an administrator sees and ends those of others. The command line may do it for anybody.

mod bounds;
mod change;
mod create;
pub(super) mod identify;
pub(super) mod leaked;
mod verify;

use time::PrimitiveDateTime;

pub use self::{
    change::{Proposal, change, propose},
    create::{Created, create, find_made, new_creation_key},
    identify::Found,
    verify::{StaffIdentity, StaffRefusal, Unrecognised, verify},
};
use super::{App, AppError, Caller, Rule};
use crate::{
    domain::{
        audit::{Action, Change, NewEvent, Party},
        id::StaffId,
        permission::{Act, Actor, Denied, scopes_of_role},
        secret::PublicId,
        staff::StaffMember,
        staff_scope::StaffScopes,
        staff_token::{StaffDraft, StaffToken},
    },
    store::{self, DbConnection},
};
use bounds::Bounds;

/// Errors unless the caller manages the tokens of `member`: their own, or, at the command line, anybody's.
fn may_manage(caller: &Caller, member: StaffId) -> Result<(), AppError> {
    caller.may(Act::ManageStaffTokens, None)?;
    match &caller.actor {
        Actor::Shell | Actor::System => Ok(()),
        actor if actor.staff_member() == Some(member) => Ok(()),
        _ => Err(AppError::NotFound),
    }
}

/// Errors unless the caller may see and end the tokens of `member`: their own, or as an administrator.
fn may_stop(caller: &Caller, member: StaffId) -> Result<(), AppError> {
    match may_manage(caller, member) {
        Err(AppError::NotFound) if caller.may(Act::ManageStaff, None).is_ok() => Ok(()),
        other => other,
    }
}

/// A member's tokens that are not revoked, by name; those that have expired too.
pub async fn list(app: &App, caller: &Caller, member: StaffId) -> Result<Vec<StaffToken>, AppError> {
    may_stop(caller, member)?;
    let found = app
        .store
        .read(move |connection| store::staff_tokens::list_live(connection, member));
    Ok(found.await?)
}

/// How many tokens of a member stop when they are deactivated, and work again when they are reactivated.
pub async fn count_working(app: &App, caller: &Caller, member: StaffId) -> Result<i64, AppError> {
    may_stop(caller, member)?;
    let now = app.now();
    let counted = app
        .store
        .read(move |connection| store::staff_tokens::count_working(connection, member, now));
    Ok(counted.await?)
}

/// One token of a member, revoked or not.
pub async fn find(app: &App, caller: &Caller, member: StaffId, id: PublicId) -> Result<StaffToken, AppError> {
    may_stop(caller, member)?;
    let found = app
        .store
        .read(move |connection| store::staff_tokens::find(connection, member, &id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// Whose a token is, revoked or not: for whoever has its id alone and sees those of all members.
pub async fn owner(app: &App, caller: &Caller, id: PublicId) -> Result<StaffMember, AppError> {
    caller.may(Act::ManageStaff, None)?;
    let found = app
        .store
        .read(move |connection| store::staff_tokens::find_for_verification(connection, &id))
        .await?;
    found.map(|known| known.member).ok_or(AppError::NotFound)
}

/// Ends a token: refused from the next request on, for ever. A token ends only what can do no more than itself.
///
/// Errors with [`Rule::Revoked`] when it is over already.
pub async fn revoke(app: &App, caller: &Caller, member: StaffId, id: PublicId) -> Result<StaffToken, AppError> {
    may_stop(caller, member)?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            // What the token is making at this moment is made before its end, or not at all.
            store::staff_tokens::hold_member(connection, member)?;
            let token = store::staff_tokens::find(connection, member, &id)?.ok_or(AppError::NotFound)?;
            if let Some(at) = token.revoked_at {
                return Err(Rule::Revoked(at).into());
            }
            Bounds::of(&caller).hold(connection, &StaffDraft::from(&token), now)?;
            if !revoke_once(connection, &caller, &token, Action::StaffTokenRevoked, now)? {
                let over = store::staff_tokens::find(connection, member, &id)?;
                return Err(Rule::Revoked(over.and_then(|token| token.revoked_at).unwrap_or(now)).into());
            }
            Ok(token)
        })
        .await
}

/// Ends a token with its event, in a transaction that is under way; false when it is over already. `action` says why: it
/// was revoked, or found by somebody else.
fn revoke_once(
    connection: &mut DbConnection,
    caller: &Caller,
    token: &StaffToken,
    action: Action,
    now: PrimitiveDateTime,
) -> Result<bool, AppError> {
    if !store::staff_tokens::revoke(connection, token.id, now)? {
        return Ok(false);
    }
    let member = store::staff::find(connection, token.member)?.ok_or(AppError::NotFound)?;
    let changes = Change::between("status", "active", "revoked").into_iter().collect();
    let event = event(caller, now, action, (&member, token), changes);
    store::audit::insert(connection, &event)?;
    Ok(true)
}

/// What tokens of a member can be allowed to do now.
pub async fn allowed_scopes(app: &App, caller: &Caller, member: StaffId) -> Result<StaffScopes, AppError> {
    may_stop(caller, member)?;
    let found = app
        .store
        .read(move |connection| store::staff::find(connection, member))
        .await?;
    Ok(scopes_of_role(found.ok_or(AppError::NotFound)?.role))
}

/// The member as they are in this transaction, during which nobody else changes them or their tokens. Whoever is
/// deactivated manages nothing any more.
fn hold(connection: &mut DbConnection, member: StaffId) -> Result<StaffMember, AppError> {
    store::staff_tokens::hold_member(connection, member)?;
    let member = store::staff::find(connection, member)?.ok_or(AppError::NotFound)?;
    if member.deactivated_at.is_some() {
        return Err(Denied::Role.into());
    }
    Ok(member)
}

/// Errors unless the role allows all of these.
fn check_role(member: &StaffMember, scopes: &StaffScopes) -> Result<(), AppError> {
    let excluded = scopes.difference(&scopes_of_role(member.role));
    if excluded.is_empty() {
        Ok(())
    } else {
        Err(Rule::RoleExcludes(excluded).into())
    }
}

/// The event of a change of a member's token. Its target is the member, whom it concerns; the token stands among what
/// changed.
pub(super) fn event(
    caller: &Caller,
    at: PrimitiveDateTime,
    action: Action,
    (member, token): (&StaffMember, &StaffToken),
    changes: Vec<Change>,
) -> NewEvent {
    let named = Change::new("token", format!("{} ({})", token.name, token.public_id));
    let changes = std::iter::once(named).chain(changes).collect();
    let target = Party::new("staff", &member.public_id, &member.name);
    caller.event(at, action, None, target, changes)
}
