//! A staff member's token: what programs that look after accounts, a billing system above all, call the API with.
//!
//! It acts for its member, within the member's role as it is at that moment, and always expires.

use time::{Duration, PrimitiveDateTime};

use super::{
    address::AddressSet,
    audit::Change,
    id::{StaffId, StaffTokenId},
    policy::ExpiryRefusal,
    secret::PublicId,
    staff_scope::StaffScopes,
    token::{EXPIRING, Expiry, LastUse, Status, TokenName, status_by_use},
};

/// Most live staff tokens of one member.
pub const MAX_LIVE: u32 = 50;
/// Longest life, from creation on: moving the expiry never gets beyond it, so that every secret is replaced in the end.
pub const MAX_LIFE: Duration = Duration::days(90);

/// A staff member's token. Its secret is not here: nothing keeps it.
#[derive(Clone, Debug)]
pub struct StaffToken {
    /// Row number.
    pub id: StaffTokenId,
    /// The part of the secret that names it; stands in addresses.
    pub public_id: PublicId,
    /// Whose it is.
    pub member: StaffId,
    /// Unique among the member's live ones ignoring case.
    pub name: TokenName,
    /// What it may do, as far as the member's role allows it.
    pub scopes: StaffScopes,
    /// From where.
    pub addresses: AddressSet,
    /// From this instant on it is refused.
    pub expires_at: PrimitiveDateTime,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
    /// The secret's last four characters.
    pub last4: String,
    /// Its last use; a minute old at most when it is in use.
    pub last_use: Option<LastUse>,
    /// Since when it is ended for good.
    pub revoked_at: Option<PrimitiveDateTime>,
    /// Counts changes; a form that was made from an older one is stale.
    pub revision: i32,
}

impl StaffToken {
    /// Whether it is past its expiry at `now`.
    pub fn is_expired(&self, now: PrimitiveDateTime) -> bool {
        self.expires_at <= now
    }

    /// Its status at `now`, in the words for tokens of accounts.
    pub fn status(&self, now: PrimitiveDateTime) -> Status {
        match self.revoked_at {
            Some(at) => Status::Revoked(at),
            None if self.is_expired(now) => Status::Expired(self.expires_at),
            None if self.expires_at - now <= EXPIRING => Status::Expiring(self.expires_at),
            None => status_by_use(self.created_at, self.last_use, now),
        }
    }
}

/// An end, or, where that lies on the last day that a token made at `created_at` can see, as much of that day as it can have:
/// who asks for 90 days means that day, and need not count hours.
pub fn within_life(end: PrimitiveDateTime, created_at: PrimitiveDateTime) -> PrimitiveDateTime {
    let latest = created_at + MAX_LIFE;
    if end > latest && end - latest < Duration::DAY {
        latest
    } else {
        end
    }
}

/// Errors unless a token that was made at `created_at` may expire at `at`.
pub fn check_expiry(
    at: PrimitiveDateTime,
    created_at: PrimitiveDateTime,
    now: PrimitiveDateTime,
) -> Result<(), ExpiryRefusal> {
    let latest = created_at + MAX_LIFE;
    if at <= now {
        Err(ExpiryRefusal::Past)
    } else if latest <= now {
        Err(ExpiryRefusal::TotalLifetimeOver)
    } else if at > latest {
        Err(ExpiryRefusal::TooLate { latest })
    } else {
        Ok(())
    }
}

/// Everything about a staff member's token that its member decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffDraft {
    /// What it is called.
    pub name: TokenName,
    /// What it may do.
    pub scopes: StaffScopes,
    /// From where.
    pub addresses: AddressSet,
    /// Until when.
    pub expires_at: PrimitiveDateTime,
}

impl From<&StaffToken> for StaffDraft {
    fn from(token: &StaffToken) -> Self {
        Self {
            name: token.name.clone(),
            scopes: token.scopes.clone(),
            addresses: token.addresses.clone(),
            expires_at: token.expires_at,
        }
    }
}

