//! Sites: the domain names of an account, and the sets of them that a token may touch.
//!
//! Does not know which account has which site.

use std::{borrow::Borrow, collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The most characters of a domain name without its trailing dot (RFC 1035, section 2.3.4, in text form).
const MAX_NAME: usize = 253;
/// The most characters of one label (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// A domain name: lower-case ASCII, two labels or more, without a trailing dot, an international name in its `xn--`
/// form. Never a wildcard and never an IPv4 address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteName(String);

/// What is wrong with a text that should be a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteNameError {
    /// Nothing was given.
    #[error("no domain name")]
    Empty,
    /// More than 253 characters, or a label of more than 63.
    #[error("the domain name or one of its labels is too long")]
    TooLong,
    /// It contains `*`.
    #[error("a wildcard is not a domain name")]
    Wildcard,
    /// A letter outside ASCII: the name must be given in its `xn--` form.
    #[error("an international domain name must be in its xn-- form")]
    NotAscii,
    /// Only one label, such as `localhost`.
    #[error("a domain name needs a dot")]
    OneLabel,
    /// An empty label, a character other than `a-z`, `0-9` and `-`, or a hyphen at an end of a label.
    #[error("the domain name has a malformed label")]
    Label,
    /// The last label is a number, so browsers would take it for an IPv4 address.
    #[error("an address is not a domain name")]
    Address,
}

impl SiteName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteName {
    type Err = SiteNameError;

    /// Takes upper case and one trailing dot, and drops both; takes no white space.
    fn from_str(text: &str) -> Result<Self, SiteNameError> {
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(SiteNameError::Empty);
        }
        if name.len() > MAX_NAME {
            return Err(SiteNameError::TooLong);
        }
        if name.contains('*') {
            return Err(SiteNameError::Wildcard);
        }
        if !name.is_ascii() {
            return Err(SiteNameError::NotAscii);
        }
        let (_, last) = name.rsplit_once('.').ok_or(SiteNameError::OneLabel)?;
        name.split('.').try_for_each(check_label)?;
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SiteNameError::Address);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }
}

fn check_label(label: &str) -> Result<(), SiteNameError> {
    if label.len() > MAX_LABEL {
        return Err(SiteNameError::TooLong);
    }
    let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if label.is_empty() || !letters || label.starts_with('-') || label.ends_with('-') {
        return Err(SiteNameError::Label);
    }
    Ok(())
}

impl TryFrom<String> for SiteName {
    type Error = SiteNameError;

    fn try_from(text: String) -> Result<Self, SiteNameError> {
        text.parse()
    }
}

impl From<SiteName> for String {
    fn from(name: SiteName) -> Self {
        name.0
    }
}

impl Borrow<str> for SiteName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SiteName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which sites of its account a token may touch.
///
/// Stored as `*`, or as the names in order with one space between. No names at all is a set too: when the last site of a
/// token goes, it must not become "all".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteSet {
    /// Every site of the account, those to come included.
    All,
    /// These sites only.
    Named(BTreeSet<SiteName>),
}

impl SiteSet {
    /// No site.
    pub const NONE: Self = Self::Named(BTreeSet::new());

    /// Whether `site` is in the set.
    pub fn contains(&self, site: &SiteName) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(site),
        }
    }

    /// Whether everything in `other` is in this set. Named sites never include [`SiteSet::All`], which has those to come.
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Named(_), Self::All) => false,
            (Self::Named(ours), Self::Named(theirs)) => theirs.is_subset(ours),
        }
    }

    /// What stands in this set and not in `other`, to show a change. [`SiteSet::All`] is an entry of its own: all less
    /// some names is still all.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, Self::Named(_)) => Self::All,
            (_, Self::All) => Self::NONE,
            (Self::Named(ours), Self::Named(theirs)) => Self::Named(ours.difference(theirs).cloned().collect()),
        }
    }

    /// Whether the set has no site.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Named(names) if names.is_empty())
    }
}

impl FromStr for SiteSet {
    type Err = SiteNameError;

    /// Reads the stored form.
    fn from_str(text: &str) -> Result<Self, SiteNameError> {
        if text == "*" {
            return Ok(Self::All);
        }
        text.split(' ')
            .filter(|name| !name.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self::Named)
    }
}

