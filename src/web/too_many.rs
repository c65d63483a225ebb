//! What a page says to somebody who tried too often, and until when.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
};
use time::{Duration, PrimitiveDateTime};

use super::times;
use crate::clock::TimeZone;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `Too many tries. You can try again at 14:32 IST (in 40 seconds).` Nothing in it depends on whether a name exists.
///
/// Waits of days come from so many wrong passwords in a row that only waiting would be no help.
pub fn words(zone: &TimeZone, until: PrimitiveDateTime, seconds: u64) -> String {
    if seconds > DAY {
        return "Too many tries. Use a browser that you have signed in with before, or ask support to help you back in."
            .to_owned();
    }
    // To the next whole minute: who comes back when the clock shows it must not be too early.
    let shown = times::when(zone, until.saturating_add(Duration::seconds(59)));
    let wait = match seconds {
        1 => "1 second".to_owned(),
        seconds if seconds < 2 * MINUTE => format!("{seconds} seconds"),
        seconds if seconds < 2 * HOUR => format!("{} minutes", seconds.div_ceil(MINUTE)),
        seconds => format!("{} hours", seconds.div_ceil(HOUR)),
    };
    format!("Too many tries. You can try again at {} (in {wait}).", shown.time)
}

/// Says to programs when to come again.
pub fn retry_after(response: &mut HttpResponse, seconds: u64) {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_wait_is_said_in_words() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        let at = datetime!(2026-11-23 09:01:20);
        assert_eq!(
            words(&zone, at, 40),
            "Too many tries. You can try again at 14:32 IST (in 40 seconds)."
        );
        assert!(words(&zone, at, 1).ends_with("(in 1 second)."));
        assert!(words(&zone, at, 841).ends_with("(in 15 minutes)."));
        assert!(words(&zone, at, 86_000).ends_with("(in 24 hours)."));
        assert!(words(&zone, at, 7_776_000).contains("ask support"));
    }
}
