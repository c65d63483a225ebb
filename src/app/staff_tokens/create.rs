//! Making a staff member's token. Its secret leaves here once, in [`Created::New`], and nothing keeps it.

use time::PrimitiveDateTime;

use super::{Bounds, check_role, event, hold, may_manage};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        minting::Minting,
        tokens::create::{ActKey, CREATION_KEY_LENGTH},
    },
    domain::{
        audit::Action,
        id::StaffId,
        secret::StaffSecret,
        staff::StaffMember,
        staff_token::{MAX_LIVE, StaffDraft, StaffToken, check_expiry},
    },
    store::{self, DbConnection, staff_tokens::NewStaffToken},
};

/// What became of a creation.
#[derive(Debug)]
pub enum Created {
    /// A new token, and its secret, to be shown once.
    New(Box<StaffToken>, StaffSecret),
    /// The same form has already made this one. Its secret is gone.
    Before(Box<StaffToken>),
}

/// A key that names one act of creation; each form that is shown gets its own.
pub fn new_creation_key(app: &App) -> String {
    app.clock.random_base62(CREATION_KEY_LENGTH)
}

/// The token that the form with this key has already made.
pub async fn find_made(app: &App, caller: &Caller, member: StaffId, key: &str) -> Result<Option<StaffToken>, AppError> {
    may_manage(caller, member)?;
    let key = key.to_owned();
    let found = app
        .store
        .read(move |connection| store::staff_tokens::find_by_creation_key(connection, member, &key));
    Ok(found.await?)
}

/// Makes a token of a staff member, unless it was made by the same act before.
///
/// Errors with [`AppError::PasswordNeeded`], [`Rule::NoScope`], [`Rule::RoleExcludes`], [`Rule::BeyondStaffToken`],
/// [`Rule::Expiry`], [`Rule::NameTaken`] or [`Rule::TooManyStaffTokens`].
pub async fn create(
    app: &App,
    caller: &Caller,
    member: StaffId,
    draft: StaffDraft,
    act: Option<ActKey>,
) -> Result<Created, AppError> {
    may_manage(caller, member)?;
    let (now, caller, minting) = (app.now(), caller.clone(), Minting::of(app));
    app.store
        .write(move |connection| {
            let member = hold(connection, member)?;
            if let Some(made) = find_before(connection, member.id, act.as_ref(), now)? {
                return Ok(Created::Before(Box::new(made)));
            }
            caller.needs_fresh_password(now)?;
            Bounds::of(&caller).hold(connection, &draft, now)?;
            check(connection, &member, &draft, now)?;
            let changes = draft.as_new();
            let creation_key = match &act {
                Some(ActKey::Form(key)) => Some(key.clone()),
                Some(ActKey::Call(_)) | None => None,
            };
            let (token, secret) = minting.insert(|secret| {
                let new = NewStaffToken {
                    public_id: secret.public_id,
                    member: member.id,
                    draft: draft.clone(),
                    created_at: now,
                    creation_key: creation_key.clone(),
                    digest: secret.digest,
                    key: secret.key,
                    last4: secret.last4,
                };
                Ok(store::staff_tokens::insert(connection, &new)?)
            })?;
            if let Some(ActKey::Call(once)) = &act {
                once.fulfil(connection, token.public_id.as_str())?;
            }
            let event = event(&caller, now, Action::StaffTokenCreated, (&member, &token), changes);
            store::audit::insert(connection, &event)?;
            Ok(Created::New(Box::new(token), secret))
        })
        .await
}

/// The token that the same act has made before. An act of a program is claimed by this.
fn find_before(
    connection: &mut DbConnection,
    member: StaffId,
    act: Option<&ActKey>,
    now: PrimitiveDateTime,
) -> Result<Option<StaffToken>, AppError> {
    Ok(match act {
        None => None,
        Some(ActKey::Form(key)) => store::staff_tokens::find_by_creation_key(connection, member, key)?,
        Some(ActKey::Call(once)) => match once.claim(connection, now)? {
            None => None,
            Some(made) => {
                let id = made.parse().map_err(|_| AppError::NotFound)?;
                Some(store::staff_tokens::find(connection, member, &id)?.ok_or(AppError::NotFound)?)
            }
        },
    })
}

fn check(
    connection: &mut DbConnection,
    member: &StaffMember,
    draft: &StaffDraft,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    if draft.scopes.is_empty() {
        return Err(Rule::NoScope.into());
    }
    check_role(member, &draft.scopes)?;
    check_expiry(draft.expires_at, now, now).map_err(Rule::Expiry)?;
    if store::staff_tokens::is_name_taken(connection, member.id, &draft.name, None)? {
        return Err(Rule::NameTaken.into());
    }
    if store::staff_tokens::count_live(connection, member.id)? >= i64::from(MAX_LIVE) {
        return Err(Rule::TooManyStaffTokens { limit: MAX_LIVE }.into());
    }
    Ok(())
}
