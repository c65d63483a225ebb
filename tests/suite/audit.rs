//! The chain of events: what somebody who can write to the database does to it is found and named.

mod page;
mod process;
mod refusals;

use std::thread;

use diesel::connection::SimpleConnection;
use latchkey::{
    app::{Caller, audit},
    domain::{
        audit::{Action, NewEvent, Party},
        chain::{FaultKind, Head, Report},
    },
    keyring::Keyring,
    store::{self, DbConnection, StoreError},
};

use crate::support::World;

on_both!(
    each_way_of_tampering_is_found_and_named,
    a_cut_is_found_by_a_head_that_was_kept,
    the_database_refuses_changes,
    eight_writers_keep_one_chain,
    an_event_that_cannot_be_written_takes_its_change_back,
    a_chain_goes_on_over_a_new_key,
    the_command_says_what_is_wrong,
);

/// An event of the installation, told apart by its target's name.
fn event(world: &World, name: &str) -> NewEvent {
    let target = Party::new("plan", "", name);
    Caller::shell().event(world.app.now(), Action::PlanChanged, None, target, Vec::new())
}

pub(crate) fn write(world: &World, names: &[&str]) {
    let events: Vec<NewEvent> = names.iter().map(|name| event(world, name)).collect();
    let written: Result<(), StoreError> = world.app.store.write_here(|connection| {
        events
            .iter()
            .try_for_each(|event| store::audit::insert(connection, event))
    });
    written.unwrap();
}

fn try_sql(world: &World, sql: &str) -> Result<(), StoreError> {
    let work = |connection: &mut DbConnection| Ok(connection.batch_execute(sql)?);
    world.app.store.write_here(work)
}

/// Runs statements as somebody would who owns the database: first the triggers go.
fn tamper(world: &World, sql: &str) {
    let is_sqlite = world.app.store.sqlite_path().is_some();
    let triggers: &[(&str, &str)] = &[
        ("audit_events_keep_update", "audit_events"),
        ("audit_events_keep_delete", "audit_events"),
        ("audit_events_keep_rows", "audit_events"),
        ("audit_head_keep_update", "audit_head"),
        ("audit_head_keep_delete", "audit_head"),
    ];
    for (trigger, table) in triggers {
        let on = if is_sqlite {
            String::new()
        } else {
            format!(" ON {table}")
        };
        try_sql(world, &format!("DROP TRIGGER IF EXISTS {trigger}{on}")).unwrap();
    }
    try_sql(world, sql).unwrap();
}

fn verify(world: &World, kept: Option<Head>) -> Report {
    world.wait(audit::verify(&world.app, &Caller::shell(), kept)).unwrap()
}

fn kinds(world: &World) -> Vec<FaultKind> {
    verify(world, None).faults.into_iter().map(|fault| fault.kind).collect()
}

fn head(world: &World) -> Head {
    world.wait(audit::head(&world.app)).unwrap().unwrap()
}

const NAMES: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

