//! Calls of each token and minute: which of them is one too many, and how long the token has to wait.
//!
//! The generic cell rate algorithm, as in ATM Forum TM 4.1, 4.4.2: of a token only the instant is kept at which all the
//! calls that it made would have been due, had they come one by one. A token that was quiet may make all calls of a
//! minute at once; after that there is one more each time a part of the minute is over.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::Hash,
};

use time::{Duration, PrimitiveDateTime};

use crate::domain::id::TokenId;

/// What a limit is about, in microseconds.
const MINUTE: i64 = 60_000_000;
/// In microseconds.
const SECOND: i64 = 1_000_000;
/// Tokens that are known to have called lately, at most; half a megabyte. Beyond it those are forgotten that have made
/// the fewest calls: they can make some of them again.
const MAX_TOKENS: usize = 16_384;
/// No need to look for tokens whose calls are all due before there are so many.
const FEW: usize = 1_024;

/// The tokens that have called lately.
#[derive(Debug)]
pub(super) struct Rates<I = TokenId> {
    /// In microseconds since 1970.
    due: HashMap<I, i64>,
    /// How many there may be until those are looked for that need not be known any more.
    sweep_at: usize,
}

impl<I: Copy + Eq + Hash> Rates<I> {
    pub(super) fn new(hasher: RandomState) -> Self {
        Self {
            due: HashMap::with_hasher(hasher),
            sweep_at: FEW,
        }
    }

    /// How long the token has to wait until it may make a call, of which there are `limit` a minute; none: it may make
    /// one now. That one is taken from what it may make, if `takes`.
    pub(super) fn wait(&mut self, token: I, limit: u32, now: PrimitiveDateTime, takes: bool) -> Option<Duration> {
        let now = micros(now);
        let (part, window) = spans(limit);
        let due = self.known(token, window, now) + part;
        if due > now + window {
            return Some(Duration::microseconds(due - window - now));
        }
        if takes {
            if self.due.len() >= self.sweep_at && !self.due.contains_key(&token) {
                self.sweep(now);
            }
            self.due.insert(token, due);
        }
        None
    }

    /// How many calls the token may make now, of which there are `limit` a minute, and in how many seconds, rounded up, it
    /// may make all of them.
    pub(super) fn left(&self, token: I, limit: u32, now: PrimitiveDateTime) -> (u32, u64) {
        let now = micros(now);
        let (part, window) = spans(limit);
        let known = self.known(token, window, now);
        let left = (now + window - known) / part;
        let reset = (known - now + SECOND - 1) / SECOND;
        (u32::try_from(left).unwrap_or(0), reset.unsigned_abs())
    }

    /// When all calls of the token are due that it has made.
    fn known(&self, token: I, window: i64, now: i64) -> i64 {
        // Later than a window from now it can only be where the clock was put back or the limit has become narrower.
        self.due.get(&token).map_or(now, |due| (*due).clamp(now, now + window))
    }

    /// Forgets whose calls are all due, and, where that is not enough, the half with the fewest calls.
    fn sweep(&mut self, now: i64) {
        self.due.retain(|_, due| *due > now);
        if self.due.len() >= MAX_TOKENS {
            let mut dues: Vec<i64> = self.due.values().copied().collect();
            let (_, middle, _) = dues.select_nth_unstable(MAX_TOKENS / 2);
            let middle = *middle;
            self.due.retain(|_, due| *due > middle);
        }
        self.sweep_at = (self.due.len() * 2).clamp(FEW, MAX_TOKENS);
    }
}

/// How far apart calls are due, of which there are `limit` a minute, and all of them.
fn spans(limit: u32) -> (i64, i64) {
    let limit = i64::from(limit.max(1));
    // Rounded up: never more than `limit` a minute.
    let part = (MINUTE + limit - 1) / limit;
    (part, part * limit)
}

