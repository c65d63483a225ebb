//! Time zones by their IANA names, with the zone data compiled in: what a clock on that wall shows, and when a day ends.
//!
//! Dates and times are `time`'s everywhere; `jiff` is asked for offsets here and nowhere else.

use std::{fmt, str::FromStr, sync::LazyLock};

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{self, AmbiguousOffset},
};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, PrimitiveDateTime, Time, macros::time};

/// The last whole second of a day.
const LAST_SECOND: Time = time!(23:59:59);

/// A time zone of the IANA database, such as `Europe/Berlin`; `UTC` by default.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(tz::TimeZone);

/// A name that is no time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone")]
pub struct UnknownTimeZone;

/// What clocks and calendars show in a place at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    /// The date there.
    pub date: Date,
    /// The time of day there.
    pub time: Time,
    /// The zone's short name at that instant: `CEST`, `IST`, or an offset such as `+13` where no letters are in use.
    pub abbreviation: String,
}

impl fmt::Display for LocalTime {
    /// `26 Nov 2026, 23:59 IST`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = self.date.month().to_string();
        let month = month.get(..3).unwrap_or(&month);
        let (day, year) = (self.date.day(), self.date.year());
        let (hour, minute) = (self.time.hour(), self.time.minute());
        write!(f, "{day} {month} {year}, {hour:02}:{minute:02} {}", self.abbreviation)
    }
}

impl TimeZone {
    /// The name as the IANA database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the clock on the wall shows at `instant`, which is in UTC.
    pub fn local(&self, instant: PrimitiveDateTime) -> LocalTime {
        let (offset, abbreviation) = self.offset_at(instant);
        let there = instant.saturating_add(offset);
        LocalTime {
            date: there.date(),
            time: there.time(),
            abbreviation,
        }
    }

    /// The date there at `now`, which is in UTC.
    pub fn today(&self, now: PrimitiveDateTime) -> Date {
        self.local(now).date
    }

    /// The last whole second of `date` there, in UTC: 23:59:59 on the wall. If the clocks go back over midnight it is the
    /// second 23:59:59; if they skip it, the second before the skip, which for a day that the place left out altogether
    /// (Samoa's 30 December 2011) lies on the day before.
    pub fn end_of_day(&self, date: Date) -> PrimitiveDateTime {
        let last = PrimitiveDateTime::new(date, LAST_SECOND);
        // Outside the zone data's range (years -9999 to 9999) the day of UTC is as good as any.
        let Some(civil) = civil(last) else { return last };
        let ambiguous = self.0.to_ambiguous_timestamp(civil);
        let offset = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } => after,
            AmbiguousOffset::Gap { before, .. } => {
                let after_skip = last.saturating_sub(seconds(before.seconds()));
                return self.last_second_before_skip(after_skip).unwrap_or(after_skip);
            }
        };
        last.saturating_sub(seconds(offset.seconds()))
    }

    /// The instant, in UTC, at which clocks there show `wall`: the later one where they go back and show it twice. Where
    /// they skip it, the instant at which they would have shown it had they not.
    pub fn instant(&self, wall: PrimitiveDateTime) -> PrimitiveDateTime {
        let Some(civil) = civil(wall) else { return wall };
        let offset = match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } => after,
            AmbiguousOffset::Gap { before, .. } => before,
        };
        wall.saturating_sub(seconds(offset.seconds()))
    }

    /// The names to choose from: one for each place of the IANA database that is current, in alphabetical order, `UTC`
    /// first. [`FromStr`] takes the older names too.
    pub fn names() -> Vec<String> {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let mut names: Vec<String> = tz::db()
                .available()
                .filter(|name| {
                    tz::db()
                        .get(name.as_str())
                        .is_ok_and(|zone| zone.is_primary() && zone.location().is_some())
                })
                .map(|name| name.as_str().to_owned())
                .collect();
            names.sort_unstable();
            names.insert(0, TimeZone::default().name().to_owned());
            names
        });
        NAMES.clone()
    }

    /// The offset from UTC at an instant, and the zone's short name then.
    fn offset_at(&self, instant: PrimitiveDateTime) -> (Duration, String) {
        let info = self.0.to_offset_info(timestamp(instant));
        (seconds(info.offset().seconds()), info.abbreviation().to_owned())
    }

    /// The whole second before the last change of the offset at or before `instant`.
    fn last_second_before_skip(&self, instant: PrimitiveDateTime) -> Option<PrimitiveDateTime> {
        let skip = self
            .0
            .preceding(timestamp(instant.saturating_add(seconds(1))))
            .next()?
            .timestamp();
        let ago = timestamp(instant).as_second().checked_sub(skip.as_second())?;
        Some(instant.saturating_sub(Duration::seconds(ago.checked_add(1)?)))
    }
}