impl FromIterator<SiteName> for SiteSet {
    fn from_iter<T: IntoIterator<Item = SiteName>>(names: T) -> Self {
        Self::Named(names.into_iter().collect())
    }
}

impl fmt::Display for SiteSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Named(names) = self else {
            return f.write_str("*");
        };
        for (position, name) in names.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn set(text: &str) -> SiteSet {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_folded_to_one_form() {
        for (given, name) in [
            ("Example.COM.", "example.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("a.b", "a.b"),
            ("1.example", "1.example"),
        ] {
            assert_eq!(given.parse::<SiteName>().unwrap().as_str(), name);
        }
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        assert_eq!(longest.parse::<SiteName>().unwrap().as_str().len(), 253);
        assert_eq!(format!("{longest}b").parse::<SiteName>(), Err(SiteNameError::TooLong));
    }

    #[test]
    fn what_is_no_domain_name_is_refused_with_the_reason() {
        let long_label = format!("{}.example", "a".repeat(64));
        for (given, error) in [
            ("", SiteNameError::Empty),
            (".", SiteNameError::Empty),
            ("localhost", SiteNameError::OneLabel),
            ("*.example.com", SiteNameError::Wildcard),
            ("bücher.example", SiteNameError::NotAscii),
            ("a..example", SiteNameError::Label),
            ("a.example..", SiteNameError::Label),
            (".example.com", SiteNameError::Label),
            ("-a.example", SiteNameError::Label),
            ("a-.example", SiteNameError::Label),
            ("a_b.example", SiteNameError::Label),
            ("a b.example", SiteNameError::Label),
            (" a.example", SiteNameError::Label),
            ("a.example:80", SiteNameError::Label),
            ("a.example/x", SiteNameError::Label),
            ("a.exam\0ple", SiteNameError::Label),
            ("192.0.2.7", SiteNameError::Address),
            (long_label.as_str(), SiteNameError::TooLong),
        ] {
            assert_eq!(given.parse::<SiteName>(), Err(error), "{given:?}");
        }
    }

    #[test]
    fn named_sites_never_include_all() {
        let (all, two, one, none) = (
            SiteSet::All,
            set("a.example b.example"),
            set("a.example"),
            SiteSet::NONE,
        );
        assert!(all.includes(&all) && all.includes(&two) && two.includes(&one) && one.includes(&none));
        assert!(!two.includes(&all) && !one.includes(&two) && !none.includes(&one));
        assert!(all.contains(&"c.example".parse().unwrap()) && !two.contains(&"c.example".parse().unwrap()));
        // Neither a parent nor a child of a site is the site.
        assert!(!one.contains(&"x.a.example".parse().unwrap()));
    }

    #[test]
    fn a_difference_shows_what_was_added() {
        let (two, one) = (set("a.example b.example"), set("a.example"));
        assert_eq!(two.difference(&one), set("b.example"));
        assert_eq!(SiteSet::All.difference(&one), SiteSet::All);
        assert!(one.difference(&SiteSet::All).is_empty() && SiteSet::All.difference(&SiteSet::All).is_empty());
    }

    #[test]
    fn an_empty_text_is_no_site() {
        assert_eq!((set(""), SiteSet::NONE.to_string()), (SiteSet::NONE, String::new()));
        assert_eq!((set("*"), SiteSet::All.to_string()), (SiteSet::All, "*".to_owned()));
        assert_eq!("a.example *".parse::<SiteSet>(), Err(SiteNameError::Wildcard));
    }

    proptest! {
        #[test]
        fn names_and_sets_come_back_as_they_were_stored(names in proptest::collection::btree_set("[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\\.[a-z]{2,8}", 0..5)) {
            let sites: SiteSet = names.iter().map(|name| name.parse::<SiteName>().unwrap()).collect();
            prop_assert_eq!(&set(&sites.to_string()), &sites);
            for name in &names {
                prop_assert_eq!(name.parse::<SiteName>().unwrap().to_string(), name.as_str());
                prop_assert!(sites.contains(&name.to_uppercase().parse().unwrap()));
            }
        }

        #[test]
        fn arbitrary_text_is_read_or_refused_without_a_panic(text in "\\PC*") {
            if let Ok(name) = text.parse::<SiteName>() {
                prop_assert_eq!(name.as_str().parse::<SiteName>(), Ok(name.clone()));
            }
            let _ = text.parse::<SiteSet>();
        }
    }
}
