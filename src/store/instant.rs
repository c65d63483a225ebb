//! Instants out of the database, read fast.
//!
//! SQLite keeps a timestamp as text, and diesel tries one format after the other on it: on a page of tokens that took a
//! third of the time. We have written every one of them ourselves, so its digits stand in known places.

use diesel::{
    Connection,
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    pg::Pg,
    sql_types::Timestamp,
    sqlite::Sqlite,
};
use time::{Date, Month, PrimitiveDateTime, Time};

use super::DbConnection;

type Either = <DbConnection as Connection>::Backend;

/// A timestamp column, to be converted into a [`PrimitiveDateTime`] in UTC.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(super) struct Instant(PrimitiveDateTime);

impl From<Instant> for PrimitiveDateTime {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

impl FromSql<Timestamp, Sqlite> for Instant {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        if let Some(instant) = parse(value.read_text().as_bytes()) {
            return Ok(Self(instant));
        }
        <PrimitiveDateTime as FromSql<Timestamp, Sqlite>>::from_sql(value).map(Self)
    }
}

impl FromSql<Timestamp, Pg> for Instant {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <PrimitiveDateTime as FromSql<Timestamp, Pg>>::from_sql(value).map(Self)
    }
}

impl FromSql<Timestamp, Either> for Instant {
    fn from_sql(value: <Either as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, Timestamp>()
    }
}

/// An instant as diesel writes it to SQLite, for statements that it does not write.
pub(super) fn text(at: PrimitiveDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    let mut text = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
    );
    if time.nanosecond() > 0 {
        let fraction = format!(".{:09}", time.nanosecond());
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

/// `YYYY-MM-DD HH:MM:SS`, perhaps with a fraction of one to nine digits.
pub(super) fn parse(text: &[u8]) -> Option<PrimitiveDateTime> {
    let (whole, fraction) = text.split_at_checked(19)?;
    let separators = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    if separators.iter().any(|(at, separator)| whole[*at] != *separator) {
        return None;
    }
    let two = |at: usize| number(&whole[at..at + 2]).and_then(|number| u8::try_from(number).ok());
    let year = i32::try_from(number(&whole[..4])?).ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(two(5)?).ok()?, two(8)?).ok()?;
    let time = Time::from_hms_nano(two(11)?, two(14)?, two(17)?, nanoseconds(fraction)?).ok()?;
    Some(PrimitiveDateTime::new(date, time))
}

fn nanoseconds(fraction: &[u8]) -> Option<u32> {
    let Some((point, digits)) = fraction.split_first() else {
        return Some(0);
    };
    let missing = u32::try_from(9_usize.checked_sub(digits.len())?).ok()?;
    (*point == b'.' && missing < 9).then_some(())?;
    Some(number(digits)? * 10_u32.pow(missing))
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_we_write_is_read_back() {
        for (written, instant) in [
            ("2026-11-23 00:00:00", datetime!(2026-11-23 00:00)),
            ("2026-11-23 23:59:59.5", datetime!(2026-11-23 23:59:59.5)),
            ("2024-02-29 12:00:00.000001", datetime!(2024-02-29 12:00:00.000_001)),
            (
                "2026-11-23 01:02:03.123456789",
                datetime!(2026-11-23 01:02:03.123_456_789),
            ),
        ] {
            assert_eq!(parse(written.as_bytes()), Some(instant), "{written}");
            assert_eq!(text(instant), written);
        }
    }

    #[test]
    fn other_texts_are_left_to_diesel() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T00:00:00",
            "2026-11-23 00:00:00Z",
            "2026-11-23 00:00:00.",
            "2026-11-23 00:00:00.1234567890",
            "2026-13-23 00:00:00",
            "2026-02-29 00:00:00",
            "2026-11-23 24:00:00",
            "+026-11-23 00:00:00",
            "2026-11-23 00:00:0é",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
