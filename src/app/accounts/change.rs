//! Changing what an account is: its user name, e-mail address, plan and sites, after a look at what that means.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::PrimitiveDateTime;

use super::party;
use crate::{
    app::{App, AppError, Caller, Rule, links, people::Person},
    domain::{
        account::{Account, EmailAddress, Username},
        audit::{Action, Change},
        id::{AccountId, LoginId, PlanId},
        permission::Act,
        policy::{Plan, Policy},
        site::{SiteName, SiteSet},
        token::Token,
    },
    store::{
        self, DbConnection, StoreError,
        accounts::{
            change::{hold, put_sites, put_username},
            detail::sites_main_first,
        },
    },
};

/// Bytes of a version: that two shapes of one account have the same one does not happen.
const VERSION_BYTES: usize = 12;

/// What of an account can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What its holder signs in with.
    pub username: Username,
    /// Where its holder gets mail.
    pub email: EmailAddress,
    /// Name of its plan.
    pub plan: String,
    /// Its sites, the main one first.
    pub sites: Vec<SiteName>,
}

impl Shape {
    fn of(connection: &mut DbConnection, account: &Account) -> Result<Self, StoreError> {
        Ok(Self {
            username: account.username.clone(),
            email: account.email.clone(),
            plan: account.plan_name.clone(),
            sites: sites_main_first(connection, account.id)?,
        })
    }

    /// A short text that names exactly this shape: a form carries the one that it was made from.
    pub fn version(&self) -> String {
        let mut digest = Sha256::new();
        for text in [
            self.username.as_str(),
            &self.email.to_string(),
            &self.plan,
            &self.site_list(),
        ] {
            digest.update(text.as_bytes());
            digest.update([0]);
        }
        let bytes: [u8; 32] = digest.finalize().into();
        URL_SAFE_NO_PAD.encode(&bytes[..VERSION_BYTES])
    }

    fn site_list(&self) -> String {
        let names: Vec<&str> = self.sites.iter().map(SiteName::as_str).collect();
        names.join(" ")
    }

    fn main_site(&self) -> &str {
        self.sites.first().map_or("", SiteName::as_str)
    }

    /// Whether the e-mail address, as it is written, is another one.
    pub fn has_other_email(&self, other: &Self) -> bool {
        self.email.to_string() != other.email.to_string()
    }
}

/// What a change comes to.
#[derive(Clone, Debug)]
pub struct Review {
    /// The account as it is.
    pub before: Shape,
    /// The account as it is to be.
    pub after: Shape,
    /// Tokens that are not revoked: they keep working under a new name.
    pub tokens: usize,
    /// Sites that are taken away, each with how many tokens name it.
    pub sites_gone: Vec<(SiteName, usize)>,
    /// What another plan means for the tokens.
    pub plan: Option<PlanEffect>,
}

/// What another plan means for the tokens of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanEffect {
    /// So many lose permissions.
    pub narrowed: usize,
    /// So many gain some, because they have full access.
    pub widened: usize,
    /// So many live longer than the plan allows; they keep their date.
    pub too_long: usize,
    /// As many tokens the plan allows, where the account has more; they stay, and no new one can be made.
    pub limit: Option<u32>,
}

/// The account as a form is to show it. Whoever makes or changes accounts sees what they are.
pub async fn current(app: &App, caller: &Caller, account: &Account) -> Result<Shape, AppError> {
    caller
        .may(Act::ReadAccounts, Some(account.id))
        .or_else(|_| caller.may(Act::ChangeAccounts, Some(account.id)))
        .or_else(|_| caller.may(Act::CreateAccounts, Some(account.id)))?;
    let account = account.clone();
    app.store
        .read(move |connection| Ok(Shape::of(connection, &account)?))
        .await
}

/// What changing the account that a form showed as `version` into `after` comes to. The same [`Rule`]s as [`change`].
pub async fn review(
    app: &App,
    caller: &Caller,
    account: &Account,
    version: &str,
    after: Shape,
) -> Result<Review, AppError> {
    caller.may(Act::ChangeAccounts, Some(account.id))?;
    let (now, account, version) = (app.now(), account.clone(), version.to_owned());
    app.store
        .read(move |connection| {
            let before = Shape::of(connection, &account)?;
            if before.version() != version {
                return Err(Rule::AccountChanged.into());
            }
            find_taken(connection, &account, &after)?;
            let new_plan = plan(connection, &after.plan)?;
            let tokens = super::live_tokens(connection, account.id, now)?;
            Ok(Review {
                sites_gone: sites_gone(&before, &after, &tokens),
                plan: match store::plans::find(connection, account.plan)? {
                    Some(old) if old.name != after.plan => {
                        let installation = store::installation::find(connection)?.policy;
                        let policy = installation.narrowed_by(&new_plan.1.policy);
                        Some(plan_effect(&tokens, &old, &new_plan.1, &policy, now))
                    }
                    _ => None,
                },
                tokens: tokens.len(),
                before,
                after,
            })
        })
        .await
}

