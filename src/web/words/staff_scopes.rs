//! What a staff member's token can do, as people read it: one sentence and one risk a scope.

use super::{Brief, capitalised};
use crate::{
    catalogue::Risk,
    domain::staff_scope::{StaffScope, StaffScopes},
};

/// A staff scope in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffScopeWords {
    /// What it lets a token do, as a verb: `search and see accounts`.
    pub can: &'static str,
    /// Of a holder who should not have it.
    pub risk: Risk,
    /// Why the risk is what it is; empty where the sentence says it.
    pub why: &'static str,
}

/// A scope in words.
pub fn staff_scope(scope: StaffScope) -> StaffScopeWords {
    let (can, risk, why) = match scope {
        StaffScope::AccountsRead => ("search accounts and see what they are", Risk::Low, ""),
        StaffScope::AccountsCreate => ("create accounts", Risk::Medium, ""),
        StaffScope::AccountsChange => (
            "change accounts, end their sessions, send links to choose a password, write notes",
            Risk::High,
            "Who changes an e-mail address says where links to choose a password go.",
        ),
        StaffScope::AccountsSuspend => (
            "suspend accounts and restore them",
            Risk::High,
            "All tokens of a suspended account are refused.",
        ),
        StaffScope::AccountsRemove => (
            "remove accounts for good",
            Risk::High,
            "Its tokens are revoked, and nobody brings it back.",
        ),
        StaffScope::AccountsPassword => (
            "set the passwords of accounts",
            Risk::High,
            "Who sets a password can sign in as that customer and create tokens.",
        ),
        StaffScope::AccountsSignIn => (
            "open sessions of accounts by links that work once",
            Risk::High,
            "Who opens such a link sees everything of that customer but the secrets, and can stop tokens.",
        ),
        StaffScope::TokensRead => ("see the tokens of accounts, their usage and activity", Risk::Low, ""),
        StaffScope::TokensStop => (
            "pause, resume, shorten and revoke the tokens of accounts",
            Risk::High,
            "What is revoked never works again.",
        ),
        StaffScope::AuditRead => (
            "read the audit",
            Risk::Medium,
            "It says who did what, when and from where.",
        ),
        StaffScope::PolicyRead => ("read the policy and the plans", Risk::Low, ""),
        StaffScope::PolicyChange => (
            "set the policy and the plans",
            Risk::High,
            "They hold for every account at once.",
        ),
        StaffScope::StaffTokensManage => (
            "make, change and revoke staff tokens of the same staff member that can do no more",
            Risk::High,
            "Who makes another one has it after this one is revoked.",
        ),
    };
    StaffScopeWords { can, risk, why }
}

/// What a scope by its name lets a token do: `Create accounts`. A name that is none stays as it is.
pub fn staff_scope_named(name: &str) -> String {
    let named = |scope| capitalised(staff_scope(scope).can);
    name.parse().map_or_else(|_| name.to_owned(), named)
}

/// What a set of scopes comes to: one line each.
pub fn staff_scopes(scopes: &StaffScopes) -> Vec<String> {
    scopes.iter().map(|scope| capitalised(staff_scope(scope).can)).collect()
}

/// The first of these, and the others.
pub fn staff_scopes_in_brief(scopes: &StaffScopes) -> Brief {
    Brief::of(staff_scopes(scopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_can_become_a_customer_is_a_high_risk_and_told_why() {
        for scope in [StaffScope::AccountsPassword, StaffScope::AccountsSignIn] {
            let words = staff_scope(scope);
            assert_eq!(words.risk, Risk::High);
            assert!(words.why.ends_with('.'), "{scope}");
        }
    }

    #[test]
    fn every_scope_is_a_verb_in_a_sentence() {
        for scope in StaffScope::ALL {
            let words = staff_scope(*scope);
            assert!(words.can.starts_with(|first: char| first.is_ascii_lowercase()) && !words.can.ends_with('.'));
            assert!(words.risk != Risk::High || !words.why.is_empty(), "{scope} says why");
        }
    }
}