fn seconds(count: i32) -> Duration {
    Duration::seconds(i64::from(count))
}

fn civil(at: PrimitiveDateTime) -> Option<DateTime> {
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.as_hms();
    let [month, day, hour, minute, second] =
        [u8::from(month), day, hour, minute, second].map(|part| i8::try_from(part).expect("each part is below 60"));
    DateTime::new(i16::try_from(year).ok()?, month, day, hour, minute, second, 0).ok()
}

/// The instant as `jiff` counts it; its range ends a day before `time`'s, hence the nearest it has.
fn timestamp(instant: PrimitiveDateTime) -> Timestamp {
    let nearest = if instant.year() > 0 {
        Timestamp::MAX
    } else {
        Timestamp::MIN
    };
    Timestamp::from_second(instant.assume_utc().unix_timestamp()).unwrap_or(nearest)
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(tz::TimeZone::UTC)
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, UnknownTimeZone> {
        let zone = tz::db().get(name).map_err(|_| UnknownTimeZone)?;
        // `Etc/Unknown` is jiff's own placeholder, not a zone.
        if zone.iana_name().is_some() {
            Ok(Self(zone))
        } else {
            Err(UnknownTimeZone)
        }
    }
}

impl TryFrom<String> for TimeZone {
    type Error = UnknownTimeZone;

    fn try_from(name: String) -> Result<Self, UnknownTimeZone> {
        name.parse()
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};
    use time::macros::{date, datetime};

    use super::*;

    fn zone(name: &str) -> TimeZone {
        name.parse().unwrap()
    }

    #[test]
    fn a_clock_on_the_wall_shows_an_instant() {
        let berlin = zone("Europe/Berlin");
        for (wall, instant) in [
            (datetime!(2026-07-01 12:00), datetime!(2026-07-01 10:00)),
            // Shown twice, and skipped.
            (datetime!(2026-10-25 02:30), datetime!(2026-10-25 01:30)),
            (datetime!(2026-03-29 02:30), datetime!(2026-03-29 01:30)),
        ] {
            assert_eq!(berlin.instant(wall), instant, "{wall}");
        }
        assert_eq!(
            zone("Asia/Kolkata").instant(datetime!(2026-11-23 05:30)),
            datetime!(2026-11-23 00:00)
        );
    }

    #[test]
    fn a_day_ends_at_midnight_on_the_wall() {
        for (name, day, end) in [
            ("UTC", date!(2026 - 07 - 01), datetime!(2026-07-01 23:59:59)),
            // The clocks go forward on 29 March and back on 25 October 2026.
            ("Europe/Berlin", date!(2026 - 03 - 28), datetime!(2026-03-28 22:59:59)),
            ("Europe/Berlin", date!(2026 - 03 - 29), datetime!(2026-03-29 21:59:59)),
            ("Europe/Berlin", date!(2026 - 10 - 24), datetime!(2026-10-24 21:59:59)),
            ("Europe/Berlin", date!(2026 - 10 - 25), datetime!(2026-10-25 22:59:59)),
            ("Asia/Kolkata", date!(2026 - 07 - 01), datetime!(2026-07-01 18:29:59)),
            ("Pacific/Apia", date!(2026 - 07 - 01), datetime!(2026-07-01 10:59:59)),
            (
                "Pacific/Pago_Pago",
                date!(2026 - 07 - 01),
                datetime!(2026-07-02 10:59:59),
            ),
            (
                "America/St_Johns",
                date!(2026 - 07 - 01),
                datetime!(2026-07-02 02:29:59),
            ),
            (
                "America/St_Johns",
                date!(2026 - 01 - 15),
                datetime!(2026-01-16 03:29:59),
            ),
        ] {
            assert_eq!(zone(name).end_of_day(day), end, "{name} {day}");
        }
    }

