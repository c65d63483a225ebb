//! Sets of scopes: what a token holds, what a plan allows, what a request needs, and how these compare.

use std::{
    fmt::{self, Write as _},
    iter::FusedIterator,
    slice,
    str::FromStr,
    sync::Arc,
};

use super::{Scope, ScopeError};

/// What a token or a plan may do: full access, or a sorted set of scopes. A clone is cheap.
///
/// Full access is "everything that the plan allows, now and later", so it is not the same as all the scopes that
/// the catalogue has today: a listed set never includes full access.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScopeSet(Inner);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Inner {
    Full,
    /// Sorted, without duplicates.
    Listed(Arc<[Scope]>),
}

impl ScopeSet {
    /// How full access is written.
    pub const FULL: &str = "*";

    /// The set without any scope.
    pub fn empty() -> Self {
        Self(Inner::Listed(Arc::from([])))
    }

    /// Full access.
    pub fn full() -> Self {
        Self(Inner::Full)
    }

    /// Whether this is full access.
    pub fn is_full(&self) -> bool {
        matches!(self.0, Inner::Full)
    }

    /// Whether nothing is allowed.
    pub fn is_empty(&self) -> bool {
        self.listed().is_some_and(<[Scope]>::is_empty)
    }

    /// How many scopes are listed; 0 for full access, as for [`ScopeSet::iter`].
    pub fn len(&self) -> usize {
        self.listed().map_or(0, <[Scope]>::len)
    }

    /// Whether the scope is listed; always true for full access.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.listed().is_none_or(|scopes| scopes.binary_search(scope).is_ok())
    }

    /// The listed scopes in order; nothing for full access.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.listed().unwrap_or_default().iter())
    }

    /// Whether everything in `other` is in this set too. Only full access includes full access.
    pub fn includes(&self, other: &Self) -> bool {
        self.is_full() || (!other.is_full() && other.iter().all(|scope| self.contains(scope)))
    }

    /// What is in this set and not in `other`.
    ///
    /// Full access without a listed set stays full access: "everything but" has no form of its own, and the answer
    /// must not be smaller than the truth where it tells what is missing.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (_, Inner::Full) => Self::empty(),
            (Inner::Full, Inner::Listed(_)) => Self::full(),
            (Inner::Listed(_), Inner::Listed(_)) => {
                self.iter().filter(|scope| !other.contains(scope)).cloned().collect()
            }
        }
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_full() || other.is_full() {
            Self::full()
        } else {
            self.iter().chain(other.iter()).cloned().collect()
        }
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Inner::Full, _) => other.clone(),
            (_, Inner::Full) => self.clone(),
            (Inner::Listed(_), Inner::Listed(_)) => {
                self.iter().filter(|scope| other.contains(scope)).cloned().collect()
            }
        }
    }

    fn listed(&self) -> Option<&[Scope]> {
        match &self.0 {
            Inner::Full => None,
            Inner::Listed(scopes) => Some(scopes),
        }
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        // Every stored set is in order already.
        if !scopes.is_sorted_by(|one, next| one < next) {
            scopes.sort_unstable();
            scopes.dedup();
        }
        Self(Inner::Listed(scopes.into()))
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    /// Reads the stored form: scopes between white space in any order, or `*` alone for full access.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut words = text.split_ascii_whitespace();
        if words.clone().any(|word| word == Self::FULL) {
            return if words.all(|word| word == Self::FULL) {
                Ok(Self::full())
            } else {
                Err(ScopeError::FullWithOthers)
            };
        }
        words.map(Scope::from_str).collect()
    }
}

impl fmt::Display for ScopeSet {
    /// Writes the stored form: sorted, one space between, `*` for full access.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str(Self::FULL);
        }
        for (place, scope) in self.iter().enumerate() {
            if place > 0 {
                f.write_char(' ')?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// The listed scopes of a [`ScopeSet`], in order.
#[derive(Debug, Clone)]
pub struct Iter<'a>(slice::Iter<'a, Scope>);

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Scope;

    fn next(&mut self) -> Option<&'a Scope> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}
impl FusedIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sets from a small alphabet, so that two of them often share scopes; now and then full access.
    fn any_set() -> impl Strategy<Value = ScopeSet> {
        prop_oneof![
            1 => Just(ScopeSet::full()),
            6 => prop::collection::vec("[a-c]:[a-c]", 0..8)
                .prop_map(|words| words.iter().map(|word| word.parse::<Scope>().expect("in the grammar")).collect()),
        ]
    }

    #[test]
    fn stored_form_is_canonical_and_full_stands_alone() {
        let set: ScopeSet = " b:x  a:y\na:x b:x ".parse().expect("scopes");
        assert_eq!(set.to_string(), "a:x a:y b:x");
        assert_eq!(set.len(), 3);
        assert_eq!("".parse(), Ok(ScopeSet::empty()));
        assert_eq!("*".parse(), Ok(ScopeSet::full()));
        assert_eq!("* a:x".parse::<ScopeSet>(), Err(ScopeError::FullWithOthers));
        assert_eq!("a:x *".parse::<ScopeSet>(), Err(ScopeError::FullWithOthers));
        assert!(ScopeSet::full().iter().next().is_none() && !ScopeSet::full().is_empty());
    }

    proptest! {
        #[test]
        fn stored_form_comes_back_the_same(set in any_set()) {
            prop_assert_eq!(set.to_string().parse::<ScopeSet>(), Ok(set));
        }

        #[test]
        fn reading_never_panics(text in ".{0,80}") {
            if let Ok(set) = text.parse::<ScopeSet>() {
                prop_assert_eq!(set.to_string().parse::<ScopeSet>(), Ok(set));
            }
        }

        #[test]
        fn union_and_intersection_bound_their_parts(a in any_set(), b in any_set()) {
            let (both, either) = (a.intersection(&b), a.union(&b));
            prop_assert!(either.includes(&a) && either.includes(&b));
            prop_assert!(a.includes(&both) && b.includes(&both));
            prop_assert_eq!(&both, &b.intersection(&a));
            prop_assert_eq!(&either, &b.union(&a));
            prop_assert_eq!(a.includes(&b), a.union(&b) == a);
            prop_assert_eq!(a.includes(&b), a.intersection(&b) == b);
        }

        #[test]
        fn difference_is_empty_exactly_when_included(a in any_set(), b in any_set()) {
            let rest = a.difference(&b);
            prop_assert_eq!(rest.is_empty(), b.includes(&a));
            prop_assert!(a.includes(&rest));
            prop_assert_eq!(rest.union(&a.intersection(&b)), a.clone());
            if !a.is_full() {
                prop_assert!(rest.iter().all(|scope| a.contains(scope) && !b.contains(scope)));
            }
        }

        #[test]
        fn inclusion_is_an_order(a in any_set(), b in any_set(), c in any_set()) {
            prop_assert!(a.includes(&a) && a.includes(&ScopeSet::empty()) && ScopeSet::full().includes(&a));
            if a.includes(&b) && b.includes(&a) {
                prop_assert_eq!(&a, &b);
            }
            if a.includes(&b) && b.includes(&c) {
                prop_assert!(a.includes(&c));
            }
        }
    }
}