/// Changes the account that a form showed as `version` into `after`; false when nothing is different.
///
/// [`Rule::AccountChanged`] when somebody was faster, [`Rule::UsernameTaken`], [`Rule::EmailTaken`],
/// [`Rule::SiteTaken`], [`Rule::UnknownPlan`]; [`AppError::PasswordNeeded`] for another e-mail address unless the
/// password was just given.
pub async fn change(
    app: &App,
    caller: &Caller,
    (id, login): (AccountId, LoginId),
    version: &str,
    after: Shape,
) -> Result<bool, AppError> {
    caller.may(Act::ChangeAccounts, Some(id))?;
    let (now, caller, version) = (app.now(), caller.clone(), version.to_owned());
    app.store
        .write(move |connection| {
            if !hold(connection, id, login)? {
                return Err(AppError::NotFound);
            }
            let account = store::accounts::find(connection, id)?.ok_or(AppError::NotFound)?;
            let before = Shape::of(connection, &account)?;
            if before.version() != version {
                return Err(Rule::AccountChanged.into());
            }
            if before.has_other_email(&after) {
                caller.needs_fresh_password(now)?;
            }
            if before == after && !before.has_other_email(&after) {
                return Ok(false);
            }
            store(connection, &account, &before, &after, now)?;
            record(connection, &caller, &account, (&before, &after), now)?;
            Ok(true)
        })
        .await
}

fn store(
    connection: &mut DbConnection,
    account: &Account,
    before: &Shape,
    after: &Shape,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    if !put_username(connection, (account.id, account.login), &after.username)? {
        return Err(Rule::UsernameTaken.into());
    }
    if before.has_other_email(after) {
        let person = Person::Customer(Box::new(account.clone()));
        links::put_email_in(connection, &person, &after.email, true, now)?;
    }
    if before.sites != after.sites
        && let Some(taken) = put_sites(connection, account.id, &after.sites, now)?
    {
        return Err(Rule::SiteTaken(taken).into());
    }
    if before.plan != after.plan {
        let plan = store::plans::hold_by_name(connection, &after.plan)?.ok_or(Rule::UnknownPlan)?;
        store::accounts::put_plan(connection, account.id, plan)?;
    }
    store::accounts::terms::refresh(connection, account.id)?;
    Ok(())
}

/// The address in an event of its own: it is what a way into the account is sent to.
fn record(
    connection: &mut DbConnection,
    caller: &Caller,
    account: &Account,
    (before, after): (&Shape, &Shape),
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let mut target = party(account);
    target.name = after.username.to_string();
    if let Some(change) = Change::between("email", &before.email, &after.email) {
        let event = caller.event(
            now,
            Action::EmailChanged,
            Some(account.id),
            target.clone(),
            vec![change],
        );
        store::audit::insert(connection, &event)?;
    }
    let sorted = |shape: &Shape| {
        let mut names: Vec<&str> = shape.sites.iter().map(SiteName::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let changes: Vec<Change> = [
        Change::between("username", &before.username, &after.username),
        Change::between("plan", &before.plan, &after.plan),
        Change::between("main_site", before.main_site(), after.main_site()),
        Change::between("sites", sorted(before), sorted(after)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !changes.is_empty() {
        let event = caller.event(now, Action::AccountChanged, Some(account.id), target, changes);
        store::audit::insert(connection, &event)?;
    }
    Ok(())
}

/// Tells before the review what cannot be: the same is asked again when it is written.
fn find_taken(connection: &mut DbConnection, account: &Account, after: &Shape) -> Result<(), AppError> {
    let other = |found: Option<store::logins::Login>| found.is_some_and(|login| login.id != account.login);
    if other(store::logins::find_by_name(connection, after.username.as_str())?) {
        return Err(Rule::UsernameTaken.into());
    }
    if other(store::logins::find_by_name(connection, &after.email.folded())?) {
        return Err(Rule::EmailTaken.into());
    }
    for site in &after.sites {
        let owner = store::accounts::detail::site_owner(connection, site)?;
        if owner.is_some_and(|owner| owner != account.id) {
            return Err(Rule::SiteTaken(site.clone()).into());
        }
    }
    Ok(())
}

fn plan(connection: &mut DbConnection, name: &str) -> Result<(PlanId, Plan), AppError> {
    let id = store::plans::find_by_name(connection, name)?.ok_or(Rule::UnknownPlan)?;
    let plan = store::plans::find(connection, id)?.ok_or(Rule::UnknownPlan)?;
    Ok((id, plan))
}

fn sites_gone(before: &Shape, after: &Shape, tokens: &[Token]) -> Vec<(SiteName, usize)> {
    let names = |token: &&Token, site: &SiteName| matches!(&token.sites, SiteSet::Named(named) if named.contains(site));
    let gone = before.sites.iter().filter(|site| !after.sites.contains(site));
    gone.map(|site| (site.clone(), tokens.iter().filter(|token| names(token, site)).count()))
        .collect()
}

fn plan_effect(tokens: &[Token], old: &Plan, new: &Plan, policy: &Policy, now: PrimitiveDateTime) -> PlanEffect {
    let many = |of: &dyn Fn(&Token) -> bool| tokens.iter().filter(|token| of(token)).count();
    let limit = policy.live_token_limit();
    PlanEffect {
        narrowed: many(&|token| !new.scopes.includes(&token.scopes.intersection(&old.scopes))),
        widened: many(&|token| !old.scopes.includes(&token.scopes.intersection(&new.scopes))),
        too_long: many(&|token| {
            !token.is_expired(now) && policy.check_expiry(token.expiry, token.created_at, now).is_err()
        }),
        limit: (u32::try_from(tokens.len()).unwrap_or(u32::MAX) > limit).then_some(limit),
    }
}
