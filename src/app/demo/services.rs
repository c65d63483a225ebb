//! The service credentials of the demo. Nobody has their secrets.

use time::{Duration, PrimitiveDateTime};

use super::people;
use crate::{
    app::{App, AppError, Caller, services},
    domain::{
        audit::NewEvent,
        permission::Actor,
        secret::{PublicId, ServiceSecret, digest},
        token::LastUse,
    },
    store::{self, DbConnection, services::NewService},
};

/// A service credential as the demo has it; all times are before now.
struct Sample {
    name: &'static str,
    addresses: &'static str,
    days: i64,
    /// Minutes since it was last used, and from where.
    used: Option<(i64, &'static str)>,
    revoked_days: Option<i64>,
}

const SAMPLES: [Sample; 4] = [
    Sample {
        name: "edge-1 (nginx)",
        addresses: "192.0.2.10 2001:db8:0:1::10",
        days: 203,
        used: Some((1, "192.0.2.10")),
        revoked_days: None,
    },
    Sample {
        name: "Backup API",
        addresses: "198.51.100.64/27",
        days: 161,
        used: Some((14, "198.51.100.71")),
        revoked_days: None,
    },
    Sample {
        name: "Statistics importer",
        addresses: "*",
        days: 12,
        used: None,
        revoked_days: None,
    },
    Sample {
        name: "edge-0 (HAProxy)",
        addresses: "192.0.2.9",
        days: 410,
        used: Some((202 * 24 * 60, "192.0.2.9")),
        revoked_days: Some(202),
    },
];

/// Stores them; returns their history.
pub(super) fn insert(
    connection: &mut DbConnection,
    app: &App,
    admin: &Actor,
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let mut events = Vec::new();
    for sample in &SAMPLES {
        let caller = Caller {
            request_id: app.new_public_id(),
            ..people::caller(admin.clone(), people::PLACES[0])
        };
        let row = row(app, &caller, sample, now - Duration::days(sample.days));
        let inserted = services::create::insert(connection, &caller, &row)?;
        let (made, created) = inserted.ok_or(AppError::NotFound)?;
        events.push(created);
        if let Some((minutes, from)) = sample.used {
            let at = now - Duration::minutes(minutes);
            let from = from.parse().expect("an address");
            store::services::record_use(connection, made.id, &LastUse { at, from })?;
        }
        if let Some(days) = sample.revoked_days {
            let at = now - Duration::days(days);
            store::services::revoke(connection, made.id, at)?;
            events.push(services::revoked(&caller, at, &made));
        }
    }
    Ok(events)
}

fn row(app: &App, caller: &Caller, sample: &Sample, created_at: PrimitiveDateTime) -> NewService {
    let random = |length| app.clock.random_base62(length);
    let secret = ServiceSecret::mint(PublicId::mint(random), random);
    let keyring = app.keyring();
    let (key, digest_key) = keyring.current();
    NewService {
        public_id: secret.public_id(),
        name: sample.name.parse().expect("a name"),
        addresses: sample.addresses.parse().expect("a list of addresses"),
        created_at,
        created_by: caller.party().name,
        creation_key: None,
        digest: digest(digest_key, &secret),
        key: key.clone(),
        last4: secret.last4().to_owned(),
    }
}
