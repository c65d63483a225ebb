//! Making a staff member's token. Its secret leaves here once, in [`Created::New`], and nothing keeps it.

use time::PrimitiveDateTime;

use super::{Bounds, check_role, event, hold, may_manage};
use crate::{
    app::{App, AppError, Caller, Rule, tokens::create::CREATION_KEY_LENGTH},
    clock::Clock,
    domain::{
        audit::Action,
        id::StaffId,
        secret::{DigestKey, KeyId, PublicId, StaffSecret, digest},
        staff::StaffMember,
        staff_token::{MAX_LIVE, StaffDraft, StaffToken, check_expiry},
    },
    store::{self, DbConnection, staff_tokens::NewStaffToken},
};

/// So many public ids are tried: one in 2e14 is taken.
const TRIES: usize = 4;

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

/// Makes a token of a staff member, unless the form with this key has already made one.
///
/// Errors with [`AppError::PasswordNeeded`], [`Rule::NoScope`], [`Rule::RoleExcludes`], [`Rule::BeyondStaffToken`],
/// [`Rule::Expiry`], [`Rule::NameTaken`] or [`Rule::TooManyStaffTokens`].
pub async fn create(
    app: &App,
    caller: &Caller,
    member: StaffId,
    draft: StaffDraft,
    creation_key: Option<String>,
) -> Result<Created, AppError> {
    may_manage(caller, member)?;
    let (now, caller, minting) = (app.now(), caller.clone(), Minting::of(app));
    app.store
        .write(move |connection| {
            let member = hold(connection, member)?;
            if let Some(key) = &creation_key
                && let Some(made) = store::staff_tokens::find_by_creation_key(connection, member.id, key)?
            {
                return Ok(Created::Before(Box::new(made)));
            }
            caller.needs_fresh_password(now)?;
            Bounds::of(&caller).hold(connection, &draft, now)?;
            check(connection, &member, &draft, now)?;
            let changes = draft.as_new();
            let (token, secret) = minting.insert(connection, member.id, draft, creation_key, now)?;
            let event = event(&caller, now, Action::StaffTokenCreated, (&member, &token), changes);
            store::audit::insert(connection, &event)?;
            Ok(Created::New(Box::new(token), secret))
        })
        .await
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

/// What a secret is made with.
struct Minting {
    clock: Clock,
    key_id: KeyId,
    key: DigestKey,
}

impl Minting {
    fn of(app: &App) -> Self {
        let keyring = app.keyring();
        let (key_id, key) = keyring.current();
        Self {
            clock: app.clock.clone(),
            key_id: key_id.clone(),
            key: key.clone(),
        }
    }

    fn insert(
        &self,
        connection: &mut DbConnection,
        member: StaffId,
        draft: StaffDraft,
        creation_key: Option<String>,
        now: PrimitiveDateTime,
    ) -> Result<(StaffToken, StaffSecret), AppError> {
        let random = |length| self.clock.random_base62(length);
        let mut new = NewStaffToken {
            public_id: PublicId::mint(random),
            member,
            draft,
            created_at: now,
            creation_key,
            digest: crate::domain::secret::SecretDigest::NOBODY,
            key: self.key_id.clone(),
            last4: String::new(),
        };
        for _ in 0..TRIES {
            let secret = StaffSecret::mint(PublicId::mint(random), random);
            new.public_id = secret.public_id();
            new.digest = digest(&self.key, &secret);
            secret.last4().clone_into(&mut new.last4);
            if let Some(made) = store::staff_tokens::insert(connection, &new)? {
                return Ok((made, secret));
            }
        }
        Err(AppError::Key("no public id is free".to_owned()))
    }
}