fn each_way_of_tampering_is_found_and_named(world: &World) {
    write(world, &NAMES);
    let report = verify(world, Some(head(world)));
    assert!(report.is_sound() && report.checked == 9, "{report:?}");
    let at = if world.app.store.sqlite_path().is_some() {
        "at = 'yesterday'"
    } else {
        "at = '2026-11-23 12:00:01'"
    };
    let swap = "UPDATE audit_events SET id = -4 WHERE id = 4; UPDATE audit_events SET id = 4 WHERE id = 6; \
                UPDATE audit_events SET id = 6 WHERE id = -4;";
    let steps = [
        (
            "UPDATE audit_events SET target_name = 'zwei' WHERE id = 2;".to_owned(),
            "UPDATE audit_events SET target_name = 'two' WHERE id = 2;",
            vec![FaultKind::Changed(2)],
        ),
        (
            format!("UPDATE audit_events SET {at} WHERE id = 3;"),
            "UPDATE audit_events SET at = (SELECT at FROM audit_events WHERE id = 2) WHERE id = 3;",
            vec![FaultKind::Changed(3)],
        ),
        (swap.to_owned(), swap, vec![FaultKind::Swapped(4, 6)]),
        (
            "UPDATE audit_head SET seq = 8;".to_owned(),
            "UPDATE audit_head SET seq = 9;",
            vec![FaultKind::HeadChanged(Some(Head { seq: 8, ..head(world) }))],
        ),
        (
            "DELETE FROM audit_events WHERE id = 5;".to_owned(),
            "SELECT 1",
            vec![FaultKind::Missing(5, 5), FaultKind::Unproven(6)],
        ),
        (
            "DELETE FROM audit_events WHERE id > 7;".to_owned(),
            "SELECT 1",
            vec![
                FaultKind::Missing(5, 5),
                FaultKind::Unproven(6),
                FaultKind::CutOff(8, 9),
            ],
        ),
    ];
    for (sql, undo, expected) in steps {
        tamper(world, &sql);
        assert_eq!(kinds(world), expected, "{sql}");
        try_sql(world, undo).unwrap();
    }
}

fn a_cut_is_found_by_a_head_that_was_kept(world: &World) {
    write(world, &NAMES);
    let kept = head(world);
    tamper(
        world,
        "DELETE FROM audit_events WHERE id > 7; \
         UPDATE audit_head SET seq = 7, mac = (SELECT mac FROM audit_events WHERE id = 7);",
    );
    assert!(verify(world, None).is_sound(), "the database alone does not show it");
    let faults = verify(world, Some(kept.clone())).faults;
    assert_eq!(faults[0].kind, FaultKind::CutOff(8, 9));
    // Others written in their place have other seals.
    write(world, &["acht", "neun"]);
    assert!(verify(world, None).is_sound());
    let faults = verify(world, Some(kept.clone())).faults;
    assert_eq!(faults[0].kind, FaultKind::NotTheKeptHead(kept));
}

fn the_database_refuses_changes(world: &World) {
    write(world, &NAMES);
    let before = head(world);
    let row = "(id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, changes, request_id) \
               VALUES (1, '2026-11-23 12:00:00', 'a', '', '', 'plan.changed', '', '', '', '[]', '')";
    let mut refused = vec![
        "UPDATE audit_events SET reason = 'x' WHERE id = 1".to_owned(),
        "DELETE FROM audit_events WHERE id = 9".to_owned(),
        "UPDATE audit_head SET seq = 3".to_owned(),
        "DELETE FROM audit_head".to_owned(),
    ];
    if world.app.store.sqlite_path().is_some() {
        refused.push(format!("INSERT OR REPLACE INTO audit_events {row}"));
        refused.push("INSERT OR REPLACE INTO audit_head (id, seq) VALUES (1, 3)".to_owned());
    } else {
        refused.push("TRUNCATE audit_events".to_owned());
        refused.push("TRUNCATE audit_head".to_owned());
        refused.push(format!(
            "INSERT INTO audit_events {row} ON CONFLICT (id) DO UPDATE SET reason = 'x'"
        ));
    }
    for sql in refused {
        assert!(try_sql(world, &sql).is_err(), "{sql}");
    }
    assert!(verify(world, Some(before)).is_sound());
}

fn eight_writers_keep_one_chain(world: &World) {
    let other = world.join();
    thread::scope(|scope| {
        for number in 0..8 {
            let app = if number % 2 == 0 { &world.app } else { &other.app };
            let name = number.to_string();
            let (one, two) = (event(world, &name), event(world, &format!("{name} again")));
            scope.spawn(move || {
                for _ in 0..12 {
                    let written: Result<(), StoreError> = app.store.write_here(|connection| {
                        store::audit::insert(connection, &one)?;
                        store::audit::insert(connection, &two)
                    });
                    written.unwrap();
                }
            });
        }
    });
    let report = verify(world, None);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.checked, report.last), (192, head(world)));
}

