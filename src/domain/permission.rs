//! Who may do what: the whole of it, in one table.

use super::{
    account::Account,
    id::{AccountId, StaffId, TokenId},
    secret::PublicId,
    staff::{Role, StaffMember},
};

/// Who asks for something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The holder of an account, signed in.
    Account {
        /// The account.
        id: AccountId,
        /// Its public id.
        public_id: String,
        /// Its user name.
        username: String,
        /// Whether it is suspended.
        suspended: bool,
    },
    /// A staff member, signed in.
    Staff {
        /// The staff member.
        id: StaffId,
        /// Their public id.
        public_id: String,
        /// Their name.
        name: String,
        /// Their role.
        role: Role,
    },
    /// The holder of a token, through the API.
    Token {
        /// The token.
        id: TokenId,
        /// Its public id.
        public_id: PublicId,
        /// Its name.
        name: String,
        /// Whose it is.
        account: AccountId,
    },
    /// Somebody who found tokens and says so; nobody asks who it is.
    Finder,
    /// Whoever may run the program on the server.
    Shell,
    /// The program itself, doing what time asks for.
    System,
}

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// See an account's tokens, usage and activity.
    View,
    /// Make a token, or change one so that it can do, or live, longer or more; rotate; resume.
    ExtendTokens,
    /// Narrow, rename, pause or revoke a token; retire an outgoing secret.
    StopTokens,
    /// Revoke the very token that asks.
    RevokeItself,
    /// Revoke a token by showing its whole secret: having it is the permission.
    RevokeFound,
    /// Switch a token on again that staff switched off.
    LiftPause,
    /// Change the account's own settings.
    ChangePreferences,
    /// Search accounts, make them, change what they are, suspend them, write notes about them; say whose a token is.
    ManageAccounts,
    /// Remove an account for good.
    RemoveAccounts,
    /// Read and export the audit of the whole installation.
    ReadAudit,
    /// Revoke, pause or shorten many tokens of all accounts at once.
    StartRuns,
    /// Make staff members and change what they are.
    ManageStaff,
    /// Make service credentials, see and revoke them.
    ManageServices,
    /// Set the policy and the plans.
    SetPolicy,
}

impl Act {
    /// Every act, in the order of the table in the documentation.
    pub const ALL: [Self; 14] = [
        Self::View,
        Self::ExtendTokens,
        Self::StopTokens,
        Self::RevokeItself,
        Self::RevokeFound,
        Self::LiftPause,
        Self::ChangePreferences,
        Self::ManageAccounts,
        Self::RemoveAccounts,
        Self::ReadAudit,
        Self::StartRuns,
        Self::ManageStaff,
        Self::ManageServices,
        Self::SetPolicy,
    ];

    /// Whether `actor` has to say why: staff, for whatever a customer's token goes through at their hands (rule 9).
    pub fn needs_reason(self, actor: &Actor) -> bool {
        matches!(actor, Actor::Staff { .. })
            && matches!(
                self,
                Self::StopTokens | Self::LiftPause | Self::RemoveAccounts | Self::StartRuns
            )
    }
}

/// Why something may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It belongs to somebody else: answered as if it did not exist.
    #[error("it belongs to somebody else")]
    NotYours,
    /// The account is suspended and can change nothing.
    #[error("the account is suspended")]
    Suspended,
    /// The actor's role does not include it.
    #[error("the role does not include it")]
    Role,
}

/// May `actor` do `act` to what belongs to `owner`? (`None`: to the installation as a whole.)
pub fn may(actor: &Actor, act: Act, owner: Option<AccountId>) -> Result<(), Denied> {
    match actor {
        _ if act == Act::RevokeFound => Ok(()),
        Actor::Finder => Err(Denied::NotYours),
        Actor::Shell | Actor::System => Ok(()),
        Actor::Account { id, suspended, .. } => {
            let own = owner == Some(*id);
            match act {
                Act::ExtendTokens | Act::StopTokens | Act::ChangePreferences if own && *suspended => {
                    Err(Denied::Suspended)
                }
                Act::View | Act::ExtendTokens | Act::StopTokens | Act::ChangePreferences if own => Ok(()),
                Act::ManageAccounts
                | Act::RemoveAccounts
                | Act::ReadAudit
                | Act::StartRuns
                | Act::ManageStaff
                | Act::ManageServices
                | Act::SetPolicy => Err(Denied::Role),
                _ => Err(Denied::NotYours),
            }
        }
        Actor::Staff { role, .. } => match (act, role) {
            (Act::View | Act::StopTokens | Act::LiftPause | Act::ManageAccounts | Act::ReadAudit, _)
            | (
                Act::RemoveAccounts | Act::StartRuns | Act::ManageStaff | Act::ManageServices | Act::SetPolicy,
                Role::Admin,
            ) => Ok(()),
            _ => Err(Denied::Role),
        },
        Actor::Token { account, .. } => match act {
            Act::RevokeItself | Act::View if owner == Some(*account) => Ok(()),
            Act::RevokeItself | Act::View => Err(Denied::NotYours),
            _ => Err(Denied::Role),
        },
    }
}

impl From<&Account> for Actor {
    fn from(account: &Account) -> Self {
        Self::Account {
            id: account.id,
            public_id: account.public_id.clone(),
            username: account.username.to_string(),
            suspended: account.is_suspended(),
        }
    }
}

impl From<&StaffMember> for Actor {
    fn from(member: &StaffMember) -> Self {
        Self::Staff {
            id: member.id,
            public_id: member.public_id.clone(),
            name: member.name.clone(),
            role: member.role,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn allowed(actor: &Actor, owner: Option<AccountId>) -> Vec<Act> {
        Act::ALL
            .into_iter()
            .filter(|act| may(actor, *act, owner).is_ok())
            .collect()
    }

    #[test]
    fn an_account_reaches_only_its_own() {
        use Act::{ChangePreferences, ExtendTokens, RevokeFound, StopTokens, View};
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
                Act::View,
                Act::StopTokens,
                Act::RevokeFound,
                Act::LiftPause,
                Act::ManageAccounts,
                Act::ReadAudit
            ]
        );
        let admin = allowed(&staff(Role::Admin), OTHER);
        let more: Vec<Act> = admin.into_iter().filter(|act| !support.contains(act)).collect();
        assert_eq!(
            more,
            [
                Act::RemoveAccounts,
                Act::StartRuns,
                Act::ManageStaff,
                Act::ManageServices,
                Act::SetPolicy
            ]
        );
    }

    #[test]
    fn whoever_finds_a_token_can_do_nothing_but_end_it() {
        for owner in [None, OWN, OTHER] {
            assert_eq!(allowed(&Actor::Finder, owner), [Act::RevokeFound]);
        }
    }

    #[test]
    fn staff_say_why_they_stop_a_token() {
        assert!(Act::StopTokens.needs_reason(&staff(Role::Admin)));
        assert!(!Act::StopTokens.needs_reason(&account(false)));
        assert!(!Act::View.needs_reason(&staff(Role::Support)));
    }
}