    #[test]
    fn a_day_whose_last_hour_comes_twice_ends_with_the_second() {
        // Until 2011 Newfoundland's clocks went back from 00:01 to 23:01.
        assert_eq!(
            zone("America/St_Johns").end_of_day(date!(2010 - 11 - 06)),
            datetime!(2010-11-07 03:29:59)
        );
        assert_eq!(
            zone("America/St_Johns").end_of_day(date!(2010 - 03 - 13)),
            datetime!(2010-03-14 03:29:59)
        );
    }

    #[test]
    fn a_day_whose_end_is_skipped_ends_before_the_skip() {
        let samoa = zone("Pacific/Apia");
        assert_eq!(samoa.end_of_day(date!(2011 - 12 - 29)), datetime!(2011-12-30 09:59:59));
        assert_eq!(samoa.end_of_day(date!(2011 - 12 - 30)), datetime!(2011-12-30 09:59:59));
        assert_eq!(samoa.end_of_day(date!(2011 - 12 - 31)), datetime!(2011-12-31 09:59:59));
        // Toronto's clocks went from 23:30 to 00:30 that night.
        let toronto = zone("America/Toronto");
        let end = toronto.end_of_day(date!(1919 - 03 - 30));
        assert_eq!(
            (toronto.local(end).date, toronto.local(end).time),
            (date!(1919 - 03 - 30), time!(23:29:59))
        );
    }

    #[test]
    fn the_wall_shows_offset_and_abbreviation() {
        let local = zone("Europe/Berlin").local(datetime!(2026-07-01 22:30:00.25));
        assert_eq!((local.date, local.time), (date!(2026 - 07 - 02), time!(00:30:00.25)));
        assert_eq!(local.abbreviation, "CEST");
        assert_eq!(
            zone("Europe/Berlin").local(datetime!(2026-01-01 12:00)).abbreviation,
            "CET"
        );
        assert_eq!(
            zone("Asia/Kolkata").local(datetime!(2026-07-01 12:00)).time,
            time!(17:30)
        );
        assert_eq!(
            zone("America/St_Johns").local(datetime!(2026-07-01 12:00)).time,
            time!(09:30)
        );
        assert_eq!(
            zone("Pacific/Apia").today(datetime!(2026-07-01 11:00)),
            date!(2026 - 07 - 02)
        );
        assert_eq!(
            zone("Pacific/Pago_Pago").today(datetime!(2026-07-01 10:59:59)),
            date!(2026 - 06 - 30)
        );
    }

    #[test]
    fn names_are_the_databases_own() {
        assert_eq!(TimeZone::default().name(), "UTC");
        assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
        for wrong in [
            "",
            "Etc/Unknown",
            "Europe/Atlantis",
            "+02:00",
            "../etc/passwd",
            "Europe/Berlin ",
        ] {
            assert_eq!(wrong.parse::<TimeZone>(), Err(UnknownTimeZone), "{wrong}");
        }
        let names = TimeZone::names();
        assert_eq!(names.first().map(String::as_str), Some("UTC"));
        assert!(names.len() > 300, "{}", names.len());
        for name in ["Europe/Berlin", "Europe/Oslo", "Asia/Kolkata", "Pacific/Apia"] {
            assert!(names.iter().any(|listed| listed == name), "{name}");
        }
        assert!(
            !names
                .iter()
                .any(|name| name == "Asia/Calcutta" || name.starts_with("Etc/"))
        );
        assert!(names.iter().all(|name| zone(name).name() == name));
    }

    #[test]
    fn it_is_stored_as_its_name() {
        let json = serde_json::to_string(&zone("Asia/Kolkata")).unwrap();
        assert_eq!(json, "\"Asia/Kolkata\"");
        assert_eq!(serde_json::from_str::<TimeZone>(&json).unwrap(), zone("Asia/Kolkata"));
        assert!(serde_json::from_str::<TimeZone>("\"Nowhere\"").is_err());
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"] {
            for day in [Date::MIN, Date::MAX] {
                let _ = zone(name).local(zone(name).end_of_day(day));
            }
        }
    }

    proptest! {
        #[test]
        fn a_day_is_over_one_second_after_its_end(zone_index in 0_usize..300, day in 2_459_000_i32..2_475_000) {
            let zone = zone(&TimeZone::names()[zone_index]);
            let day = Date::from_julian_day(day).unwrap();
            let end = zone.end_of_day(day);
            prop_assert!(zone.local(end).date <= day);
            prop_assert!(zone.local(end + seconds(1)).date > day);
            prop_assert_eq!(zone.local(end).time.second(), 59);
        }
    }
}
