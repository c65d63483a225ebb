//! What one process has noted since it was last written.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::PrimitiveDateTime;

use crate::{
    domain::{
        id::TokenId,
        reuse::{Ended, OTHERS, Reuse},
        secret::{KeyId, PublicId, SecretDigest},
    },
    store::reuse::OldSecret,
};

/// Different tokens and addresses that are noted between two writings; about 1 MB. Beyond it calls count for the address
/// [`OTHERS`] of their token, and those of further tokens are passed over: they come again.
pub(super) const MOST_SEEN: usize = 4_096;
/// Different texts that are looked up at one writing; about 1 MB. Whoever makes up more of them keeps nothing but some of
/// the others from being known again in these seconds.
pub(super) const MOST_SOUGHT: usize = 4_096;

/// Calls that have everything but their time in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    calls: i64,
    first_at: PrimitiveDateTime,
    last_at: PrimitiveDateTime,
}

impl Count {
    pub(super) fn one(at: PrimitiveDateTime) -> Self {
        Self {
            calls: 1,
            first_at: at,
            last_at: at,
        }
    }

    fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// A secret that no token has now.
#[derive(Debug)]
pub(super) struct Sought {
    /// The id in it.
    pub(super) id: PublicId,
    /// Its digest under each key, the same keys each time.
    pub(super) digests: Vec<(KeyId, SecretDigest)>,
    /// Where it was presented.
    pub(super) from: IpAddr,
}

impl Sought {
    /// The token whose replaced secret it is.
    pub(super) fn find_in(&self, known: &[OldSecret]) -> Option<TokenId> {
        let is_it = |old: &&OldSecret| {
            let mut digests = self.digests.iter();
            digests.any(|(key, digest)| *key == old.key && *digest == old.digest)
        };
        known.iter().find(is_it).map(|old| old.token)
    }

    fn key(&self) -> Option<SoughtKey> {
        let (_, digest) = self.digests.last()?;
        Some((self.id, *digest.as_bytes(), self.from))
    }
}

type SeenKey = (TokenId, Ended, Option<IpAddr>);
type SoughtKey = (PublicId, [u8; 32], IpAddr);

/// Calls with secrets that no longer work, until they are written.
#[derive(Debug, Default)]
pub struct ReuseMeter {
    seen: Mutex<HashMap<SeenKey, Count>>,
    sought: Mutex<HashMap<SoughtKey, (Sought, Count)>>,
}

/// Whoever panicked while counting has left whole counts behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ReuseMeter {
    /// Notes calls with an ended secret of a token; from no address: from those that there was no room for.
    pub(super) fn see(&self, token: TokenId, ended: Ended, from: Option<IpAddr>, count: Count) {
        let mut seen = lock(&self.seen);
        let mut key = (token, ended, from);
        if seen.len() >= MOST_SEEN && !seen.contains_key(&key) {
            key.2 = None;
            // The tokens that are known already have three such entries each.
            let is_of_known = seen.keys().any(|known| known.0 == token);
            if !is_of_known {
                return;
            }
        }
        seen.entry(key).and_modify(|known| known.add(count)).or_insert(count);
    }

    /// Notes a secret that no token has now, to be looked up.
    pub(super) fn seek(&self, secret: Sought, count: Count) {
        let Some(key) = secret.key() else { return };
        let mut sought = lock(&self.sought);
        let has_room = sought.len() < MOST_SOUGHT;
        if let Some((_, known)) = sought.get_mut(&key) {
            known.add(count);
        } else if has_room {
            sought.insert(key, (secret, count));
        }
    }

    /// Takes out what was noted, in the order in which every node writes it.
    pub(super) fn take(&self) -> Vec<Reuse> {
        let seen = std::mem::take(&mut *lock(&self.seen));
        let mut seen: Vec<_> = seen.into_iter().collect();
        seen.sort_unstable_by_key(|(key, _)| *key);
        let reuse = |((token, ended, from), count): (SeenKey, Count)| Reuse {
            token,
            ended,
            address: from.map_or_else(|| OTHERS.to_owned(), |from| from.to_string()),
            calls: count.calls,
            first_at: count.first_at,
            last_at: count.last_at,
        };
        seen.into_iter().map(reuse).collect()
    }

    /// Takes out what is to be looked up.
    pub(super) fn take_sought(&self) -> Vec<(Sought, Count)> {
        std::mem::take(&mut *lock(&self.sought)).into_values().collect()
    }

    /// Adds what could not be written to what was noted since.
    pub(super) fn put_back(&self, rows: &[Reuse]) {
        for row in rows {
            let count = Count {
                calls: row.calls,
                first_at: row.first_at,
                last_at: row.last_at,
            };
            self.see(row.token, row.ended, row.address.parse().ok(), count);
        }
    }
}
