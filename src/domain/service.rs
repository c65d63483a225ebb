//! A service credential: what a hosting service, or a proxy in front of one, shows to be allowed to ask about tokens.
//!
//! It acts for no account and can change nothing but the token that it is sent to revoke.

use std::{fmt, str::FromStr};

use time::PrimitiveDateTime;

use super::{
    address::AddressSet,
    id::ServiceId,
    secret::PublicId,
    text::{self, TextError},
    token::{LastUse, Status, status_by_use},
};

/// Longest name, in characters.
pub const MAX_SERVICE_NAME: usize = 50;
/// Most live service credentials of an installation.
pub const MAX_LIVE: u32 = 200;

/// The name of a service credential: 1 to 50 characters, trimmed, no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName(String);

impl FromStr for ServiceName {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self(text::line(text, MAX_SERVICE_NAME)?))
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ServiceName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which names are compared: unique among live service credentials ignoring case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A service credential. Its secret is not here: nothing keeps it.
#[derive(Clone, Debug)]
pub struct ServiceCredential {
    /// Row number.
    pub id: ServiceId,
    /// The part of the secret that names it.
    pub public_id: PublicId,
    /// Unique among the live ones ignoring case.
    pub name: ServiceName,
    /// From where it may be used.
    pub addresses: AddressSet,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
    /// Who made it, as the audit names them.
    pub created_by: String,
    /// The secret's last four characters.
    pub last4: String,
    /// Its last use; a minute old at most when it is in use.
    pub last_use: Option<LastUse>,
    /// Since when it is ended for good.
    pub revoked_at: Option<PrimitiveDateTime>,
}

impl ServiceCredential {
    /// Its status at `now`, in the words for tokens: revoked, never used, idle or active.
    pub fn status(&self, now: PrimitiveDateTime) -> Status {
        match self.revoked_at {
            Some(at) => Status::Revoked(at),
            None => status_by_use(self.created_at, self.last_use, now),
        }
    }
}
