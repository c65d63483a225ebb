//! Slowing down whoever guesses passwords, without a way to lock somebody else out (after OWASP's device cookies).
//!
//! A try is taken from its buckets before any password is hashed. Browsers that have signed in to a login before have
//! buckets of their own for it; all others share the login's. So whoever fills the shared one keeps out strangers only.
//! The buckets' names are digests: the table tells nobody which names were typed.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use time::{Duration, PrimitiveDateTime};

use super::{App, AppError};
use crate::{
    domain::{address::network_of, id::LoginId, secret::DigestKey},
    store::{
        DbConnection, StoreError,
        throttles::{self, Limit, Pace},
    },
};

/// Tries from one place: 10 at once, then one in 6 seconds.
const PACE: Pace = Pace {
    burst: 10,
    every: Duration::seconds(6),
};
/// Calls for one login that carry the right password: 60 at once, then one in a second.
const CALLS: Pace = Pace {
    burst: 60,
    every: Duration::seconds(1),
};
/// Texts in which a staff member looks for tokens: 30 at once, then one in 4 seconds.
const IDENTIFYING: Pace = Pace {
    burst: 30,
    every: Duration::seconds(4),
};
/// Wrong passwords: 10 in 15 minutes, well under 100 in an hour (ASVS 4.0.3 2.2.1).
const WRONG: Limit = Limit {
    tries: 10,
    window: Duration::minutes(15),
};
/// Wrong passwords with no right one between them (NIST SP 800-63B-4, 3.2.2). They are remembered for so long.
const IN_A_ROW: Limit = Limit {
    tries: 100,
    window: Duration::days(90),
};
/// Setup codes from everywhere together. There is the command line when somebody uses them up.
const SETUP_CODES: Limit = Limit {
    tries: 100,
    window: Duration::minutes(15),
};
/// Links that one place asks for.
const LINK_REQUESTS: Limit = Limit {
    tries: 10,
    window: Duration::minutes(15),
};
/// Links that are sent to somebody because anybody asked for them.
const LINKS: Limit = Limit {
    tries: 5,
    window: Duration::hours(1),
};
/// New e-mail addresses that one login tries: each could send mail to a stranger.
const NEW_ADDRESSES: Limit = Limit {
    tries: 10,
    window: Duration::hours(1),
};
/// Reports of found tokens from one place.
const REPORTS: Limit = Limit {
    tries: 60,
    window: Duration::hours(1),
};
/// Tokens in the reports from one place.
const REPORTED_TOKENS: Limit = Limit {
    tries: 10_000,
    window: Duration::hours(1),
};
/// Secrets that one place presents to end their tokens: 60 at once, then one in 10 seconds.
const PRESENTED: Pace = Pace {
    burst: 60,
    every: Duration::seconds(10),
};
/// Says in the input of the digest what it is for.
const PURPOSE: &[u8] = b"latchkey throttle v1\0";

/// Where one try is counted.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    pace: Option<(String, Pace)>,
    limits: Vec<(String, Limit)>,
    /// What is counted by more than one.
    amount: Option<(String, Limit, i64)>,
}

/// A try that was refused at `now`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooMany {
    pub(super) until: PrimitiveDateTime,
    pub(super) now: PrimitiveDateTime,
}

impl From<TooMany> for AppError {
    fn from(TooMany { until, now }: TooMany) -> Self {
        Self::TooManyTries {
            until,
            seconds: whole_seconds(until - now),
        }
    }
}

impl Buckets {
    /// A sign-in from a browser that has not signed in to this login before: counted by where it comes from, and with
    /// all such browsers by the login. `login` is its row number, or the name that was typed when there is none.
    pub(super) fn of_stranger(app: &App, address: IpAddr, login: &str) -> Self {
        Self {
            pace: Some((name(app, "source", &network_of(address).to_string()), PACE)),
            ..Self::of_strangers(app, login)
        }
    }

