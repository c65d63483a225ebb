//! The counts of one process since they were last written.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry, hash_map::RandomState},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use time::{Duration, PrimitiveDateTime};
use tokio::sync::Notify;

use super::{Sample, rate::Rates};
use crate::domain::{
    id::TokenId,
    token::LastUse,
    usage::{ALLOWED, OTHER, SecretGeneration, TokenUse, UsageCell, hour_of},
};

/// Parts of the counts with a lock of their own, so that workers seldom wait for each other.
pub(super) const SHARDS: usize = 16;
/// Tokens that one shard counts between two writings; with all their calls about 1 MB. With half of them the writing is
/// woken. Calls of more of them are answered and not counted, and the log says how many those were.
pub(super) const MAX_TOKENS: usize = 4_096;
/// Different things that one shard counts between two writings. Beyond it calls are counted under [`OTHER`]: whoever
/// varies sites or addresses without end takes neither memory nor counts.
pub(super) const MAX_CELLS: usize = 2 * MAX_TOKENS;
/// Different things that one token is counted by between two writings; so few that going through them costs next to
/// nothing.
pub(super) const MAX_CELLS_OF_TOKEN: usize = 400;
/// Routes and lists of scopes that are kept once for all calls.
const MAX_TEXTS: usize = 1_024;

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
    texts: Texts,
    /// Calls that were not counted since the last time that was told.
    lost: AtomicU64,
    filling: Notify,
    /// Told when there is something to write into the books.
    pub(super) waiting: Notify,
    /// Whether calls came so fast last time that the books have to wait.
    pub(super) is_rush: AtomicBool,
    /// When that was decided last.
    pub(super) judged_at: Mutex<Option<PrimitiveDateTime>>,
    /// Whether so much waits for the books that they are kept without pauses.
    pub(super) is_behind: AtomicBool,
    /// Whether the server is to end.
    pub(super) is_ending: AtomicBool,
    /// Held by whoever writes into the books.
    pub(super) writing: tokio::sync::Mutex<()>,
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
            texts: Texts::default(),
            lost: AtomicU64::default(),
            filling: Notify::new(),
            waiting: Notify::new(),
            is_rush: AtomicBool::new(false),
            judged_at: Mutex::default(),
            is_behind: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            writing: tokio::sync::Mutex::new(()),
            refusals: Sample::default(),
            strangers: Sample::default(),
        }
    }
}

/// Texts of which there are few, each kept once.
#[derive(Debug, Default)]
struct Texts(RwLock<HashSet<Arc<str>>>);

impl Texts {
    fn keep(&self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() < MAX_TEXTS {
            texts.insert(Arc::clone(&new));
        }
        new
    }
}

/// What a call is counted by.
#[derive(Clone, Copy)]
struct Parts<'a> {
    hour: PrimitiveDateTime,
    route: &'a str,
    scope: &'a str,
    site: &'a str,
    address: Option<IpAddr>,
    outcome: &'static str,
}

impl<'a> Parts<'a> {
    fn of(cell: &'a UsageCell) -> Self {
        Self {
            hour: cell.hour,
            route: &cell.route,
            scope: &cell.scope,
            site: &cell.site,
            address: cell.address,
            outcome: cell.outcome,
        }
    }

    /// Without what callers can vary without end.
    fn folded(self) -> Self {
        let fold = |text: &str| if text.is_empty() { "" } else { OTHER };
        Self {
            scope: fold(self.scope),
            site: fold(self.site),
            address: None,
            ..self
        }
    }

    fn is_of(&self, cell: &UsageCell) -> bool {
        self.hour == cell.hour
            && self.address == cell.address
            && self.outcome == cell.outcome
            && self.site == &*cell.site
            && self.route == &*cell.route
            && self.scope == &*cell.scope
    }

    fn to_cell(self, texts: &Texts, calls: i64, last_at: PrimitiveDateTime) -> UsageCell {
        UsageCell {
            hour: self.hour,
            route: texts.keep(self.route),
            scope: texts.keep(self.scope),
            site: self.site.into(),
            address: self.address,
            outcome: self.outcome,
            calls,
            last_at,
        }
    }
}

#[derive(Debug)]
struct Shard {
    uses: HashMap<TokenId, TokenUse>,
    /// Cells of all of them.
    cells: usize,
    rates: Rates,
}

impl Shard {
    fn new(hasher: &RandomState) -> Self {
        Self {
            uses: HashMap::with_hasher(hasher.clone()),
            cells: 0,
            rates: Rates::new(hasher.clone()),
        }
    }

