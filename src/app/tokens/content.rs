//! What the content of a token must obey, and the terms of its account that a form tells before somebody runs into them.

use crate::{
    app::{App, AppError, Caller, Rule, policy_for},
    catalogue::Catalogue,
    domain::{
        account::Account,
        id::{AccountId, TokenId},
        permission::Act,
        policy::Policy,
        scope::ScopeSet,
        site::{SiteName, SiteSet},
        token::TokenName,
    },
    store::{self, StoreError},
};

/// What an account's plan and the installation's policy allow its tokens, and how many it has.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Name of the plan.
    pub plan: String,
    /// What the plan allows, as it is written there.
    pub plan_scopes: ScopeSet,
    /// The installation's policy as the plan narrows it.
    pub policy: Policy,
    /// How many live tokens the account has.
    pub live: u32,
}

impl Terms {
    /// Whether the account has as many live tokens as it may.
    pub fn is_full(&self) -> bool {
        self.live >= self.policy.live_token_limit()
    }
}

/// The terms of an account.
pub async fn terms(app: &App, caller: &Caller, account: &Account) -> Result<Terms, AppError> {
    caller.may(Act::View, Some(account.id))?;
    let account = account.clone();
    app.store
        .read(move |connection| {
            let plan = store::plans::find(connection, account.plan)?.ok_or(StoreError::CutOff)?;
            let live = store::tokens::count_live(connection, account.id)?;
            Ok(Terms {
                plan: plan.name,
                plan_scopes: plan.scopes,
                policy: policy_for(connection, &account)?,
                live: u32::try_from(live).unwrap_or(u32::MAX),
            })
        })
        .await
}

/// Whether a live token of the account, other than `except`, has that name ignoring case (rule 1).
pub async fn is_name_taken(
    app: &App,
    caller: &Caller,
    account: AccountId,
    name: TokenName,
    except: Option<TokenId>,
) -> Result<bool, AppError> {
    caller.may(Act::View, Some(account))?;
    let taken = app
        .store
        .read(move |connection| store::tokens::is_name_taken(connection, account, &name, except));
    Ok(taken.await?)
}

/// Errors unless a token may be given these scopes: at least one, all in the catalogue, all in the plan. Those that it
/// `had` may stay, though the plan has lost them: they are refused until it has them again.
pub fn check_scopes(
    catalogue: &Catalogue,
    plan_scopes: &ScopeSet,
    wanted: &ScopeSet,
    had: &ScopeSet,
) -> Result<(), Rule> {
    if wanted.is_empty() {
        return Err(Rule::NoScope);
    }
    let unknown = catalogue.unknown(wanted);
    if !unknown.is_empty() {
        return Err(Rule::UnknownScopes(unknown));
    }
    // Full access is "what the plan allows", so that any plan allows it.
    if wanted.is_full() {
        return Ok(());
    }
    let excluded = wanted.difference(&catalogue.closure(plan_scopes)).difference(had);
    if excluded.is_empty() {
        Ok(())
    } else {
        Err(Rule::PlanExcludes(excluded))
    }
}

/// Errors unless a token may be given these sites: all, or at least one, each of them the account's. Those that it `had`
/// may stay.
pub fn check_sites(owned: &[SiteName], wanted: &SiteSet, had: &SiteSet) -> Result<(), Rule> {
    let SiteSet::Named(names) = wanted else { return Ok(()) };
    if names.is_empty() {
        return Err(Rule::NoSite);
    }
    let before = match had {
        SiteSet::Named(before) => Some(before),
        SiteSet::All => None,
    };
    let foreign = names
        .iter()
        .filter(|name| !owned.contains(name) && !before.is_some_and(|before| before.contains(*name)));
    let foreign: Vec<SiteName> = foreign.cloned().collect();
    if foreign.is_empty() {
        Ok(())
    } else {
        Err(Rule::NotYourSites(foreign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        text.parse().unwrap()
    }

    #[test]
    fn scopes_come_from_the_catalogue_and_the_plan() {
        let catalogue = Catalogue::built_in();
        let check = |plan, wanted, had| check_scopes(&catalogue, &set(plan), &set(wanted), &set(had));
        assert!(check("*", "backups:create", "").is_ok());
        assert!(check("*", "*", "").is_ok() && check("files:read", "*", "").is_ok());
        assert!(
            check("files:write", "files:read", "").is_ok(),
            "what is implied is allowed"
        );
        assert!(matches!(check("*", "", ""), Err(Rule::NoScope)));
        assert!(
            matches!(check("*", "files:read moon:land", ""), Err(Rule::UnknownScopes(s)) if s[0].as_str() == "moon:land")
        );
        let excluded = check("files:read", "files:write dns:read", "dns:read");
        assert!(matches!(excluded, Err(Rule::PlanExcludes(s)) if s == set("files:write")));
    }

    #[test]
    fn sites_are_the_accounts_own() {
        let owned: Vec<SiteName> = ["a.example", "b.example"].map(|name| name.parse().unwrap()).into();
        let check = |wanted: &str, had: &str| check_sites(&owned, &wanted.parse().unwrap(), &had.parse().unwrap());
        assert!(check("*", "").is_ok() && check("b.example", "").is_ok());
        assert!(matches!(check("", ""), Err(Rule::NoSite)));
        assert!(matches!(check("a.example c.example", ""), Err(Rule::NotYourSites(s)) if s[0].as_str() == "c.example"));
        assert!(check("c.example", "c.example").is_ok());
        assert!(check("c.example", "*").is_err(), "all sites are those of the account");
    }
}
