//! The tokens of the demo's staff members. Nobody has their secrets.

use time::{Duration, PrimitiveDateTime};

use super::people;
use crate::{
    app::{App, AppError, Caller, minting::Minting, staff_tokens},
    domain::{
        audit::{Action, NewEvent},
        permission::Actor,
        secret::StaffSecret,
        staff::{Role, StaffMember},
        staff_token::{MAX_LIFE, StaffDraft},
        token::LastUse,
    },
    store::{self, DbConnection, staff_tokens::NewStaffToken},
};

/// A staff token as the demo has it; all times are before now.
struct Sample {
    of: Role,
    name: &'static str,
    scopes: &'static str,
    addresses: &'static str,
    days: i64,
    /// Minutes since it was last used, and from where.
    used: Option<(i64, &'static str)>,
}

const SAMPLES: [Sample; 4] = [
    Sample {
        of: Role::Admin,
        name: "Billing system",
        scopes: "accounts:read accounts:create accounts:change accounts:suspend accounts:sign-in",
        addresses: "192.0.2.40",
        days: 38,
        used: Some((3, "192.0.2.40")),
    },
    Sample {
        of: Role::Admin,
        name: "Month-end report",
        scopes: "audit:read",
        addresses: "*",
        days: 86,
        used: Some((28 * 24 * 60, "198.51.100.17")),
    },
    Sample {
        of: Role::Support,
        name: "Ticket system",
        scopes: "accounts:read tokens:read",
        addresses: "198.51.100.64/27",
        days: 21,
        used: Some((47, "198.51.100.71")),
    },
    Sample {
        of: Role::Support,
        name: "Abuse desk",
        scopes: "accounts:read tokens:read tokens:stop",
        addresses: "*",
        days: 9,
        used: None,
    },
];

/// Stores them; returns their history.
pub(super) fn insert(
    connection: &mut DbConnection,
    app: &App,
    members: &[StaffMember],
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let minting = Minting::of(app);
    let mut events = Vec::new();
    for sample in &SAMPLES {
        let Some(member) = members.iter().find(|member| member.role == sample.of) else {
            continue;
        };
        let caller = Caller {
            request_id: app.new_public_id(),
            ..people::caller(Actor::from(member), people::PLACES[0])
        };
        let at = now - Duration::days(sample.days);
        let draft = StaffDraft {
            name: sample.name.parse().expect("a name"),
            scopes: sample.scopes.parse().expect("staff scopes"),
            addresses: sample.addresses.parse().expect("a list of addresses"),
            expires_at: at + MAX_LIFE,
        };
        let (made, _): (_, StaffSecret) = minting.insert(|secret| {
            let new = NewStaffToken {
                public_id: secret.public_id,
                member: member.id,
                draft: draft.clone(),
                created_at: at,
                creation_key: None,
                digest: secret.digest,
                key: secret.key,
                last4: secret.last4,
            };
            Ok(store::staff_tokens::insert(connection, &new)?)
        })?;
        let action = Action::StaffTokenCreated;
        events.push(staff_tokens::event(
            &caller,
            at,
            action,
            (member, &made),
            draft.as_new(),
        ));
        if let Some((minutes, from)) = sample.used {
            let at = now - Duration::minutes(minutes);
            let from = from.parse().expect("an address");
            store::staff_tokens::record_use(connection, made.id, &LastUse { at, from })?;
        }
    }
    Ok(events)
}
