//! What a token of a staff member may do for them, and sets of it.
//!
//! These are Latchkey's own acts, so they are listed here and not in the catalogue, which says what tokens of accounts may do
//! at the hosting services.

use std::{collections::BTreeSet, fmt, str::FromStr};

macro_rules! staff_scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// One thing that a staff member's token may do, where its member's role allows it too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StaffScope { $($(#[$doc])* $name,)* }

        impl StaffScope {
            /// Every one, in the order in which people read them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it is written: `area:action`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

staff_scopes! {
    /// Search accounts and see what they are.
    AccountsRead = "accounts:read",
    /// Make accounts.
    AccountsCreate = "accounts:create",
    /// Change what accounts are, end their sessions, send them links, write notes.
    AccountsChange = "accounts:change",
    /// Suspend accounts and restore them.
    AccountsSuspend = "accounts:suspend",
    /// Remove accounts for good.
    AccountsRemove = "accounts:remove",
    /// Set the passwords of accounts: whoever can do that can become the customer.
    AccountsPassword = "accounts:password",
    /// Open a session of an account by a link that works once.
    AccountsSignIn = "accounts:sign-in",
    /// See the tokens of accounts, but no secrets.
    TokensRead = "tokens:read",
    /// Pause, shorten and revoke the tokens of accounts.
    TokensStop = "tokens:stop",
    /// Read the audit.
    AuditRead = "audit:read",
    /// Read the policy and the plans.
    PolicyRead = "policy:read",
    /// Set the policy and the plans.
    PolicyChange = "policy:change",
    /// Make, change and revoke tokens of the same staff member that can do no more.
    StaffTokensManage = "staff-tokens:manage",
}

/// The text is no staff scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no staff scope {0:?}")]
pub struct UnknownStaffScope(pub String);

impl FromStr for StaffScope {
    type Err = UnknownStaffScope;

    fn from_str(text: &str) -> Result<Self, UnknownStaffScope> {
        let found = Self::ALL.iter().copied().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| UnknownStaffScope(text.to_owned()))
    }
}

impl fmt::Display for StaffScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a staff member's token may do. There is no "everything": what is added later is in none of today's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffScopes(BTreeSet<StaffScope>);

impl StaffScopes {
    /// Every staff scope that there is.
    pub fn all() -> Self {
        StaffScope::ALL.iter().copied().collect()
    }

    /// Whether it is in the set.
    pub fn contains(&self, scope: StaffScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether everything in `other` is in this set too.
    pub fn includes(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.0.difference(&other.0).copied().collect()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of [`StaffScope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = StaffScope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<StaffScope> for StaffScopes {
    fn from_iter<I: IntoIterator<Item = StaffScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for StaffScopes {
    type Err = UnknownStaffScope;

    /// Reads the stored form: scopes between white space, in any order.
    fn from_str(text: &str) -> Result<Self, UnknownStaffScope> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

impl fmt::Display for StaffScopes {
    /// The stored form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            write!(f, "{}{scope}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_as_it_is_written() {
        for scope in StaffScope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        assert_eq!(StaffScopes::all().to_string().parse(), Ok(StaffScopes::all()));
    }

    #[test]
    fn what_is_unknown_is_named_and_never_left_out() {
        let read: Result<StaffScopes, _> = "accounts:read moon:land".parse();
        assert_eq!(read, Err(UnknownStaffScope("moon:land".to_owned())));
        assert!("*".parse::<StaffScopes>().is_err());
    }

    #[test]
    fn sets_compare() {
        let set = |text: &str| text.parse::<StaffScopes>().unwrap();
        let (two, one) = (set("audit:read accounts:read"), set("accounts:read"));
        assert!(two.includes(&one) && !one.includes(&two) && one.includes(&StaffScopes::default()));
        assert_eq!(two.difference(&one), set("audit:read"));
        assert_eq!(two.to_string(), "accounts:read audit:read");
    }
}