    /// Adds calls to what the token was used for; none when there is no room for them, or for the token.
    fn add(
        &mut self,
        texts: &Texts,
        token: TokenId,
        parts: Parts<'_>,
        (calls, last_at): (i64, PrimitiveDateTime),
    ) -> Option<&mut TokenUse> {
        let tokens = self.uses.len();
        let used = match self.uses.entry(token) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if tokens >= MAX_TOKENS => return None,
            Entry::Vacant(new) => new.insert(TokenUse::new(token)),
        };
        let known = used.cells.iter_mut().find(|cell| parts.is_of(cell));
        if let Some(known) = known {
            known.add(calls, last_at);
            return Some(used);
        }
        let has_room = self.cells < MAX_CELLS && used.cells.len() < MAX_CELLS_OF_TOKEN;
        let parts = if has_room { parts } else { parts.folded() };
        let known = used.cells.iter_mut().find(|cell| parts.is_of(cell));
        match known {
            Some(known) => known.add(calls, last_at),
            None if self.cells >= MAX_CELLS + MAX_TOKENS => return None,
            None => {
                // Most tokens are used for one thing.
                used.cells.reserve_exact(usize::from(used.cells.is_empty()));
                used.cells.push(parts.to_cell(texts, calls, last_at));
                self.cells += 1;
            }
        }
        Some(used)
    }

    fn is_filling(&self) -> bool {
        self.uses.len() >= MAX_TOKENS / 2 || self.cells >= MAX_CELLS / 2
    }
}

impl UsageMeter {
    /// Counts a call.
    pub fn count(&self, call: &Counted<'_>) {
        let parts = Parts {
            hour: hour_of(call.at),
            route: call.route,
            scope: call.scope,
            site: call.site,
            address: Some(call.from),
            outcome: call.outcome,
        };
        let mut shard = self.shard(call.token);
        let before = shard.cells;
        match shard.add(&self.texts, call.token, parts, (1, call.at)) {
            None => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
            Some(used) if call.outcome == ALLOWED => used.see(
                call.generation,
                LastUse {
                    at: call.at,
                    from: call.from,
                },
            ),
            Some(_) => {}
        }
        if shard.cells > before && shard.is_filling() {
            self.filling.notify_one();
        }
    }

    /// Waits until so much was counted that putting it down should not wait for its time.
    pub async fn filling(&self) {
        self.filling.notified().await;
    }

    /// Waits until something was put down that is to be written into the books.
    pub async fn waiting(&self) {
        self.waiting.notified().await;
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

    /// How many calls the token may make now, of which there are `limit` a minute, and in how many seconds, rounded up, it
    /// may make all of them.
    pub fn left(&self, token: TokenId, limit: u32, now: PrimitiveDateTime) -> (u32, u64) {
        self.shard(token).rates.left(token, limit, now)
    }

    fn shard(&self, token: TokenId) -> MutexGuard<'_, Shard> {
        let place = token.0.unsigned_abs() % SHARDS as u64;
        let place = usize::try_from(place).expect("it is less than the number of shards");
        self.lock(place)
    }

    fn lock(&self, place: usize) -> MutexGuard<'_, Shard> {
        // Whoever panicked while counting has left whole counts behind.
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the counts of one shard out, in the order in which every node writes them, so that no two wait for each
    /// other.
    pub(super) fn take(&self, place: usize) -> Vec<TokenUse> {
        let mut shard = self.lock(place);
        shard.cells = 0;
        let mut uses: Vec<TokenUse> = shard.uses.drain().map(|(_, used)| used).collect();
        drop(shard);
        uses.sort_unstable_by_key(|used| used.token);
        uses
    }

    /// Gives up what there is no room for.
    pub(super) fn lose(&self, uses: &[TokenUse]) {
        let calls = uses
            .iter()
            .flat_map(|used| &used.cells)
            .map(|cell| cell.calls.unsigned_abs());
        self.lost.fetch_add(calls.sum(), Ordering::Relaxed);
    }

    /// Adds what could not be written to what was counted since.
    pub(super) fn put_back(&self, uses: &[TokenUse]) {
        for used in uses {
            let mut shard = self.shard(used.token);
            for cell in &used.cells {
                let added = shard.add(&self.texts, used.token, Parts::of(cell), (cell.calls, cell.last_at));
                if added.is_none() {
                    self.lost.fetch_add(cell.calls.unsigned_abs(), Ordering::Relaxed);
                }
            }
            if let Some(known) = shard.uses.get_mut(&used.token) {
                for seen in used.seen() {
                    known.see(
                        seen.generation,
                        LastUse {
                            at: seen.at,
                            from: seen.from,
                        },
                    );
                }
            }
        }
    }

    /// How many calls were not counted since this was last asked.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}
