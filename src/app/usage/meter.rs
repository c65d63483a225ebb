//! The counts of one process since they were last written.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, PrimitiveDateTime};

use super::{
    Sample,
    rate::Rates,
    slot::{Count, HasParts, Parts, Slot},
};
use crate::domain::{
    id::TokenId,
    usage::{ALLOWED, SecretGeneration, SeenUse, UsageDay, day_of, hour_of},
};

/// Parts of the counts with a lock of their own, so that workers seldom wait for each other.
const SHARDS: usize = 16;
/// Different things that one shard counts between two writings; about 1 MB. Beyond it calls are counted under [`OTHER`]:
/// whoever varies sites or addresses without end takes neither memory nor counts.
const MAX_SLOTS: usize = 4_096;
/// Different things that one token is counted by in one hour, in all writings of it together. Beyond it its calls are
/// counted under [`OTHER`], so that no holder of a token fills the database by naming a new site with each call.
const MAX_VARIETY: usize = 1_000;
/// Stands for every site, address or list of scopes that there was no room for.
pub const OTHER: &str = "other";

/// One decided call.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// The token.
    pub token: TokenId,
    /// Which of its secrets was presented.
    pub generation: SecretGeneration,
    /// When.
    pub at: PrimitiveDateTime,
    /// Method and path template, or empty.
    pub route: &'a str,
    /// The scopes that were needed, space separated.
    pub scope: &'a str,
    /// The site, or empty.
    pub site: &'a str,
    /// The caller's address.
    pub from: IpAddr,
    /// [`ALLOWED`], or the code of the first refusal.
    pub outcome: &'static str,
}

/// Counts calls until they are written.
#[derive(Debug)]
pub struct UsageMeter {
    shards: [Mutex<Shard>; SHARDS],
    pub(super) refusals: Sample,
    /// Which of the calls with a text that is no token's are logged.
    pub strangers: Sample,
}

impl Default for UsageMeter {
    fn default() -> Self {
        // One hasher for all: each would draw its own keys.
        let hasher = RandomState::new();
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Shard::new(&hasher))),
            refusals: Sample::default(),
            strangers: Sample::default(),
        }
    }
}

#[derive(Debug)]
struct Shard {
    hours: HashMap<Slot, Count>,
    days: HashMap<(TokenId, PrimitiveDateTime), (i64, i64)>,
    seen: HashMap<(TokenId, SecretGeneration), (PrimitiveDateTime, IpAddr)>,
    varieties: HashMap<TokenId, Variety>,
    rates: Rates,
}

/// What a token has been counted by since the hour began, as hashes.
#[derive(Debug)]
struct Variety {
    hour: PrimitiveDateTime,
    hashes: HashSet<u64, RandomState>,
}

/// A row that is to be written.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Hour(Slot, Count),
    Day(UsageDay),
    Seen(SeenUse),
}

impl Shard {
    fn new(hasher: &RandomState) -> Self {
        Self {
            hours: HashMap::with_hasher(hasher.clone()),
            days: HashMap::with_hasher(hasher.clone()),
            seen: HashMap::with_hasher(hasher.clone()),
            varieties: HashMap::with_hasher(hasher.clone()),
            rates: Rates::new(hasher.clone()),
        }
    }

    fn add_calls(&mut self, parts: Parts<'_>, count: Count) {
        if self.add_to_known(parts, count) {
            return;
        }
        let parts = if self.hours.len() < MAX_SLOTS && self.is_within_variety(parts) {
            parts
        } else {
            parts.folded()
        };
        if !self.add_to_known(parts, count) {
            self.hours.insert(parts.to_slot(), count);
        }
    }

    /// Whether the token may be counted by this too. What comes back from an hour that is over has been let in before.
    fn is_within_variety(&mut self, parts: Parts<'_>) -> bool {
        let hasher = self.hours.hasher();
        let variety = self.varieties.entry(parts.token).or_insert_with(|| Variety {
            hour: parts.hour,
            hashes: HashSet::with_hasher(hasher.clone()),
        });
        if parts.hour > variety.hour {
            variety.hour = parts.hour;
            variety.hashes.clear();
        }
        let hash = hasher.hash_one(parts);
        if parts.hour < variety.hour || variety.hashes.contains(&hash) {
            return true;
        }
        let has_room = variety.hashes.len() < MAX_VARIETY;
        if has_room {
            variety.hashes.insert(hash);
        }
        has_room
    }