impl StaffDraft {
    /// Each part with the name by which the audit knows it and its stored form.
    fn parts(&self) -> [(&'static str, String); 4] {
        [
            ("name", self.name.to_string()),
            ("staff_scopes", self.scopes.to_string()),
            ("addresses", self.addresses.to_string()),
            ("expiry", Expiry::At(self.expires_at).to_string()),
        ]
    }

    /// What the audit notes when a token is made of it. Its name stands there already, as what was made.
    pub fn as_new(&self) -> Vec<Change> {
        let parts = self.parts().into_iter().skip(1);
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

/// What one token could do that another one cannot: whether a change widens, and what rule 7 stands against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// These permissions.
    pub scopes: StaffScopes,
    /// Be used from more addresses.
    pub addresses: bool,
    /// Live longer.
    pub expiry: bool,
}

impl Beyond {
    /// What `wanted` could do that `bound` cannot; nothing when it could do no more.
    pub fn of(bound: &StaffDraft, wanted: &StaffDraft) -> Option<Self> {
        let beyond = Self {
            scopes: wanted.scopes.difference(&bound.scopes),
            addresses: !bound.addresses.includes(&wanted.addresses),
            expiry: wanted.expires_at > bound.expires_at,
        };
        (!beyond.scopes.is_empty() || beyond.addresses || beyond.expiry).then_some(beyond)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);

    fn draft() -> StaffDraft {
        StaffDraft {
            name: "Billing".parse().unwrap(),
            scopes: "accounts:read accounts:create".parse().unwrap(),
            addresses: "203.0.113.0/24".parse().unwrap(),
            expires_at: NOW + Duration::days(30),
        }
    }

    fn beyond(change: impl FnOnce(&mut StaffDraft)) -> Option<Beyond> {
        let mut wanted = draft();
        change(&mut wanted);
        Beyond::of(&draft(), &wanted)
    }

    #[test]
    fn less_of_anything_is_not_beyond() {
        assert_eq!(beyond(|wanted| wanted.name = "Other".parse().unwrap()), None);
        assert_eq!(beyond(|wanted| wanted.scopes = "accounts:read".parse().unwrap()), None);
        assert_eq!(beyond(|wanted| wanted.addresses = "203.0.113.7".parse().unwrap()), None);
        assert_eq!(beyond(|wanted| wanted.expires_at -= Duration::DAY), None);
    }

    #[test]
    fn what_is_beyond_is_named() {
        let more = beyond(|wanted| wanted.scopes = "accounts:read audit:read".parse().unwrap()).unwrap();
        assert_eq!(
            (more.scopes.to_string().as_str(), more.addresses, more.expiry),
            ("audit:read", false, false)
        );
        let from_anywhere = beyond(|wanted| wanted.addresses = AddressSet::any()).unwrap();
        assert!(from_anywhere.addresses && from_anywhere.scopes.is_empty());
        let longer = beyond(|wanted| wanted.expires_at += Duration::SECOND).unwrap();
        assert!(longer.expiry && !longer.addresses);
    }

    #[test]
    fn ninety_days_from_its_creation_are_the_end() {
        let latest = NOW + MAX_LIFE;
        assert_eq!(check_expiry(latest, NOW, NOW), Ok(()));
        let late = check_expiry(latest + Duration::SECOND, NOW, NOW);
        assert_eq!(late, Err(ExpiryRefusal::TooLate { latest }));
        assert_eq!(check_expiry(NOW, NOW, NOW), Err(ExpiryRefusal::Past));
        let old = check_expiry(latest + Duration::DAY, NOW, latest);
        assert_eq!(old, Err(ExpiryRefusal::TotalLifetimeOver));
    }

    #[test]
    fn of_the_last_day_there_is_as_much_as_it_can_have() {
        let latest = NOW + MAX_LIFE;
        assert_eq!(within_life(latest + Duration::hours(11), NOW), latest);
        assert_eq!(
            within_life(latest - Duration::hours(1), NOW),
            latest - Duration::hours(1)
        );
        let next = latest + Duration::hours(25);
        assert_eq!(within_life(next, NOW), next, "and is refused");
    }

    #[test]
    fn only_what_differs_is_noted_of_a_change() {
        let mut after = draft();
        assert_eq!(after.changes_from(&draft()), []);
        after.scopes = "accounts:read".parse().unwrap();
        let changes = after.changes_from(&draft());
        assert_eq!((changes.len(), changes[0].field.as_str()), (1, "staff_scopes"));
        assert_eq!(draft().as_new().len(), 3);
    }
}
