//! What the list of incidents shows: the supplier of a plug-in lost the tokens that customers had given it, and an
//! administrator stopped all that were used from its server, after one try that named too many.

use time::{Duration, PrimitiveDateTime};

use super::{
    people,
    samples::{DAY, Deed, PLAIN, Rhythm, Sample, Traffic, between, calls},
    story::Stage,
    traffic::{self, Dice},
};
use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::{Action, Change, NewEvent, Party},
        id::{RunId, TokenId},
        permission::Actor,
        run::{Criteria, Run, RunKind, RunState},
    },
    store::{self, DbConnection},
};

/// The supplier's server.
const SUPPLIER: &str = "192.0.2.77";
/// Hours before now.
const AGO: i64 = 11 * DAY + 3;
const WHY: &str = "The supplier of the visitor counter lost the tokens of its customers.";
const TOO_MANY: &str = "The supplier of a visitor counter reports a break-in; we are looking into it.";
/// Tokens that the first try named.
const NAMED: i64 = 31;

const fn counted(site: &'static str) -> Traffic {
    let counter = calls("GET /sites/{site}/statistics", site, SUPPLIER, Rhythm::Daily(4, 1));
    between(counter, 60 * DAY, AGO + 1)
}

const fn counter(traffic: &'static [Traffic]) -> Sample {
    Sample {
        name: "Visitor counter",
        description: "Draws the numbers on the start page.",
        scopes: "statistics:read",
        created: 75 * DAY,
        expires: Some(105),
        deeds: &[(AGO, Deed::RevokedByStaff(WHY))],
        traffic,
        ..PLAIN
    }
}

/// Whose tokens were lost.
const LOST: [(&str, Sample); 5] = [
    ("anders", counter(&[counted("anders-bakery.example")])),
    ("elif", counter(&[counted("elif-law.example")])),
    ("jonas", counter(&[counted("jonas-dental.example")])),
    ("nikhil", counter(&[counted("nikhil-books.example")])),
    ("uma", counter(&[counted("uma-travel.example")])),
];

/// Stores the runs, and the tokens that the second one revoked; returns their history.
pub(super) fn insert(
    connection: &mut DbConnection,
    app: &App,
    admin: &Actor,
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let caller = || Caller {
        request_id: app.new_public_id(),
        ..people::caller(admin.clone(), people::PLACES[0])
    };
    // The first token was revoked at that hour.
    let started = traffic::instant(now, AGO) - Duration::seconds(1);
    let everything = Criteria {
        scope: Some("statistics:read".parse().expect("a scope")),
        ..Criteria::default()
    };
    let tried = started - Duration::minutes(26);
    let mut events = stop(
        connection,
        &caller(),
        run(app, RunKind::Pause, everything, tried, TOO_MANY),
    )?;
    let of_supplier = Criteria {
        used_from: Some(SUPPLIER.parse().expect("an address")),
        ..Criteria::default()
    };
    let (caller, run) = (caller(), run(app, RunKind::Revoke, of_supplier, started, WHY));
    for (username, sample) in &LOST {
        let account = store::accounts::find_by_username(connection, username)?.ok_or(AppError::NotFound)?;
        let stage = Stage {
            app,
            now,
            zone: app.zone(&account),
            owner: people::caller(Actor::from(&account), people::PLACES[0]),
            account: &account,
            staff: caller.clone(),
            dice: Dice::new(now),
        };
        events.extend(stage.tell(connection, sample)?.1);
    }
    events.extend(finish(connection, &caller, run)?);
    Ok(events)
}

fn run(app: &App, kind: RunKind, criteria: Criteria, created_at: PrimitiveDateTime, why: &str) -> Run {
    Run {
        id: RunId(0),
        public_id: app.new_public_id(),
        kind,
        criteria,
        reason: why.to_owned(),
        by: Party::new("", "", ""),
        address: None,
        request_id: String::new(),
        created_at,
        up_to: TokenId(0),
        expected: NAMED,
        seen: 0,
        changed: 0,
        cursor: TokenId(0),
        state: RunState::Open,
    }
}

/// Stores a run with who started it; returns it as it is stored, and the event.
fn begin(connection: &mut DbConnection, caller: &Caller, mut run: Run) -> Result<(Run, NewEvent), AppError> {
    run.by = caller.party();
    run.address = caller.address.map(|address| address.to_string());
    run.request_id.clone_from(&caller.request_id);
    store::runs::insert(connection, &run)?;
    let run = store::runs::find(connection, &run.public_id)?.ok_or(AppError::NotFound)?;
    let mut changes = run.criteria.changes();
    changes.push(Change::new("tokens", run.expected));
    let event = event(caller, &run, Action::RunStarted, run.created_at, changes);
    Ok((run, event))
}

fn event(caller: &Caller, run: &Run, action: Action, at: PrimitiveDateTime, changes: Vec<Change>) -> NewEvent {
    let mut event = caller.event(at, action, None, Party::new("run", &run.public_id, run.kind), changes);
    event.reason = (action == Action::RunStarted).then(|| run.reason.clone());
    event
}

/// A run that was stopped before it did anything.
fn stop(connection: &mut DbConnection, caller: &Caller, run: Run) -> Result<Vec<NewEvent>, AppError> {
    let (run, started) = begin(connection, caller, run)?;
    let at = run.created_at + Duration::seconds(2);
    store::runs::stop(connection, run.id, at)?;
    let changes = vec![Change::new("seen", 0), Change::new("changed", 0)];
    Ok(vec![started, event(caller, &run, Action::RunStopped, at, changes)])
}

/// A run that revoked the tokens of [`LOST`].
fn finish(connection: &mut DbConnection, caller: &Caller, mut run: Run) -> Result<Vec<NewEvent>, AppError> {
    run.expected = i64::try_from(LOST.len()).expect("they are few");
    run.up_to = store::runs::last_token(connection)?;
    let (run, started) = begin(connection, caller, run)?;
    let at = run.created_at + Duration::seconds(2);
    store::runs::advance(connection, run.id, (run.cursor, run.up_to), run.expected, at)?;
    store::runs::add_changed(connection, run.id, run.expected)?;
    store::runs::finish(connection, run.id, at)?;
    let changes = vec![Change::new("seen", run.expected), Change::new("changed", run.expected)];
    Ok(vec![started, event(caller, &run, Action::RunFinished, at, changes)])
}