    fn add_to_known(&mut self, parts: Parts<'_>, count: Count) -> bool {
        let known = self.hours.get_mut(&parts as &dyn HasParts);
        let is_known = known.is_some();
        if let Some(known) = known {
            known.calls += count.calls;
            known.last_at = known.last_at.max(count.last_at);
        }
        is_known
    }

    fn add_day(&mut self, day: UsageDay) {
        let (allowed, refused) = self.days.entry((day.token, day.day)).or_default();
        *allowed += day.allowed;
        *refused += day.refused;
    }

    fn see(&mut self, seen: SeenUse) {
        let last = self
            .seen
            .entry((seen.token, seen.generation))
            .or_insert((seen.at, seen.from));
        if last.0 < seen.at {
            *last = (seen.at, seen.from);
        }
    }

    fn drain(&mut self, into: &mut Vec<Entry>) {
        let latest = self.varieties.values().map(|variety| variety.hour).max();
        self.varieties.retain(|_, variety| Some(variety.hour) == latest);
        into.extend(self.hours.drain().map(|(slot, count)| Entry::Hour(slot, count)));
        into.extend(self.days.drain().map(|((token, day), (allowed, refused))| {
            Entry::Day(UsageDay {
                token,
                day,
                allowed,
                refused,
            })
        }));
        into.extend(self.seen.drain().map(|((token, generation), (at, from))| {
            Entry::Seen(SeenUse {
                token,
                generation,
                at,
                from,
            })
        }));
    }
}

impl UsageMeter {
    /// Counts a call.
    pub fn count(&self, call: &Counted<'_>) {
        let allowed = call.outcome == ALLOWED;
        let parts = Parts {
            token: call.token,
            hour: hour_of(call.at),
            route: call.route,
            scope: call.scope,
            site: call.site,
            address: Some(call.from),
            outcome: call.outcome,
        };
        let mut shard = self.shard(call.token);
        shard.add_calls(
            parts,
            Count {
                calls: 1,
                last_at: call.at,
            },
        );
        shard.add_day(UsageDay {
            token: call.token,
            day: day_of(call.at),
            allowed: i64::from(allowed),
            refused: i64::from(!allowed),
        });
        if allowed {
            shard.see(SeenUse {
                token: call.token,
                generation: call.generation,
                at: call.at,
                from: call.from,
            });
        }
    }

    /// How long the token has to wait until it may make a call, of which there are `limit` a minute; none: it may make one
    /// now. That one is taken from what it may make, if `takes`: only a call that nothing else stands against takes any.
    pub(in crate::app) fn wait(
        &self,
        token: TokenId,
        limit: Option<u32>,
        now: PrimitiveDateTime,
        takes: bool,
    ) -> Option<Duration> {
        let limit = limit?;
        self.shard(token).rates.wait(token, limit, now, takes)
    }

    fn shard(&self, token: TokenId) -> MutexGuard<'_, Shard> {
        let place = token.0.unsigned_abs() % SHARDS as u64;
        let place = usize::try_from(place).expect("it is less than the number of shards");
        // Whoever panicked while counting has left whole counts behind.
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all counts out, in the order in which every node writes them, so that no two wait for each other.
    pub(super) fn take(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).drain(&mut entries);
        }
        entries.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
        entries
    }

    /// Adds what could not be written to what was counted since.
    pub(super) fn put_back(&self, entries: &[Entry]) {
        for entry in entries {
            let mut shard = self.shard(entry.token());
            match entry {
                Entry::Hour(slot, count) => shard.add_calls(slot.parts(), *count),
                Entry::Day(day) => shard.add_day(*day),
                Entry::Seen(seen) => shard.see(*seen),
            }
        }
    }
}

impl Entry {
    fn token(&self) -> TokenId {
        match self {
            Self::Hour(slot, _) => slot.token,
            Self::Day(day) => day.token,
            Self::Seen(seen) => seen.token,
        }
    }

    /// First by table, then by key.
    fn order(&self) -> (u8, TokenId, Option<Parts<'_>>, Option<PrimitiveDateTime>) {
        match self {
            Self::Hour(slot, _) => (0, slot.token, Some(slot.parts()), None),
            Self::Day(day) => (1, day.token, None, Some(day.day)),
            Self::Seen(seen) => (2, seen.token, None, Some(seen.at)),
        }
    }
}
