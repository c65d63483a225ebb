//! How long a sign-in lasts (ASVS 5.0 7.1.1 asks for both limits to be set and documented).

use time::Duration;

use super::values::{Given, Values};

/// A week: nobody stays signed in longer.
const LONGEST_MINUTES: u16 = 7 * 24 * 60;

/// The lifetimes of a customer's session and of a staff member's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// `customer_idle_minutes` and `customer_absolute_minutes`.
    pub customer: Lifetime,
    /// `staff_idle_minutes` and `staff_absolute_minutes`.
    pub staff: Lifetime,
}

/// The two ends of a session, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Since the last request; a whole number of minutes, never longer than `absolute`.
    pub idle: Duration,
    /// Since the sign-in; a whole number of minutes.
    pub absolute: Duration,
}

impl SessionLifetimes {
    pub(super) fn read(values: &mut Values<'_>) -> Self {
        Self {
            customer: lifetime(
                values,
                "sessions.customer_idle_minutes",
                "sessions.customer_absolute_minutes",
            ),
            staff: lifetime(values, "sessions.staff_idle_minutes", "sessions.staff_absolute_minutes"),
        }
    }
}

fn lifetime(values: &mut Values<'_>, idle_key: &'static str, absolute_key: &'static str) -> Lifetime {
    let lifetime = Lifetime {
        idle: values.read(idle_key, minutes),
        absolute: values.read(absolute_key, minutes),
    };
    if lifetime.idle > lifetime.absolute {
        let (idle, absolute) = (lifetime.idle.whole_minutes(), lifetime.absolute.whole_minutes());
        let problem = format!("{idle} is more than {absolute_key}, which is {absolute}. Lower it, or raise the other.");
        values.refuse(idle_key, &problem);
    }
    lifetime
}

fn minutes(given: &Given) -> Result<Duration, String> {
    match given.text.parse::<u16>() {
        Ok(minutes) if (1..=LONGEST_MINUTES).contains(&minutes) => Ok(Duration::minutes(minutes.into())),
        _ => Err(format!(
            "“{}” must be a number of minutes from 1 to {LONGEST_MINUTES}.",
            given.text
        )),
    }
}
