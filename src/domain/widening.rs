//! What a change of a token gives and what it takes away: the difference that people confirm, and whether it asks for
//! the password (rule 6 of the product).

use super::{address::AddressSet, draft::Draft, scope::ScopeSet, site::SiteSet, token::Expiry};

/// What a token gains and loses by a change. Name and description give nothing and are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it may newly do, with all that is implied; full access is an entry of its own.
    pub scopes_added: ScopeSet,
    /// What it may no longer do, with all that was implied.
    pub scopes_removed: ScopeSet,
    /// Where it newly works.
    pub sites_added: SiteSet,
    /// Where it no longer works.
    pub sites_removed: SiteSet,
    /// The ranges that are newly listed. A listed range may have been covered before: see [`Difference::widens`].
    pub addresses_added: AddressSet,
    /// The ranges that are no longer listed.
    pub addresses_removed: AddressSet,
    /// The expiry before and after, where it moves.
    pub expiry: Option<(Expiry, Expiry)>,
    more_addresses: bool,
}

impl Difference {
    /// Compares what a token is with what it is to be. `closure` adds to a set what its scopes imply
    /// (`Catalogue::closure`).
    ///
    /// Ticking a scope that another one implied all along gives nothing and is no difference. Full access includes what
    /// will be added to the catalogue later, so that it is more than all the scopes of today.
    pub fn between(before: &Draft, after: &Draft, closure: impl Fn(&ScopeSet) -> ScopeSet) -> Self {
        let close = |scopes: &ScopeSet| {
            if scopes.is_full() {
                ScopeSet::full()
            } else {
                closure(scopes)
            }
        };
        let (scopes_before, scopes_after) = (close(&before.scopes), close(&after.scopes));
        Self {
            scopes_added: scopes_after.difference(&scopes_before),
            scopes_removed: scopes_before.difference(&scopes_after),
            sites_added: after.sites.difference(&before.sites),
            sites_removed: before.sites.difference(&after.sites),
            addresses_added: after.addresses.difference(&before.addresses),
            addresses_removed: before.addresses.difference(&after.addresses),
            expiry: (before.expiry != after.expiry).then_some((before.expiry, after.expiry)),
            more_addresses: !before.addresses.includes(&after.addresses),
        }
    }

    /// Whether the token could do more, in more places, from more addresses, or for longer than before.
    pub fn widens(&self) -> bool {
        let later = self.expiry.is_some_and(|(before, after)| after.is_later_than(before));
        !self.scopes_added.is_empty() || !self.sites_added.is_empty() || self.more_addresses || later
    }

    /// Whether there are addresses that lie in no range of before.
    pub fn more_addresses(&self) -> bool {
        self.more_addresses
    }

    /// Whether nothing is given and nothing taken.
    pub fn is_empty(&self) -> bool {
        self.scopes_added.is_empty()
            && self.scopes_removed.is_empty()
            && self.sites_added.is_empty()
            && self.sites_removed.is_empty()
            && self.addresses_added.is_empty()
            && self.addresses_removed.is_empty()
            && self.expiry.is_none()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::token::Description;

    fn draft() -> Draft {
        Draft {
            name: "Backup".parse().unwrap(),
            description: Description::default(),
            scopes: "a:read b:write".parse().unwrap(),
            sites: "one.example two.example".parse().unwrap(),
            addresses: "203.0.113.0/24".parse().unwrap(),
            expiry: Expiry::At(datetime!(2027-02-21 18:29:59)),
        }
    }

    /// Here `x:write` implies `x:read` for every area.
    fn closure(scopes: &ScopeSet) -> ScopeSet {
        let implied = scopes.iter().filter(|scope| scope.action() == "write");
        let implied = implied.map(|scope| format!("{}:read", scope.area()).parse().unwrap());
        scopes.union(&implied.collect())
    }

    fn after(change: impl FnOnce(&mut Draft)) -> Difference {
        let mut after = draft();
        change(&mut after);
        Difference::between(&draft(), &after, closure)
    }

    #[test]
    fn words_give_nothing() {
        let renamed = after(|draft| draft.name = "Other".parse().unwrap());
        assert!(renamed.is_empty() && !renamed.widens());
    }

    #[test]
    fn scopes_are_compared_with_what_they_imply() {
        let implied = after(|draft| draft.scopes = "a:read b:read b:write".parse().unwrap());
        assert!(implied.is_empty(), "b:write could read all along");
        let swapped = after(|draft| draft.scopes = "a:write b:read".parse().unwrap());
        assert_eq!(swapped.scopes_added.to_string(), "a:write");
        assert_eq!(swapped.scopes_removed.to_string(), "b:write");
        assert!(swapped.widens());
        let fewer = after(|draft| draft.scopes = "a:read".parse().unwrap());
        assert_eq!(fewer.scopes_removed.to_string(), "b:read b:write");
        assert!(!fewer.widens() && !fewer.is_empty());
    }

    #[test]
    fn full_access_is_more_than_everything_of_today() {
        let full = after(|draft| draft.scopes = ScopeSet::full());
        assert!(full.scopes_added.is_full() && full.scopes_removed.is_empty() && full.widens());
        let (mut wide, narrow) = (draft(), draft());
        wide.scopes = ScopeSet::full();
        let back = Difference::between(&wide, &narrow, closure);
        assert!(back.scopes_removed.is_full() && back.scopes_added.is_empty() && !back.widens());
    }

    #[test]
    fn sites_to_come_are_more_than_those_of_today() {
        let all = after(|draft| draft.sites = SiteSet::All);
        assert!(all.widens() && all.sites_removed.is_empty());
        let other = after(|draft| draft.sites = "two.example three.example".parse().unwrap());
        assert_eq!(
            (other.sites_added.to_string(), other.sites_removed.to_string()),
            ("three.example".into(), "one.example".into())
        );
        assert!(other.widens());
        assert!(!after(|draft| draft.sites = "one.example".parse().unwrap()).widens());
    }

    #[test]
    fn a_range_inside_another_is_shown_and_widens_nothing() {
        let inside = after(|draft| draft.addresses = "203.0.113.7".parse().unwrap());
        assert_eq!(inside.addresses_added.to_string(), "203.0.113.7");
        assert!(!inside.widens() && !inside.is_empty());
        assert!(after(|draft| draft.addresses = "203.0.112.0/23".parse().unwrap()).widens());
        assert!(after(|draft| draft.addresses = AddressSet::any()).widens());
    }

    #[test]
    fn only_a_later_end_widens() {
        let later = after(|draft| draft.expiry = Expiry::Never);
        assert!(later.widens());
        let sooner = after(|draft| draft.expiry = Expiry::At(datetime!(2027-01-01 0:00)));
        assert!(!sooner.widens() && !sooner.is_empty());
    }
}
