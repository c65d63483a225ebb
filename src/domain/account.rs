//! A hosting customer's account, and the names by which its holder signs in.

use std::{fmt, str::FromStr};

use time::PrimitiveDateTime;

use super::{
    id::{AccountId, LoginId, PlanId},
    site::SiteName,
};

/// Longest user name, in characters (cPanel's rule).
pub const MAX_USERNAME: usize = 16;
/// Longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3 less the angle brackets).
pub const MAX_EMAIL: usize = 254;

/// The name of an account or a staff member: 1 to 16 of `a-z0-9`, starting with a letter (cPanel's rule).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// The text is not a [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 1 to 16 of a-z and 0-9 and starts with a letter")]
pub struct UsernameError;

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, UsernameError> {
        let fits = (1..=MAX_USERNAME).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(UsernameError)
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Username {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, kept as it was given; compared without regard to case.
#[derive(Clone, Debug)]
pub struct EmailAddress(String);

/// The text is not an [`EmailAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has a name, an @ and a domain, and at most 254 characters")]
pub struct EmailError;

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let shape = validator::ValidateEmail::validate_email(&text) && text.len() <= MAX_EMAIL;
        if shape {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailError)
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for EmailAddress {}

impl EmailAddress {
    /// The form by which addresses are compared and unique.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Whether an account may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Active,
    /// Its tokens are refused; its holder can sign in to read why and can change nothing.
    Suspended {
        /// Since when.
        at: PrimitiveDateTime,
        /// Why, in the words of the staff member who did it; the customer reads them.
        reason: String,
    },
}

/// A hosting customer's account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Row number.
    pub id: AccountId,
    /// What stands in addresses.
    pub public_id: String,
    /// What its holder signs in with.
    pub login: LoginId,
    /// Unique among accounts and staff members.
    pub username: Username,
    /// Unique among accounts and staff members, without regard to case.
    pub email: EmailAddress,
    /// Its plan.
    pub plan: PlanId,
    /// Name of its plan.
    pub plan_name: String,
    /// May it be used?
    pub standing: Standing,
    /// IANA name of the zone in which its times are shown and its expiry dates end.
    pub time_zone: String,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
    /// Its sites, by name.
    pub sites: Vec<SiteName>,
}

impl Account {
    /// Whether it is suspended.
    pub fn is_suspended(&self) -> bool {
        matches!(self.standing, Standing::Suspended { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_follow_cpanel() {
        for good in ["a", "priya", "x1234567890abcde"] {
            assert!(good.parse::<Username>().is_ok(), "{good}");
        }
        for bad in ["", "1abc", "Priya", "a_b", "x1234567890abcdef", "ä", " a"] {
            assert!(bad.parse::<Username>().is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_differ_only_by_more_than_case() {
        let one: EmailAddress = "Priya@Example.com".parse().unwrap();
        let other: EmailAddress = " priya@example.COM ".parse().unwrap();
        assert_eq!(one, other);
        assert!("priya".parse::<EmailAddress>().is_err());
        assert!("a@b\r\nBcc: c@d.example".parse::<EmailAddress>().is_err());
    }
}
