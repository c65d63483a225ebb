//! Instants as people read them: with their zone, and never without it.

use time::{Date, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::clock::TimeZone;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const ISO_DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const ISO: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

const ISO_MICRO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

const WALL: &[BorrowedFormatItem<'_>] = format_description!(
    version = 2,
    "[year]-[month]-[day] [hour]:[minute][optional [:[second]]]"
);

const FORMATTABLE: &str = "a date has every part that its format names";

/// An instant for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// For the `datetime` attribute: `2026-11-26T18:29:59Z`.
    pub iso: String,
    /// `26 Nov 2026, 23:59 IST`.
    pub text: String,
    /// `26 Nov 2026`.
    pub day: String,
    /// `23:59 IST`.
    pub time: String,
}

/// An instant as it is shown in a zone.
pub fn when(zone: &TimeZone, at: PrimitiveDateTime) -> When {
    let local = zone.local(at);
    let day = day(local.date);
    let time = format!(
        "{} {}",
        local.time.format(CLOCK).expect(FORMATTABLE),
        local.abbreviation
    );
    When {
        iso: iso(at),
        text: format!("{day}, {time}"),
        day,
        time,
    }
}

/// `2026-11-26T18:29:59Z` (RFC 3339), as APIs and attributes have it.
pub fn iso(at: PrimitiveDateTime) -> String {
    at.format(ISO).expect(FORMATTABLE)
}

/// The instant that [`iso`] wrote.
pub fn parse_iso(text: &str) -> Option<PrimitiveDateTime> {
    PrimitiveDateTime::parse(text, ISO).ok()
}

/// `2026-11-26T18:29:59.000001Z`: an instant as exactly as it is kept.
pub fn iso_micro(at: PrimitiveDateTime) -> String {
    at.format(ISO_MICRO).expect(FORMATTABLE)
}

/// The instant that [`iso_micro`] wrote.
pub fn parse_iso_micro(text: &str) -> Option<PrimitiveDateTime> {
    PrimitiveDateTime::parse(text, ISO_MICRO).ok()
}

/// `26 Nov 2026`.
pub fn day(date: Date) -> String {
    date.format(DAY).expect(FORMATTABLE)
}

/// `2026-11-26`, as date fields have it.
pub fn iso_day(date: Date) -> String {
    date.format(ISO_DAY).expect(FORMATTABLE)
}

/// The date that somebody typed as `2026-11-26`.
pub fn parse_day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), ISO_DAY).ok()
}

/// The date and time that somebody typed as `2026-11-26T23:59`, as such fields send it, or with a blank between; seconds
/// may follow.
pub fn parse_wall(text: &str) -> Option<PrimitiveDateTime> {
    let text = text.trim().replacen('T', " ", 1);
    PrimitiveDateTime::parse(&text, WALL).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn an_instant_names_its_zone() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        let shown = when(&zone, datetime!(2026-11-26 18:29:59));
        assert_eq!(shown.text, "26 Nov 2026, 23:59 IST");
        assert_eq!(shown.iso, "2026-11-26T18:29:59Z");
        assert_eq!((shown.day.as_str(), shown.time.as_str()), ("26 Nov 2026", "23:59 IST"));
    }

    #[test]
    fn a_typed_date_is_read_back() {
        assert_eq!(parse_day(" 2027-02-01 "), Some(date!(2027 - 02 - 01)));
        assert_eq!(parse_day("2027-02-30"), None);
        let typed = ["2027-02-01T08:05", " 2027-02-01 08:05 ", "2027-02-01T08:05:00"];
        assert!(
            typed
                .iter()
                .all(|text| parse_wall(text) == Some(datetime!(2027-02-01 08:05)))
        );
        for bad in [
            "",
            "2027-02-01",
            "2027-02-01T24:00",
            "2027-02-01T08:05Z",
            "1 Feb 2027 08:05",
        ] {
            assert_eq!(parse_wall(bad), None, "{bad}");
        }
        assert_eq!(iso_day(date!(2027 - 02 - 01)), "2027-02-01");
    }
}
