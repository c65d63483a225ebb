//! What calls are counted by, and how a map finds it without owning the call's texts.

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    net::IpAddr,
};

use time::PrimitiveDateTime;

use super::OTHER;
use crate::domain::{
    id::TokenId,
    usage::{UsageKey, UsageRow},
};

/// Calls under one [`Slot`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) calls: i64,
    pub(super) last_at: PrimitiveDateTime,
}

/// What calls are counted by, as a map holds it.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) token: TokenId,
    hour: PrimitiveDateTime,
    route: Box<str>,
    scope: Box<str>,
    site: Box<str>,
    address: Option<IpAddr>,
    outcome: &'static str,
}

/// The same, borrowed from a call, so that counting one that is known allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Parts<'a> {
    pub(super) token: TokenId,
    pub(super) hour: PrimitiveDateTime,
    pub(super) route: &'a str,
    pub(super) scope: &'a str,
    pub(super) site: &'a str,
    pub(super) address: Option<IpAddr>,
    pub(super) outcome: &'static str,
}

pub(super) trait HasParts {
    fn parts(&self) -> Parts<'_>;
}

impl HasParts for Parts<'_> {
    fn parts(&self) -> Parts<'_> {
        *self
    }
}

impl HasParts for Slot {
    fn parts(&self) -> Parts<'_> {
        Parts {
            token: self.token,
            hour: self.hour,
            route: &self.route,
            scope: &self.scope,
            site: &self.site,
            address: self.address,
            outcome: self.outcome,
        }
    }
}

impl Hash for dyn HasParts + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for dyn HasParts + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn HasParts + '_ {}

impl Hash for Slot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Slot {}

impl<'a> Borrow<dyn HasParts + 'a> for Slot {
    fn borrow(&self) -> &(dyn HasParts + 'a) {
        self
    }
}

impl Parts<'_> {
    pub(super) fn to_slot(self) -> Slot {
        Slot {
            token: self.token,
            hour: self.hour,
            route: self.route.into(),
            scope: self.scope.into(),
            site: self.site.into(),
            address: self.address,
            outcome: self.outcome,
        }
    }

    /// Without what callers can vary without end.
    pub(super) fn folded(self) -> Self {
        let fold = |text: &str| if text.is_empty() { "" } else { OTHER };
        Self {
            scope: fold(self.scope),
            site: fold(self.site),
            address: None,
            ..self
        }
    }
}

impl Slot {
    /// The row that the database is to add.
    pub(super) fn row(&self, count: Count) -> UsageRow {
        UsageRow {
            key: UsageKey {
                token: self.token,
                hour: self.hour,
                route: self.route.to_string(),
                scope: self.scope.to_string(),
                site: self.site.to_string(),
                address: self
                    .address
                    .map_or_else(|| OTHER.to_owned(), |address| address.to_string()),
                outcome: self.outcome.to_owned(),
            },
            calls: count.calls,
            last_at: count.last_at,
        }
    }
}
