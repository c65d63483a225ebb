//! Changing what a staff member's token is called, what it may do, from where, and until when. Its secret stays the same.

use time::PrimitiveDateTime;

use super::{Bounds, check_role, event, find, hold, may_manage};
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{
        audit::{Action, Change},
        id::StaffId,
        mail::WIDENED,
        permission::Denied,
        secret::PublicId,
        staff::StaffMember,
        staff_token::{Beyond, StaffDraft, StaffToken, check_expiry},
    },
    store::{self, DbConnection},
};

/// A change of a token that may be made, and what it comes to.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The token as it is.
    pub token: StaffToken,
    /// What it could newly do; nothing when it could do no more.
    pub beyond: Option<Beyond>,
    /// What is otherwise, as the audit will note it; empty when nothing is.
    pub changes: Vec<Change>,
}

/// What becoming `draft` would mean for a token that is at `revision`. Writes nothing.
///
/// What the token has already may stay although the member's role no longer allows it: only what is added is checked.
///
/// Errors with [`Rule::Outdated`] when the token is at another revision, [`Rule::Revoked`], or the [`Rule`] that the draft
/// breaks.
pub async fn propose(
    app: &App,
    caller: &Caller,
    member: StaffId,
    id: PublicId,
    revision: i32,
    draft: StaffDraft,
) -> Result<Proposal, AppError> {
    may_manage(caller, member)?;
    let token = find(app, caller, member, id).await?;
    let now = app.now();
    app.store
        .read(move |connection| {
            let member = store::staff::find(connection, member)?.ok_or(AppError::NotFound)?;
            weigh(connection, &member, token, revision, &draft, now)
        })
        .await
}

/// Makes a token that is at `revision` what `draft` says. Returns the token as it is then, and whether that made a
/// difference.
///
/// Errors as [`propose`] does, with [`AppError::PasswordNeeded`] when it widens and the password is not fresh, and with
/// [`Rule::BeyondStaffToken`] where a token asks for more than it can do itself.
pub async fn change(
    app: &App,
    caller: &Caller,
    member: StaffId,
    id: PublicId,
    revision: i32,
    draft: StaffDraft,
) -> Result<(StaffToken, bool), AppError> {
    may_manage(caller, member)?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let member = hold(connection, member)?;
            let token = store::staff_tokens::find(connection, member.id, &id)?.ok_or(AppError::NotFound)?;
            let Proposal {
                token,
                beyond,
                mut changes,
            } = weigh(connection, &member, token, revision, &draft, now)?;
            let bounds = Bounds::of(&caller);
            bounds.hold(connection, &StaffDraft::from(&token), now)?;
            if changes.is_empty() {
                return Ok((token, false));
            }
            bounds.hold(connection, &draft, now)?;
            if beyond.is_some() {
                caller.needs_fresh_password(now)?;
                changes.push(Change::new(WIDENED, "yes"));
            }
            if !store::staff_tokens::update(connection, token.id, revision, &draft)? {
                return Err(Rule::Outdated.into());
            }
            let changed = store::staff_tokens::find(connection, member.id, &id)?.ok_or(AppError::NotFound)?;
            let event = event(&caller, now, Action::StaffTokenChanged, (&member, &changed), changes);
            store::audit::insert(connection, &event)?;
            Ok((changed, true))
        })
        .await
}

/// What becoming `draft` would mean, or why it cannot be.
fn weigh(
    connection: &mut DbConnection,
    member: &StaffMember,
    token: StaffToken,
    revision: i32,
    draft: &StaffDraft,
    now: PrimitiveDateTime,
) -> Result<Proposal, AppError> {
    if let Some(at) = token.revoked_at {
        return Err(Rule::Revoked(at).into());
    }
    let before = StaffDraft::from(&token);
    let changes = draft.changes_from(&before);
    if token.revision != revision && !changes.is_empty() {
        return Err(Rule::Outdated.into());
    }
    if draft.scopes.is_empty() {
        return Err(Rule::NoScope.into());
    }
    check_role(member, &draft.scopes.difference(&before.scopes))?;
    if draft.expires_at != before.expires_at {
        check_expiry(draft.expires_at, token.created_at, now).map_err(Rule::Expiry)?;
    }
    if store::staff_tokens::is_name_taken(connection, member.id, &draft.name, Some(token.id))? {
        return Err(Rule::NameTaken.into());
    }
    if member.deactivated_at.is_some() {
        return Err(Denied::Role.into());
    }
    Ok(Proposal {
        beyond: Beyond::of(&before, draft),
        token,
        changes,
    })
}
