//! The last 30 days of a token as a chart and as the same numbers in a table.

use time::{Duration, PrimitiveDateTime};

use crate::{
    app::tokens::show::{SHOWN_DAYS, first_shown_day},
    domain::usage::UsageDay,
    web::{
        chart::{self, Bar},
        times, words,
    },
};

/// One day.
pub(super) struct Day {
    pub(super) iso: String,
    pub(super) text: String,
    pub(super) allowed: u64,
    pub(super) refused: u64,
}

/// The last [`SHOWN_DAYS`], those without any use included.
pub(super) struct Days {
    /// Oldest first, as the chart has them.
    pub(super) bars: Vec<Bar>,
    /// Latest first, as the table has them, without those on which nothing happened.
    pub(super) used: Vec<Day>,
    /// `1,204 calls in 30 days, 41 of them refused`.
    pub(super) total: String,
    /// [`Days::total`] with the busiest day, for who cannot see the chart.
    pub(super) label: String,
    pub(super) first: String,
    pub(super) last: String,
}

impl Days {
    /// The days up to `now` of which `used` tells those with any use.
    pub(super) fn of(used: &[UsageDay], now: PrimitiveDateTime) -> Self {
        let start = first_shown_day(now);
        let days: Vec<Day> = (0..SHOWN_DAYS)
            .map(|number| {
                let at = start + Duration::days(i64::from(number));
                let found = used.iter().find(|day| day.day == at);
                let count = |calls: fn(&UsageDay) -> i64| u64::try_from(found.map_or(0, calls)).unwrap_or(0);
                Day {
                    iso: times::iso_day(at.date()),
                    text: times::day(at.date()),
                    allowed: count(|day| day.allowed),
                    refused: count(|day| day.refused),
                }
            })
            .collect();
        let pairs: Vec<(u64, u64)> = days.iter().map(|day| (day.allowed, day.refused)).collect();
        let sum = |part: fn(&(u64, u64)) -> u64| pairs.iter().map(part).sum::<u64>();
        let (all, refused) = (sum(|(allowed, refused)| allowed + refused), sum(|pair| pair.1));
        let peak = pairs.iter().map(|(allowed, refused)| allowed + refused).max();
        let calls = if all == 1 { "call" } else { "calls" };
        let total = match refused {
            0 => format!("{} {calls} in {SHOWN_DAYS} days", words::grouped(all)),
            _ => format!(
                "{} {calls} in {SHOWN_DAYS} days, {} of them refused",
                words::grouped(all),
                words::grouped(refused)
            ),
        };
        let ends = |day: Option<&Day>| day.map(|day| day.text.clone()).unwrap_or_default();
        Self {
            bars: chart::bars(&pairs),
            label: format!("{total}; {} on the busiest day", words::grouped(peak.unwrap_or(0))),
            total,
            first: ends(days.first()),
            last: ends(days.last()),
            used: days
                .into_iter()
                .rev()
                .filter(|day| day.allowed + day.refused > 0)
                .collect(),
        }
    }

    /// Whether nothing happened on any of them.
    pub(super) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::id::TokenId;

    #[test]
    fn days_without_use_are_in_the_chart_and_not_in_the_table() {
        let day = |day, allowed, refused| UsageDay {
            token: TokenId(1),
            day,
            allowed,
            refused,
        };
        let used = [
            day(datetime!(2026-11-20 0:00), 1_200, 4),
            day(datetime!(2026-11-23 0:00), 0, 1),
        ];
        let days = Days::of(&used, datetime!(2026-11-23 12:00));
        assert_eq!((days.bars.len(), days.used.len()), (30, 2));
        assert_eq!(
            (days.first.as_str(), days.last.as_str()),
            ("25 Oct 2026", "23 Nov 2026")
        );
        assert_eq!(days.used[0].text, "23 Nov 2026", "the latest first");
        assert_eq!(days.total, "1,205 calls in 30 days, 5 of them refused");
        assert_eq!(
            days.label,
            "1,205 calls in 30 days, 5 of them refused; 1,204 on the busiest day"
        );
        assert!(Days::of(&[], datetime!(2026-11-23 12:00)).is_empty());
    }
}
