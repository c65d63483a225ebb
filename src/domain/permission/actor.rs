//! Who asks for something to be done.

use crate::domain::{
    account::Account,
    id::{AccountId, StaffId, StaffTokenId, TokenId},
    secret::PublicId,
    staff::{Role, StaffMember},
    staff_scope::StaffScopes,
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
        /// Its username.
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
        /// What it may do with the tokens of its account.
        powers: TokenPowers,
    },
    /// The holder of a staff member's token, through the API.
    StaffToken {
        /// The token.
        id: StaffTokenId,
        /// Its public id.
        public_id: PublicId,
        /// Its name.
        name: String,
        /// What it may do, as far as the member's role allows it.
        scopes: StaffScopes,
        /// The staff member.
        member: StaffId,
        /// Their public id.
        member_public_id: String,
        /// Their name.
        member_name: String,
        /// Their role now.
        role: Role,
    },
    /// Somebody who found tokens and says so; nobody asks who it is.
    Finder,
    /// Whoever may run the program on the server.
    Shell,
    /// The program itself, doing what time asks for.
    System,
}

/// What a token may do with the tokens of its account, its scopes and its plan considered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenPowers {
    /// See them: it holds [`TokenPowers::READ`].
    pub read: bool,
    /// Make, change and end those that can do no more than itself: it holds [`TokenPowers::MANAGE`], and the secret is its
    /// current one. An outgoing secret is about to end, so it must not be able to make itself another life.
    pub manage: bool,
}

impl TokenPowers {
    /// The scope of the catalogue that lets a token see tokens.
    pub const READ: &str = "tokens:read";
    /// The scope of the catalogue that lets a token make, change and end tokens.
    pub const MANAGE: &str = "tokens:manage";
    /// A token that can do nothing with tokens.
    pub const NONE: Self = Self {
        read: false,
        manage: false,
    };
}

impl Actor {
    /// The role of a staff member, whether they are signed in or a token of theirs asks.
    pub fn staff_role(&self) -> Option<Role> {
        match self {
            Self::Staff { role, .. } | Self::StaffToken { role, .. } => Some(*role),
            _ => None,
        }
    }

    /// The staff member who asks, signed in or by a token.
    pub fn staff_member(&self) -> Option<StaffId> {
        match self {
            Self::Staff { id, .. } => Some(*id),
            Self::StaffToken { member, .. } => Some(*member),
            _ => None,
        }
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
