//! Who may do what: the whole of it, in one table.

mod actor;
#[cfg(test)]
mod tests;

pub use self::actor::{Actor, TokenPowers};

use super::{
    id::AccountId,
    staff::Role,
    staff_scope::{StaffScope, StaffScopes},
};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that can be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Act { $($(#[$doc])* $name,)* }

        impl Act {
            /// Every act, in the order of the table in the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

acts! {
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
    /// Search accounts and see what they are; say whose a token is.
    ReadAccounts,
    /// Make accounts.
    CreateAccounts,
    /// Change what accounts are, end their sessions, send them links, write notes about them.
    ChangeAccounts,
    /// Suspend accounts and restore them.
    SuspendAccounts,
    /// Remove an account for good.
    RemoveAccounts,
    /// Give an account a password, as a billing system does that has its own page for it.
    SetPasswords,
    /// Open a session of an account by a link that works once, as a billing system does whose customer is signed in there.
    /// No password goes with that session, so it can widen nothing and sees no secret.
    OpenSessions,
    /// Read and export the audit of the whole installation.
    ReadAudit,
    /// Revoke, pause or shorten many tokens of all accounts at once.
    StartRuns,
    /// Make staff members and change what they are.
    ManageStaff,
    /// Make tokens of one's own as a staff member, change and revoke them.
    ManageStaffTokens,
    /// Make service credentials, see and revoke them.
    ManageServices,
    /// Read the policy and the plans.
    ReadPolicy,
    /// Set the policy and the plans.
    SetPolicy,
}

impl Act {
    /// Whether `actor` has to say why: staff, for whatever a customer's token goes through at their hands (rule 9).
    pub fn needs_reason(self, actor: &Actor) -> bool {
        actor.staff_role().is_some()
            && matches!(
                self,
                Self::StopTokens | Self::LiftPause | Self::RemoveAccounts | Self::StartRuns
            )
    }

    /// What a staff member's token needs for it, beside its member's role; nothing where no token may.
    pub fn staff_scope(self) -> Option<StaffScope> {
        Some(match self {
            Self::View => StaffScope::TokensRead,
            Self::StopTokens | Self::LiftPause => StaffScope::TokensStop,
            Self::ReadAccounts => StaffScope::AccountsRead,
            Self::CreateAccounts => StaffScope::AccountsCreate,
            Self::ChangeAccounts => StaffScope::AccountsChange,
            Self::SuspendAccounts => StaffScope::AccountsSuspend,
            Self::RemoveAccounts => StaffScope::AccountsRemove,
            Self::SetPasswords => StaffScope::AccountsPassword,
            Self::OpenSessions => StaffScope::AccountsSignIn,
            Self::ReadAudit => StaffScope::AuditRead,
            Self::ManageStaffTokens => StaffScope::StaffTokensManage,
            Self::ReadPolicy => StaffScope::PolicyRead,
            Self::SetPolicy => StaffScope::PolicyChange,
            Self::ExtendTokens
            | Self::RevokeItself
            | Self::RevokeFound
            | Self::ChangePreferences
            | Self::StartRuns
            | Self::ManageStaff
            | Self::ManageServices => return None,
        })
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
    /// The token that asks lacks this scope of the catalogue.
    #[error("the token lacks the scope {0}")]
    Scope(&'static str),
    /// The staff member's token that asks lacks this scope.
    #[error("the token lacks the staff scope {0}")]
    StaffScope(StaffScope),
}

/// May `actor` do `act` to what belongs to `owner`? (`None`: to the installation as a whole.)
pub fn may(actor: &Actor, act: Act, owner: Option<AccountId>) -> Result<(), Denied> {
    match actor {
        _ if act == Act::RevokeFound => Ok(()),
        Actor::Finder => Err(Denied::NotYours),
        // Their tokens are staff members' own: whoever runs the program has none.
        Actor::Shell | Actor::System => Ok(()),
        Actor::Account { id, suspended, .. } => account_may(owner == Some(*id), *suspended, act),
        Actor::Staff { role, .. } => role_may(*role, act),
        Actor::Token { account, powers, .. } => token_may(owner == Some(*account), *powers, act),
        Actor::StaffToken { role, scopes, .. } => {
            role_may(*role, act)?;
            match act.staff_scope() {
                Some(needed) if scopes.contains(needed) => Ok(()),
                Some(needed) => Err(Denied::StaffScope(needed)),
                None => Err(Denied::Role),
            }
        }
    }
}

fn account_may(own: bool, suspended: bool, act: Act) -> Result<(), Denied> {
    match act {
        Act::ExtendTokens | Act::StopTokens | Act::ChangePreferences if own && suspended => Err(Denied::Suspended),
        Act::View | Act::ExtendTokens | Act::StopTokens | Act::ChangePreferences if own => Ok(()),
        Act::View
        | Act::ExtendTokens
        | Act::StopTokens
        | Act::ChangePreferences
        | Act::RevokeItself
        | Act::RevokeFound
        | Act::LiftPause => Err(Denied::NotYours),
        _ => Err(Denied::Role),
    }
}

fn role_may(role: Role, act: Act) -> Result<(), Denied> {
    match act {
        Act::View
        | Act::StopTokens
        | Act::LiftPause
        | Act::ReadAccounts
        | Act::CreateAccounts
        | Act::ChangeAccounts
        | Act::SuspendAccounts
        | Act::ReadAudit
        | Act::ManageStaffTokens => Ok(()),
        Act::RemoveAccounts
        | Act::SetPasswords
        | Act::OpenSessions
        | Act::StartRuns
        | Act::ManageStaff
        | Act::ManageServices
        | Act::ReadPolicy
        | Act::SetPolicy
            if role == Role::Admin =>
        {
            Ok(())
        }
        _ => Err(Denied::Role),
    }
}

/// What a token of a staff member of this role can be allowed to do.
pub fn scopes_of_role(role: Role) -> StaffScopes {
    let acts = Act::ALL.iter().filter(|act| role_may(role, **act).is_ok());
    acts.filter_map(|act| act.staff_scope()).collect()
}

fn token_may(own: bool, powers: TokenPowers, act: Act) -> Result<(), Denied> {
    match act {
        Act::RevokeItself | Act::View | Act::ExtendTokens | Act::StopTokens if !own => Err(Denied::NotYours),
        Act::RevokeItself => Ok(()),
        Act::View if powers.read => Ok(()),
        Act::View => Err(Denied::Scope(TokenPowers::READ)),
        Act::ExtendTokens | Act::StopTokens if powers.manage => Ok(()),
        Act::ExtendTokens | Act::StopTokens => Err(Denied::Scope(TokenPowers::MANAGE)),
        _ => Err(Denied::Role),
    }
}
