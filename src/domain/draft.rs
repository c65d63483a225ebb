//! The content of a token that somebody wants: what a form, a call or a command asks for, before it is a token.
//!
//! Whether the catalogue, the plan and the policy allow it is the use case's to check.

use super::{
    address::AddressSet,
    audit::Change,
    scope::ScopeSet,
    site::SiteSet,
    token::{Description, Expiry, Token, TokenName},
};

/// Everything about a token that its owner decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is called.
    pub name: TokenName,
    /// What it is for.
    pub description: Description,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where.
    pub sites: SiteSet,
    /// From where.
    pub addresses: AddressSet,
    /// Until when.
    pub expiry: Expiry,
}

impl From<&Token> for Draft {
    fn from(token: &Token) -> Self {
        Self {
            name: token.name.clone(),
            description: token.description.clone(),
            scopes: token.scopes.clone(),
            sites: token.sites.clone(),
            addresses: token.addresses.clone(),
            expiry: token.expiry,
        }
    }
}

impl Draft {
    /// Each part with the name by which the audit knows it and its stored form.
    fn parts(&self) -> [(&'static str, String); 6] {
        [
            ("name", self.name.to_string()),
            ("description", self.description.to_string()),
            ("scopes", self.scopes.to_string()),
            ("sites", self.sites.to_string()),
            ("addresses", self.addresses.to_string()),
            ("expiry", self.expiry.to_string()),
        ]
    }

    /// What the audit notes when a token is made of it. An empty description is not noted.
    pub fn as_new(&self) -> Vec<Change> {
        let parts = self.parts().into_iter().filter(|(_, value)| !value.is_empty());
        parts.map(|(field, value)| Change::new(field, value)).collect()
    }

    /// What the audit notes when a token becomes `self` that was `before`; nothing when both are the same.
    pub fn changes_from(&self, before: &Self) -> Vec<Change> {
        let pairs = before.parts().into_iter().zip(self.parts());
        pairs
            .filter_map(|((field, before), (_, after))| Change::between(field, before, after))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn draft() -> Draft {
        Draft {
            name: "Backup".parse().unwrap(),
            description: Description::default(),
            scopes: "backups:create files:read".parse().unwrap(),
            sites: SiteSet::All,
            addresses: AddressSet::any(),
            expiry: Expiry::At(datetime!(2027-02-21 18:29:59)),
        }
    }

    #[test]
    fn a_new_token_is_noted_whole() {
        let noted: Vec<(String, Option<String>)> = draft().as_new().into_iter().map(|c| (c.field, c.after)).collect();
        let expected = [
            ("name", "Backup"),
            ("scopes", "backups:create files:read"),
            ("sites", "*"),
            ("addresses", "*"),
            ("expiry", "2027-02-21T18:29:59Z"),
        ];
        assert_eq!(
            noted,
            expected.map(|(field, value)| (field.to_owned(), Some(value.to_owned())))
        );
    }

    #[test]
    fn only_what_differs_is_noted_of_a_change() {
        let (before, mut after) = (draft(), draft());
        assert_eq!(after.changes_from(&before), []);
        after.expiry = Expiry::Never;
        after.sites = "shop.example".parse().unwrap();
        let changes = after.changes_from(&before);
        let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, ["sites", "expiry"]);
        assert_eq!(changes[0].before.as_deref(), Some("*"));
        assert_eq!(changes[1].after.as_deref(), Some("never"));
    }
}
