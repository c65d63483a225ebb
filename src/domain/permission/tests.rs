//! The table, actor by actor.

use super::{
    Act::{self, *},
    Actor, Denied, TokenPowers, may, scopes_of_role,
};
use crate::domain::{
    id::{AccountId, StaffId, StaffTokenId, TokenId},
    staff::Role,
    staff_scope::{StaffScope, StaffScopes},
};

const OWN: Option<AccountId> = Some(AccountId(1));
const OTHER: Option<AccountId> = Some(AccountId(2));

fn account(suspended: bool) -> Actor {
    Actor::Account {
        id: AccountId(1),
        public_id: "a".into(),
        username: "priya".into(),
        suspended,
    }
}

fn staff(role: Role) -> Actor {
    Actor::Staff {
        id: StaffId(1),
        public_id: "s".into(),
        name: "Asha".into(),
        role,
    }
}

fn token(read: bool, manage: bool) -> Actor {
    Actor::Token {
        id: TokenId(1),
        public_id: "Ab12Cd34".parse().unwrap(),
        name: "t".into(),
        account: AccountId(1),
        powers: TokenPowers { read, manage },
    }
}

fn staff_token(role: Role, scopes: StaffScopes) -> Actor {
    Actor::StaffToken {
        id: StaffTokenId(1),
        public_id: "Ab12Cd34".parse().unwrap(),
        name: "t".into(),
        scopes,
        member: StaffId(1),
        member_public_id: "s".into(),
        member_name: "Asha".into(),
        role,
    }
}

fn allowed(actor: &Actor, owner: Option<AccountId>) -> Vec<Act> {
    Act::ALL
        .iter()
        .copied()
        .filter(|act| may(actor, *act, owner).is_ok())
        .collect()
}

#[test]
fn an_account_reaches_only_its_own() {
    assert_eq!(
        allowed(&account(false), OWN),
        [View, ExtendTokens, StopTokens, RevokeFound, ChangePreferences]
    );
    assert_eq!(allowed(&account(false), OTHER), [RevokeFound]);
    assert_eq!(
        allowed(&account(true), OWN),
        [View, RevokeFound],
        "suspended: it can read why and change nothing"
    );
}

#[test]
fn staff_stop_tokens_and_never_extend_them() {
    let support = allowed(&staff(Role::Support), OTHER);
    assert_eq!(
        support,
        [
            View,
            StopTokens,
            RevokeFound,
            LiftPause,
            ReadAccounts,
            CreateAccounts,
            ChangeAccounts,
            SuspendAccounts,
            ReadAudit,
            ManageStaffTokens
        ]
    );
    let admin = allowed(&staff(Role::Admin), OTHER);
    let more: Vec<Act> = admin.into_iter().filter(|act| !support.contains(act)).collect();
    assert_eq!(
        more,
        [
            RemoveAccounts,
            SetPasswords,
            OpenSessions,
            StartRuns,
            ManageStaff,
            ManageServices,
            ReadPolicy,
            SetPolicy
        ]
    );
}

#[test]
fn a_token_needs_the_scope_and_reaches_only_its_account() {
    assert_eq!(allowed(&token(false, false), OWN), [RevokeItself, RevokeFound]);
    assert_eq!(allowed(&token(true, false), OWN), [View, RevokeItself, RevokeFound]);
    assert_eq!(
        allowed(&token(true, true), OWN),
        [View, ExtendTokens, StopTokens, RevokeItself, RevokeFound]
    );
    assert_eq!(allowed(&token(true, true), OTHER), [RevokeFound]);
    assert_eq!(
        may(&token(true, false), ExtendTokens, OWN),
        Err(Denied::Scope("tokens:manage"))
    );
}

#[test]
fn a_staff_token_may_do_what_its_role_and_its_scopes_allow() {
    for role in [Role::Support, Role::Admin] {
        let all = staff_token(role, StaffScopes::all());
        let expected: Vec<Act> = allowed(&staff(role), OTHER)
            .into_iter()
            .filter(|act| act.staff_scope().is_some() || *act == RevokeFound)
            .collect();
        assert_eq!(allowed(&all, OTHER), expected, "{role}");
        let none = staff_token(role, StaffScopes::default());
        assert_eq!(allowed(&none, OTHER), [RevokeFound]);
    }
    for scope in StaffScope::ALL {
        let one = staff_token(Role::Admin, [*scope].into_iter().collect());
        for act in allowed(&one, OTHER) {
            assert!(
                act == RevokeFound || act.staff_scope() == Some(*scope),
                "{scope}: {act:?}"
            );
        }
        assert!(allowed(&one, OTHER).len() > 1, "{scope} lets nobody do anything");
    }
}

#[test]
fn a_role_allows_the_scopes_of_what_it_may_do() {
    assert_eq!(scopes_of_role(Role::Admin), StaffScopes::all());
    let support = scopes_of_role(Role::Support).to_string();
    let expected = "accounts:read accounts:create accounts:change accounts:suspend tokens:read tokens:stop audit:read \
                    staff-tokens:manage";
    assert_eq!(support, expected);
}

#[test]
fn whoever_finds_a_token_can_do_nothing_but_end_it() {
    for owner in [None, OWN, OTHER] {
        assert_eq!(allowed(&Actor::Finder, owner), [RevokeFound]);
    }
}

#[test]
fn staff_say_why_they_stop_a_token() {
    assert!(StopTokens.needs_reason(&staff(Role::Admin)));
    assert!(StopTokens.needs_reason(&staff_token(Role::Admin, StaffScopes::all())));
    assert!(!StopTokens.needs_reason(&account(false)));
    assert!(!View.needs_reason(&staff(Role::Support)));
}
