//! The clock and the random generator of the program: the only source of either, so that a test can set both.
//!
//! Knows nothing of what the time or the random text is for. Time zones are in [`TimeZone`].

mod time_zone;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rand::{
    Rng, SeedableRng, TryRng,
    rngs::{StdRng, SysRng},
};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use zeroize::Zeroizing;

pub use self::time_zone::{LocalTime, TimeZone, UnknownTimeZone};
use crate::domain::secret::BASE62;

/// The time of day and fresh randomness. Cloning is cheap; the clones of a fixed clock share its time and its generator.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Fixed(Arc<Mutex<Fixed>>),
}

struct Fixed {
    now: PrimitiveDateTime,
    random: StdRng,
}

impl Clock {
    /// The computer's clock and the operating system's random generator.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until it is [advanced](Self::advance), with a generator that always gives the same
    /// bytes for the same `seed`. For tests and for data that must look the same each time; never for real secrets.
    pub fn fixed(at: PrimitiveDateTime, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self(Source::Fixed(Arc::new(Mutex::new(Fixed {
            now: at.truncate_to_microsecond(),
            random,
        }))))
    }

    /// Moves a fixed clock, and all its clones, by `step` (backwards if it is negative).
    ///
    /// # Panics
    /// On the system's clock, which nobody can move, and past the year 9999.
    pub fn advance(&self, step: Duration) {
        let Source::Fixed(fixed) = &self.0 else {
            panic!("only a fixed clock can be advanced")
        };
        let mut fixed = lock(fixed);
        fixed.now = (fixed.now + step).truncate_to_microsecond();
    }

    /// Now, in UTC, cut to whole microseconds: what both databases can hold.
    pub fn now(&self) -> PrimitiveDateTime {
        match &self.0 {
            Source::System => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "this is the one place that reads the computer's clock"
                )]
                let now = OffsetDateTime::now_utc();
                PrimitiveDateTime::new(now.date(), now.time()).truncate_to_microsecond()
            }
            Source::Fixed(fixed) => lock(fixed).now,
        }
    }

    /// Fills `bytes` from the generator.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: there is no safe way to go on without.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System => SysRng
                .try_fill_bytes(bytes)
                .expect("the operating system gives random bytes"),
            Source::Fixed(fixed) => lock(fixed).random.fill_bytes(bytes),
        }
    }

    /// `length` characters, each drawn from `alphabet` with the same chance.
    ///
    /// # Panics
    /// When `alphabet` is not 2 to 128 ASCII characters, and as [`Clock::fill`].
    pub fn random_text(&self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        assert!(
            alphabet.is_ascii() && (2..=128).contains(&letters.len()),
            "an alphabet is 2 to 128 ASCII characters"
        );
        // A byte at or above the largest multiple of the alphabet's size would favour its first letters.
        let limit = 256 - 256 % letters.len();
        let mut text = String::with_capacity(length);
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while text.len() < length {
            self.fill(&mut bytes[..]);
            let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
            text.extend(
                fair.take(length - text.len())
                    .map(|byte| char::from(letters[byte % letters.len()])),
            );
        }
        text
    }

    /// `length` characters of `0-9A-Za-z`: 5.95 bits each.
    ///
    /// # Panics
    /// As [`Clock::fill`].
    pub fn random_base62(&self, length: usize) -> String {
        self.random_text(BASE62, length)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::System => f.write_str("Clock::system"),
            Source::Fixed(fixed) => write!(f, "Clock::fixed({})", lock(fixed).now),
        }
    }
}

/// A test that panicked while it held the lock has left a whole value behind, so poisoning says nothing here.
fn lock(fixed: &Mutex<Fixed>) -> MutexGuard<'_, Fixed> {
    fixed.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_system_clock_gives_whole_microseconds_and_fresh_bytes() {
        let clock = Clock::system();
        let (first, second) = (clock.now(), clock.now());
        assert!(first.year() >= 2026 && second >= first);
        assert_eq!(first.nanosecond() % 1_000, 0);
        assert_ne!(clock.random_base62(32), clock.random_base62(32));
    }

    #[test]
    fn clones_of_a_fixed_clock_share_time_and_generator() {
        let clock = Clock::fixed(datetime!(2026-07-01 12:00:00.123_456_789), 7);
        let clone = clock.clone();
        clock.advance(Duration::minutes(5));
        assert_eq!(clone.now(), datetime!(2026-07-01 12:05:00.123_456));

        let again = Clock::fixed(datetime!(2026-07-01 12:00), 7);
        assert_eq!(
            (clock.random_base62(9), clone.random_base62(9)),
            (again.random_base62(9), again.random_base62(9))
        );
        assert_ne!(clock.random_base62(9), clone.random_base62(9));
    }

    #[test]
    fn every_letter_of_an_alphabet_has_the_same_chance() {
        let clock = Clock::fixed(datetime!(2026-07-01 12:00), 1);
        let text = clock.random_base62(62_000);
        assert_eq!(text.len(), 62_000);
        for letter in BASE62.chars() {
            let count = text.chars().filter(|c| *c == letter).count();
            // 1,000 expected, with a standard deviation of 31.5; plain `byte % 62` would give the first eight 1,211.
            assert!((850..1_150).contains(&count), "{letter} came {count} times");
        }
        assert_eq!(clock.random_text("ab", 0), "");
    }
}