fn micros(at: PrimitiveDateTime) -> i64 {
    let at = at.assume_utc();
    at.unix_timestamp() * 1_000_000 + i64::from(at.microsecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);
    const TOKEN: TokenId = TokenId(1);

    fn rates() -> Rates {
        Rates::new(RandomState::new())
    }

    #[test]
    fn a_quiet_token_may_make_a_minutes_calls_at_once_and_then_one_a_part() {
        let mut rates = rates();
        let mut ask = |seconds: i64| rates.wait(TOKEN, 6, NOW + Duration::seconds(seconds), true);
        assert!((0..6).all(|_| ask(0).is_none()));
        assert_eq!(ask(0), Some(Duration::seconds(10)));
        assert_eq!(ask(7), Some(Duration::seconds(3)), "asking takes nothing");
        assert_eq!((ask(10), ask(10)), (None, Some(Duration::seconds(10))));
        assert!((0..6).all(|_| ask(100).is_none()) && ask(100).is_some());
    }

    #[test]
    fn what_is_left_is_what_may_be_asked_at_once() {
        let mut rates = rates();
        assert_eq!(rates.left(TOKEN, 6, NOW), (6, 0));
        for left in (0..6).rev() {
            assert_eq!(rates.wait(TOKEN, 6, NOW, true), None);
            assert_eq!(rates.left(TOKEN, 6, NOW), (left, 60 - 10 * u64::from(left)));
        }
        assert_eq!(rates.left(TOKEN, 6, NOW + Duration::seconds(19)), (1, 41));
        assert_eq!(rates.left(TOKEN, 6, NOW + Duration::milliseconds(59_500)), (5, 1));
    }

    #[test]
    fn what_is_refused_for_another_reason_takes_nothing() {
        let mut rates = rates();
        assert!((0..9).all(|_| rates.wait(TOKEN, 1, NOW, false).is_none()));
        assert_eq!(rates.wait(TOKEN, 1, NOW, true), None);
        assert_eq!(rates.wait(TOKEN, 1, NOW, false), Some(Duration::minutes(1)));
        assert_eq!(rates.wait(TokenId(2), 1, NOW, true), None, "each token has its own");
    }

    #[test]
    fn a_clock_that_is_put_back_makes_nobody_wait_longer_than_a_minute() {
        let mut rates = rates();
        assert_eq!(rates.wait(TOKEN, 1, NOW + Duration::days(1), true), None);
        assert_eq!(rates.wait(TOKEN, 1, NOW, true), Some(Duration::minutes(1)));
    }

    #[test]
    fn endlessly_many_tokens_take_no_memory_and_who_calls_most_is_known_longest() {
        let mut rates = rates();
        assert!((0..100).all(|_| rates.wait(TOKEN, 100, NOW, true).is_none()));
        for number in 2..100_000 {
            assert_eq!(rates.wait(TokenId(number), 100, NOW, true), None);
        }
        assert!(rates.due.len() <= MAX_TOKENS);
        assert!(rates.wait(TOKEN, 100, NOW, true).is_some());
        let later = NOW + Duration::minutes(2);
        for number in 0..100_000 {
            rates.wait(TokenId(number), 100, later + Duration::seconds(number), true);
        }
        assert!(rates.due.len() <= FEW, "{}", rates.due.len());
    }

    proptest! {
        #[test]
        fn never_more_than_two_limits_in_any_minute_and_the_wait_is_right(
            limit in 1_u32..50, gaps in prop::collection::vec(0_i64..5_000_000, 1..300),
        ) {
            let (mut rates, mut now, mut allowed) = (rates(), NOW, Vec::new());
            for gap in gaps {
                now += Duration::microseconds(gap);
                match rates.wait(TOKEN, limit, now, true) {
                    None => allowed.push(now),
                    Some(wait) => {
                        prop_assert!(wait > Duration::ZERO && wait <= Duration::minutes(1) + Duration::milliseconds(1));
                        prop_assert_eq!(rates.wait(TOKEN, limit, now + wait, false), None);
                        let before = now + wait - Duration::microseconds(1);
                        prop_assert!(rates.wait(TOKEN, limit, before, false).is_some());
                    }
                }
            }
            for (first, start) in allowed.iter().enumerate() {
                let within = allowed[first..].iter().take_while(|at| **at < *start + Duration::minutes(1)).count();
                prop_assert!(within <= 2 * usize::try_from(limit).unwrap(), "{within} of {limit}");
            }
        }
    }
}