    /// Calls that carry the right password of a login.
    pub(super) fn of_calls(app: &App, login: LoginId) -> Self {
        Self {
            pace: Some((name(app, "calls", &login.0.to_string()), CALLS)),
            limits: Vec::new(),
            amount: None,
        }
    }

    /// What all those browsers share.
    pub(super) fn of_strangers(app: &App, login: &str) -> Self {
        Self {
            pace: None,
            limits: wrong_passwords(name(app, "login", login)),
            amount: None,
        }
    }

    /// A sign-in from a browser that has signed in to this login before: counted by the browser alone, so that nobody
    /// else at the same address can use up its tries.
    pub(super) fn of_device(app: &App, device: &str) -> Self {
        let device = name(app, "device", device);
        Self {
            pace: Some((format!("{device} pace"), PACE)),
            limits: wrong_passwords(device),
            amount: None,
        }
    }

    /// The password given again in a session.
    pub(super) fn of_session(app: &App, session: &str) -> Self {
        Self {
            pace: None,
            limits: wrong_passwords(name(app, "session", session)),
            amount: None,
        }
    }

    /// A setup code.
    pub(super) fn of_setup(app: &App, address: IpAddr) -> Self {
        Self {
            pace: Some((name(app, "setup source", &network_of(address).to_string()), PACE)),
            limits: vec![(name(app, "setup", ""), SETUP_CODES)],
            amount: None,
        }
    }

    /// A text in which a staff member looks for tokens.
    pub(super) fn of_identifying(app: &App, staff: &str) -> Self {
        Self {
            pace: Some((name(app, "identify", staff), IDENTIFYING)),
            limits: Vec::new(),
            amount: None,
        }
    }

    /// A secret that somebody at `address` presents to end its token.
    pub(super) fn of_presented(app: &App, address: IpAddr) -> Self {
        Self {
            pace: Some((
                name(app, "presented source", &network_of(address).to_string()),
                PRESENTED,
            )),
            limits: Vec::new(),
            amount: None,
        }
    }

    /// A link that somebody at `address` asks for.
    pub(super) fn of_link_requests(app: &App, address: IpAddr) -> Self {
        Self::one(
            name(app, "link source", &network_of(address).to_string()),
            LINK_REQUESTS,
        )
    }

    /// A link that somebody asks for with a name, which may be nobody's.
    pub(super) fn of_link_name(app: &App, typed: &str) -> Self {
        Self::one(name(app, "link name", typed), LINKS)
    }

    /// A link that a login is sent because somebody asked for it, whichever of its names they typed.
    pub(super) fn of_link_login(key: &DigestKey, login: LoginId) -> Self {
        Self::one(name_under(key, "link login", &login.0.to_string()), LINKS)
    }

    /// A new e-mail address for a login.
    pub(super) fn of_new_addresses(app: &App, login: LoginId) -> Self {
        Self::one(name(app, "new address", &login.0.to_string()), NEW_ADDRESSES)
    }

    /// A report of so many found tokens. Nobody else's reports count.
    pub(super) fn of_reports(app: &App, address: IpAddr, tokens: usize) -> Self {
        let source = network_of(address).to_string();
        let tokens = i64::try_from(tokens).unwrap_or(i64::MAX);
        Self {
            amount: Some((name(app, "reported tokens", &source), REPORTED_TOKENS, tokens)),
            ..Self::one(name(app, "reports", &source), REPORTS)
        }
    }

    fn one(bucket: String, limit: Limit) -> Self {
        Self {
            pace: None,
            limits: vec![(bucket, limit)],
            amount: None,
        }
    }

    /// Takes one try. [`AppError::TooManyTries`] when a bucket refuses it.
    pub(super) async fn take(&self, app: &App) -> Result<(), AppError> {
        let (now, buckets) = (app.now(), self.clone());
        let refused = app
            .store
            .write(move |connection| buckets.take_here(connection, now))
            .await;
        match refused.map_err(|error: StoreError| error)? {
            None => Ok(()),
            Some(until) => Err(TooMany { until, now }.into()),
        }
    }