fn an_event_that_cannot_be_written_takes_its_change_back(world: &World) {
    let account = world.customer("priya");
    let before = head(world);
    try_sql(world, "ALTER TABLE audit_events RENAME TO hidden").unwrap();
    let caller = Caller::shell();
    let asked = latchkey::app::accounts::create(
        &world.app,
        &caller,
        latchkey::app::accounts::NewAccount {
            username: "arjun".parse().unwrap(),
            email: "arjun@mail.example".parse().unwrap(),
            password: None,
            plan: "standard".to_owned(),
            time_zone: "UTC".to_owned(),
            sites: vec!["arjun.example".parse().unwrap()],
        },
    );
    assert!(world.wait(asked).is_err());
    try_sql(world, "ALTER TABLE hidden RENAME TO audit_events").unwrap();
    let names = |connection: &mut DbConnection| store::logins::find_by_name(connection, "arjun");
    assert!(world.app.store.read_here::<_, StoreError>(names).unwrap().is_none());
    assert_eq!(head(world), before);
    assert!(account.id.0 > 0 && verify(world, Some(before)).is_sound());
}

const OLD: &str = "old 5e884898da28047151d0e56f8dc6292773603d0d6aabbddc2f1b9e4a7c308d56 2026-08-01T12:00:00Z";
const NEW: &str = "new 0f3c1d9ab7e2458861c4fd07e93ba5162d784ce09b5fa3176e80d2c94b1f6a35 2026-11-01T12:00:00Z";

fn a_chain_goes_on_over_a_new_key(world: &World) {
    let keys = |lines: &[&str]| Keyring::from_text(&lines.join("\n")).unwrap();
    world.app.replace_keyring(keys(&[OLD]));
    write(world, &NAMES[..3]);
    world.app.replace_keyring(keys(&[OLD, NEW]));
    write(world, &NAMES[3..]);
    assert!(verify(world, Some(head(world))).is_sound());
    tamper(world, "UPDATE audit_events SET reason = 'x' WHERE id IN (2, 8);");
    assert_eq!(kinds(world), [FaultKind::Changed(2), FaultKind::Changed(8)]);
    world.app.replace_keyring(keys(&[NEW]));
    let lost = |id| FaultKind::KeyMissing(id, "old".to_owned());
    assert_eq!(kinds(world), [lost(1), lost(2), lost(3), FaultKind::Changed(8)]);
}

fn the_command_says_what_is_wrong(world: &World) {
    let run = |arguments: &[&str]| {
        let output = world.latchkey(&[&["audit", "verify"], arguments].concat(), "");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    // The command makes the key file of its own; the server's keys are the tests' own. So it writes by itself here.
    let create = [
        "account",
        "create",
        "--username",
        "priya",
        "--email",
        "priya@mail.example",
    ];
    let site = ["--site", "priya.example", "--plan", "standard"];
    let made = world.latchkey(&[&create[..], &site[..]].concat(), "");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (code, said) = run(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("1 event was checked: nothing is wrong.\nHead: 1:"),
        "{said}"
    );
    let kept = head(world).to_string();
    tamper(world, "UPDATE audit_events SET actor_name = 'nobody' WHERE id = 1;");
    let (code, said) = run(&["--head", &kept]);
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with("Event 1 was changed. It now says: ")
            && said.contains(", account.created, by shell \"nobody\", to account \"priya\".\n"),
        "{said}"
    );
    let (code, said) = run(&["--json"]);
    assert_eq!(code, Some(1));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&said["sound"], &said["faults"][0]["kind"]),
        (&false.into(), &"changed".into())
    );
    tamper(world, "DELETE FROM audit_events;");
    let (_, said) = run(&["--head", &kept]);
    assert!(said.starts_with("Event 1 is missing: the end was cut off.\n"), "{said}");
    assert_eq!(run(&["--head", "4711"]).0, Some(2));
}
