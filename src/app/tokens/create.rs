//! Making a token. Its secret leaves here once, in [`Created::New`], and nothing keeps it.

use time::PrimitiveDateTime;

use super::{
    bounds::Bounds,
    content::{check_scopes, check_sites, terms},
    one::event,
};
use crate::{
    app::{App, AppError, Caller, Rule, minting::Minting, once::Once, policy_for},
    domain::{
        account::{Account, Standing},
        audit::Action,
        draft::Draft,
        id::AccountId,
        permission::{Act, Denied},
        scope::ScopeSet,
        secret::TokenSecret,
        site::SiteSet,
        token::{Token, TokenName},
    },
    store::{
        self, DbConnection,
        tokens::{Inserted, NewToken},
    },
};

/// Characters of a creation key: 131 bits, so that no two forms have the same one.
pub const CREATION_KEY_LENGTH: usize = 22;
/// So many numbers are tried to make a name free.
const NUMBERED_NAMES: u32 = 20;

/// What became of a creation.
#[derive(Debug)]
pub enum Created {
    /// A new token, and its secret, to be shown once.
    New(Box<Token>, TokenSecret),
    /// The same form has already made this token. Its secret is gone.
    Before(Box<Token>),
}

/// What keeps one act of creation from happening twice.
#[derive(Clone, Debug)]
pub enum ActKey {
    /// The key of a form that was shown once.
    Form(String),
    /// The key that a program chose, and what it sent.
    Call(Once),
}

/// A key that names one act of creation; each form that is shown gets its own.
pub fn new_creation_key(app: &App) -> String {
    app.clock.random_base62(CREATION_KEY_LENGTH)
}

/// The token that the form with this key has already made.
pub async fn find_made(app: &App, caller: &Caller, account: AccountId, key: &str) -> Result<Option<Token>, AppError> {
    caller.may(Act::View, Some(account))?;
    let key = key.to_owned();
    let found = app
        .store
        .read(move |connection| store::tokens::find_by_creation_key(connection, account, &key));
    Ok(found.await?)
}

/// `wanted`, or, where a live token has that name, `wanted` with the first number that makes it free.
pub async fn free_name(
    app: &App,
    caller: &Caller,
    account: AccountId,
    wanted: TokenName,
) -> Result<TokenName, AppError> {
    caller.may(Act::View, Some(account))?;
    app.store
        .read(move |connection| {
            let numbered = (2..=NUMBERED_NAMES).filter_map(|number| format!("{wanted} {number}").parse().ok());
            for name in std::iter::once(wanted.clone()).chain(numbered) {
                if !store::tokens::is_name_taken(connection, account, &name, None)? {
                    return Ok(name);
                }
            }
            Ok(wanted)
        })
        .await
}

/// Makes a token, unless it was made by the same act before.
///
/// Errors with the first [`Rule`] that stands against it, or [`AppError::PasswordNeeded`].
pub async fn create(
    app: &App,
    caller: &Caller,
    account: &Account,
    draft: Draft,
    act: Option<ActKey>,
) -> Result<Created, AppError> {
    caller.may(Act::ExtendTokens, Some(account.id))?;
    // Outside the transaction: should the plan lose a scope in between, the decision refuses it all the same.
    let plan_scopes = terms(app, caller, account).await?.plan_scopes;
    check_scopes(&app.catalogue, &plan_scopes, &draft.scopes, &ScopeSet::empty())?;
    let (now, caller, account) = (app.now(), caller.clone(), account.id);
    let (minting, bounds) = (Minting::of(app), Bounds::of(app, &caller));
    app.store
        .write(move |connection| {
            if !store::tokens::hold_account(connection, account)? {
                return Err(AppError::NotFound);
            }
            if let Some(token) = find_before(connection, account, act.as_ref(), now)? {
                return Ok(Created::Before(Box::new(token)));
            }
            caller.needs_fresh_password(now)?;
            bounds.hold(connection, &draft, now)?;
            check(connection, account, &draft, now)?;
            let form_key = match &act {
                Some(ActKey::Form(key)) => Some(key.as_str()),
                Some(ActKey::Call(_)) | None => None,
            };
            let (token, secret) = insert(connection, &caller, (&minting, account), &draft, form_key, now)?;
            if let Some(ActKey::Call(once)) = &act {
                once.fulfil(connection, token.public_id.as_str())?;
            }
            let event = event(&caller, now, Action::TokenCreated, &token, draft.as_new());
            store::audit::insert(connection, &event)?;
            Ok(Created::New(token, secret))
        })
        .await
}

/// The token that the same act has made before. An act of a program is claimed by this.
fn find_before(
    connection: &mut DbConnection,
    account: AccountId,
    act: Option<&ActKey>,
    now: PrimitiveDateTime,
) -> Result<Option<Token>, AppError> {
    Ok(match act {
        None => None,
        Some(ActKey::Form(key)) => store::tokens::find_by_creation_key(connection, account, key)?,
        Some(ActKey::Call(once)) => match once.claim(connection, now)? {
            None => None,
            Some(made) => {
                let id = made.parse().map_err(|_| AppError::NotFound)?;
                Some(store::tokens::find(connection, account, &id)?.ok_or(AppError::NotFound)?)
            }
        },
    })
}

/// Checks a new token against the account as it is now, which the transaction holds.
fn check(
    connection: &mut DbConnection,
    account: AccountId,
    draft: &Draft,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let account = store::accounts::find(connection, account)?.ok_or(AppError::NotFound)?;
    if let Standing::Suspended { .. } = account.standing {
        return Err(Denied::Suspended.into());
    }
    check_sites(&account.sites, &draft.sites, &SiteSet::NONE)?;
    let policy = policy_for(connection, &account)?;
    policy.check_expiry(draft.expiry, now, now).map_err(Rule::Expiry)?;
    let limit = policy.live_token_limit();
    if store::tokens::count_live(connection, account.id)? >= i64::from(limit) {
        return Err(Rule::TooManyTokens { limit }.into());
    }
    Ok(())
}

/// Stores a token with a new secret.
fn insert(
    connection: &mut DbConnection,
    caller: &Caller,
    (minting, account): (&Minting, AccountId),
    draft: &Draft,
    creation_key: Option<&str>,
    now: PrimitiveDateTime,
) -> Result<(Box<Token>, TokenSecret), AppError> {
    minting.insert(|secret| {
        let new = NewToken {
            public_id: secret.public_id,
            account,
            name: draft.name.clone(),
            description: draft.description.clone(),
            scopes: draft.scopes.clone(),
            sites: draft.sites.clone(),
            addresses: draft.addresses.clone(),
            expiry: draft.expiry,
            created_at: now,
            created_by: caller.party().name,
            creation_key: creation_key.map(str::to_owned),
            digest: secret.digest,
            key: secret.key,
            last4: secret.last4,
        };
        match store::tokens::insert(connection, &new)? {
            Inserted::Stored(token) => Ok(Some(token)),
            Inserted::NameTaken => Err(Rule::NameTaken.into()),
            Inserted::PublicIdTaken => Ok(None),
        }
    })
}
