//! The calls of a sample, hour by hour, as the counts that the panel keeps.

use time::{Duration, PrimitiveDateTime, Weekday};

use super::samples::{Rhythm, Traffic};
use crate::{
    catalogue::Catalogue,
    clock::Clock,
    domain::{
        id::TokenId,
        usage::{ALLOWED, UsageDay, UsageKey, UsageRow, day_of, hour_of},
    },
};

/// The hours (UTC) in which an office in India works.
const OFFICE_HOURS: std::ops::Range<u8> = 4..13;
/// Of 256 hours of work, this many have calls.
const OFFICE_CHANCE: u8 = 90;

/// One hour's calls, and whether they came with the outgoing secret.
pub(super) struct Calls {
    pub(super) row: UsageRow,
    pub(super) old_secret: bool,
}

/// Draws small numbers; the same ones in each demo.
pub(super) struct Dice(Clock);

impl Dice {
    pub(super) fn new(now: PrimitiveDateTime) -> Self {
        Self(Clock::fixed(now, 60))
    }

    fn roll(&self) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte);
        byte[0]
    }

    /// A number near `about`, never 0.
    fn near(&self, about: u8) -> i64 {
        let spread = about / 3 + 1;
        i64::from(about.max(1)) + i64::from(self.roll() % spread) - i64::from(spread / 3)
    }
}

/// The instant that lies so many hours before `now`; from two days on, moved to when people in India work.
pub(super) fn instant(now: PrimitiveDateTime, hours: i64) -> PrimitiveDateTime {
    let at = now - Duration::hours(hours);
    if hours < 48 {
        return at;
    }
    let minutes = i64::from(OFFICE_HOURS.start) * 60 + hours * 37 % 480;
    day_of(at) + Duration::minutes(minutes) + Duration::seconds(hours * 7 % 60)
}

/// The calls of `traffic` in the order of time.
pub(super) fn calls(
    traffic: &[Traffic],
    token: TokenId,
    catalogue: &Catalogue,
    dice: &Dice,
    now: PrimitiveDateTime,
) -> Vec<Calls> {
    let mut all: Vec<Calls> = traffic
        .iter()
        .flat_map(|line| of_line(line, token, catalogue, dice, now))
        .collect();
    all.sort_by_key(|calls| calls.row.last_at);
    all
}

fn of_line(line: &Traffic, token: TokenId, catalogue: &Catalogue, dice: &Dice, now: PrimitiveDateTime) -> Vec<Calls> {
    let scope = scopes_of(catalogue, line.route);
    let hours = (line.until..line.from).map(|ago| hour_of(now - Duration::hours(ago)));
    let (first, last) = (instant(now, line.from), instant(now, line.until));
    hours
        .filter_map(|hour| {
            let count = count(line.rhythm, hour, dice)?;
            let seconds = Duration::seconds(i64::from(dice.roll()) * 14);
            let last_at = if hour + seconds < now {
                hour + seconds
            } else {
                now - seconds / 14
            };
            (last_at > first && last_at < last).then(|| Calls {
                row: UsageRow {
                    key: UsageKey {
                        token,
                        hour: hour_of(last_at),
                        route: line.route.to_owned(),
                        scope: scope.clone(),
                        site: line.site.to_owned(),
                        address: line.address.to_owned(),
                        outcome: line.outcome.to_owned(),
                    },
                    calls: count,
                    last_at,
                },
                old_secret: line.old_secret,
            })
        })
        .collect()
}

/// How many calls come in an hour, if any.
fn count(rhythm: Rhythm, hour: PrimitiveDateTime, dice: &Dice) -> Option<i64> {
    let weekday = hour.weekday();
    match rhythm {
        Rhythm::Daily(at, calls) => (hour.hour() == at).then(|| i64::from(calls)),
        Rhythm::Weekly(at, calls) => (hour.hour() == at && weekday == Weekday::Monday).then(|| i64::from(calls)),
        Rhythm::Office(calls) => {
            let open = OFFICE_HOURS.contains(&hour.hour()) && !matches!(weekday, Weekday::Saturday | Weekday::Sunday);
            (open && dice.roll() < OFFICE_CHANCE).then(|| dice.near(calls))
        }
        Rhythm::Hourly(calls) => Some(dice.near(calls)),
    }
}

/// The scopes that the catalogue asks for on a route, as usage is stored.
fn scopes_of(catalogue: &Catalogue, route: &str) -> String {
    let routes = catalogue.services().iter().flat_map(|service| &service.routes);
    routes
        .into_iter()
        .find(|known| route.split_once(' ') == Some((known.method.as_str(), known.path.as_str())))
        .map(|known| known.scopes.to_string())
        .unwrap_or_default()
}

/// The same calls by day.
pub(super) fn days(calls: &[Calls]) -> Vec<UsageDay> {
    let mut days: Vec<UsageDay> = Vec::new();
    for Calls { row, .. } in calls {
        let day = day_of(row.last_at);
        if days.last().is_none_or(|last| last.day != day) {
            days.push(UsageDay {
                token: row.key.token,
                day,
                allowed: 0,
                refused: 0,
            });
        }
        let Some(today) = days.last_mut() else { continue };
        if row.key.outcome == ALLOWED {
            today.allowed += row.calls;
        } else {
            today.refused += row.calls;
        }
    }
    days
}