    /// Takes no try. [`AppError::TooManyTries`] when one would be refused.
    pub(super) async fn check(&self, app: &App) -> Result<(), AppError> {
        match self.refuses_until(app).await? {
            None => Ok(()),
            Some(until) => Err(TooMany { until, now: app.now() }.into()),
        }
    }

    /// The buckets are always taken in this order, so that two tries never wait for each other.
    pub(super) fn take_here(
        &self,
        connection: &mut DbConnection,
        now: PrimitiveDateTime,
    ) -> Result<Option<PrimitiveDateTime>, StoreError> {
        if let Some((bucket, pace)) = &self.pace
            && let Some(until) = throttles::take_at_pace(connection, bucket, *pace, now)?
        {
            return Ok(Some(until));
        }
        for (bucket, limit) in &self.limits {
            if let Some(until) = throttles::take(connection, bucket, *limit, now)? {
                return Ok(Some(until));
            }
        }
        match &self.amount {
            Some((bucket, limit, many)) => throttles::take_many(connection, bucket, *limit, *many, now),
            None => Ok(None),
        }
    }

    /// Until when one of the buckets refuses every try; nothing when none does.
    pub(super) async fn refuses_until(&self, app: &App) -> Result<Option<PrimitiveDateTime>, AppError> {
        let (now, buckets) = (app.now(), self.clone());
        app.store
            .read(move |connection| {
                let mut latest = None;
                let amount = buckets.amount.as_ref().map(|(bucket, limit, _)| (bucket, limit));
                let limits = buckets.limits.iter().map(|(bucket, limit)| (bucket, limit));
                for (bucket, limit) in limits.chain(amount) {
                    latest = latest.max(throttles::refuses_until(connection, bucket, *limit, now)?);
                }
                Ok(latest)
            })
            .await
    }

    /// Gives the try back: no password was looked at.
    pub(super) async fn give_back(&self, app: &App) -> Result<(), AppError> {
        let buckets = self.clone();
        app.store
            .write(move |connection| {
                for (bucket, _) in &buckets.limits {
                    throttles::give_back(connection, bucket)?;
                }
                Ok(())
            })
            .await
    }

    /// Gives back what the try took of its place's pace.
    pub(super) fn give_back_pace(
        &self,
        connection: &mut DbConnection,
        now: PrimitiveDateTime,
    ) -> Result<(), StoreError> {
        match &self.pace {
            Some((bucket, pace)) => throttles::give_back_at_pace(connection, bucket, *pace, now),
            None => Ok(()),
        }
    }

    /// Forgets the wrong tries after a right one, in these buckets alone.
    pub(super) fn reset(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
        for (bucket, _) in &self.limits {
            throttles::reset(connection, bucket)?;
        }
        Ok(())
    }
}

fn wrong_passwords(bucket: String) -> Vec<(String, Limit)> {
    let in_a_row = format!("{bucket} in a row");
    vec![(bucket, WRONG), (in_a_row, IN_A_ROW)]
}

/// The key under which the buckets' names are digests.
pub(super) fn key(app: &App) -> DigestKey {
    DigestKey::new(app.keyring().derive("throttle buckets"))
}

fn name(app: &App, kind: &str, what: &str) -> String {
    name_under(&key(app), kind, what)
}

/// The name of a bucket: its kind, and a digest of what it counts.
fn name_under(key: &DigestKey, kind: &str, what: &str) -> String {
    let digest = key.mac([PURPOSE, format!("{kind}\0{what}").as_bytes()]);
    format!("{kind} {}", URL_SAFE_NO_PAD.encode(&digest[..16]))
}

/// Rounded up: a client that waits for exactly so long must not come too early.
pub(super) fn whole_seconds(left: Duration) -> u64 {
    let started = i64::from(left.subsec_microseconds() > 0);
    u64::try_from(left.whole_seconds() + started).unwrap_or(0).max(1)
}
