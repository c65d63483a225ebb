//! A staff member of the hosting company: signs in to the staff area; is not an account.

use std::{fmt, str::FromStr};

use time::PrimitiveDateTime;

use super::{
    account::{EmailAddress, Username},
    id::{LoginId, StaffId},
    text::{self, TextError},
};

/// What a staff member may do; `permission.rs` has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Looks after accounts.
    Support,
    /// Also sets rules and manages staff members.
    Admin,
}

/// The text names no [`Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is support or admin")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        match text {
            "support" => Ok(Self::Support),
            "admin" => Ok(Self::Admin),
            _ => Err(RoleError),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Support => "support",
            Self::Admin => "admin",
        })
    }
}

/// Longest name of a staff member, in characters.
pub const MAX_STAFF_NAME: usize = 80;

/// The name of a staff member, as customers read it: 1 to 80 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffName(String);

impl StaffName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StaffName {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text::line(text, MAX_STAFF_NAME).map(Self)
    }
}

/// Somebody who works for the hosting company.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// Row number.
    pub id: StaffId,
    /// What stands in addresses.
    pub public_id: String,
    /// What they sign in with.
    pub login: LoginId,
    /// Unique among accounts and staff members.
    pub username: Username,
    /// Unique among accounts and staff members, without regard to case.
    pub email: EmailAddress,
    /// As customers read it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when they can no longer sign in.
    pub deactivated_at: Option<PrimitiveDateTime>,
}
