//! At most one log line a second for what may happen a thousand times in it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use time::PrimitiveDateTime;

/// Lets one event a second through and counts the others.
#[derive(Debug, Default)]
pub struct Sample {
    second: AtomicI64,
    others: AtomicU64,
}

impl Sample {
    /// Whether to log now, and how many events were passed over since the last one that was.
    pub fn take(&self, now: PrimitiveDateTime) -> Option<u64> {
        let second = now.assume_utc().unix_timestamp();
        if self.second.swap(second, Ordering::Relaxed) == second {
            self.others.fetch_add(1, Ordering::Relaxed);
            None
        } else {
            Some(self.others.swap(0, Ordering::Relaxed))
        }
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn one_of_a_second_passes_and_the_next_says_how_many_did_not() {
        let sample = Sample::default();
        let now = datetime!(2026-11-23 12:00);
        assert_eq!([(); 4].map(|()| sample.take(now)), [Some(0), None, None, None]);
        assert_eq!(sample.take(now + Duration::seconds(1)), Some(3));
        assert_eq!(sample.take(now + Duration::seconds(2)), Some(0));
    }
}
