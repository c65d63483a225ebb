//! `/staff/audit` and its files: every event of the installation, found by whoever may read it.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use latchkey::{
    app::Caller,
    domain::{
        audit::{Action, NewEvent, Party},
        staff::Role,
    },
    store::{self, DbConnection, StoreError},
};
use time::Duration;

use super::write;
use crate::support::{Browser, Page, World, mint};

on_both!(
    an_event_says_who_what_and_of_which_account,
    events_are_found_as_staff_think_of_them,
    older_events_follow_without_gaps,
    the_files_have_what_the_page_has,
    the_command_line_finds_the_same,
    a_filter_is_answered_by_an_index,
);

fn told(page: &Page) -> Vec<String> {
    page.rows().into_iter().map(|row| row.join(" | ")).collect()
}

fn support(world: &World) -> Browser {
    world.staff("asha", Role::Support);
    world.signed_in("asha")
}

fn write_event(world: &World, event: NewEvent) {
    let written: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::audit::insert(connection, &event));
    written.unwrap();
}

fn an_event_says_who_what_and_of_which_account(world: &World) {
    let account = world.customer("priya");
    world.signed_in("priya");
    let page = support(world).get("/staff/audit").expect(200);
    let rows = told(&page);
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(
        rows[0].starts_with("Signed in | – | Staff asha Staff | 23 Nov 2026, "),
        "{}",
        rows[0]
    );
    assert!(rows[0].contains(" No. 4 | 127.0.0.1"), "{}", rows[0]);
    assert!(
        rows[2].starts_with("Signed in | priya | priya Customer | "),
        "{}",
        rows[2]
    );
    assert!(
        rows[3].starts_with("Account “priya” was created")
            && rows[3].contains(" | priya | Command line of the server | "),
        "{}",
        rows[3]
    );
    let wanted = format!("/staff/accounts/{}", account.public_id);
    assert_eq!(page.link("priya").as_deref(), Some(wanted.as_str()));
    assert!(page.has("4 events so far.") && page.has("latchkey audit verify --head 4:"));
}

fn events_are_found_as_staff_think_of_them(world: &World) {
    let account = world.customer("priya");
    world.customer("arjun");
    let token = mint(&world.app, account.id, |_| ());
    world.clock.advance(Duration::days(40));
    let mut revoked = Caller::shell().event(
        world.app.now(),
        Action::TokenRevoked,
        Some(account.id),
        Party::new("token", token.token.public_id, "Deploy"),
        Vec::new(),
    );
    revoked.address = Some("2001:db8::7".to_owned());
    revoked.reason = Some("Found in public".to_owned());
    write_event(world, revoked);
    write(world, &["Gold"]);
    let browser = support(world);
    let found = |query: &str| told(&browser.get(&format!("/staff/audit?{query}")).expect(200));
    let one = |query: &str, beginning: &str| {
        let rows = found(query);
        assert!(rows.len() == 1 && rows[0].starts_with(beginning), "{query}: {rows:?}");
    };
    let revoked = "Token “Deploy” was revoked Reason: Found in public | priya";
    for query in [
        format!("q={}", token.token.public_id),
        "q=Deploy".to_owned(),
        "q=2001:DB8:0::7".to_owned(),
        "q=%233".to_owned(),
        "kind=tokens".to_owned(),
        "q=priya&kind=tokens&by=shell&since=2027-01-02&until=2027-01-02".to_owned(),
    ] {
        one(&query, revoked);
    }
    for query in ["q=priya", "q=priya@mail.example", &format!("q={}", account.public_id)] {
        assert_eq!(found(query).len(), 2, "{query}");
    }
    one("q=Gold", "Plan “Gold” was changed | –");
    one("by=staff", "Signed in | – | Staff asha");
    assert_eq!(found("until=2026-11-23").len(), 2);
    assert_eq!(found("since=2027-01-02&kind=rules").len(), 1);
    assert_eq!(found("q=asha").len(), 2, "what she did, and what was done to her");
    let nothing = browser.get("/staff/audit?q=%3Cb%3Enobody").expect(200);
    assert!(nothing.has("Nothing matches") && !nothing.body().contains("<b>nobody"));
    assert_eq!(nothing.form("/staff/audit").values("q"), ["<b>nobody"]);
    let kept = browser.get(&format!("/staff/audit?q={}", token.secret)).expect(303);
    assert_eq!(
        kept.header("Location"),
        Some(format!("/staff/audit?q={}", token.token.public_id).as_str())
    );
}

fn older_events_follow_without_gaps(world: &World) {
    let names: Vec<String> = (0..120).map(|number| format!("No {number:03}")).collect();
    write(world, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let browser = support(world);
    let mut page = browser.get("/staff/audit?kind=rules&by=shell").expect(200);
    let mut seen = told(&page);
    assert_eq!(seen.len(), 50);
    write(world, &["Meanwhile"]);
    while page.link("Older").is_some() {
        page = page.click("Older").expect(200);
        assert_eq!(page.link("Latest").as_deref(), Some("/staff/audit?kind=rules&by=shell"));
        seen.extend(told(&page));
    }
    assert_eq!(seen.len(), 120);
    for (name, row) in names.iter().rev().zip(&seen) {
        assert!(row.starts_with(&format!("Plan “{name}” was changed")), "{row}");
    }
}

fn the_files_have_what_the_page_has(world: &World) {
    let account = world.customer("priya");
    let names: Vec<String> = (0..700).map(|number| format!("No {number:03}")).collect();
    write(world, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let target = Party::new("token", "Ab12Cd34", "=1+1");
    let mut event = Caller::shell().event(
        world.app.now(),
        Action::TokenPaused,
        Some(account.id),
        target,
        Vec::new(),
    );
    event.reason = Some("=cmd|' /C calc'!A0".to_owned());
    write_event(world, event);
    let browser = support(world);
    let page = browser.get("/staff/audit?by=shell").expect(200);
    let link = page.link("Download as CSV").unwrap();
    assert_eq!(link, "/staff/audit.csv?by=shell");
    let file = browser.get(&link).expect(200);
    let lines: Vec<&str> = file.body().lines().collect();
    assert_eq!(lines.len(), 1 + 703);
    assert!(lines[0].starts_with("Number,When,Action,What,Who,"));
    assert!(
        lines[2].starts_with(
            "702,2026-11-23T12:00:00Z,token.paused,Token “=1+1” was paused,Command line of the server,shell,,priya,"
        ) && lines[2].ends_with(",'=cmd|' /C calc'!A0,shell"),
        "{}",
        lines[2]
    );
    let file = browser.get(&page.link("Download as JSON lines").unwrap()).expect(200);
    let lines: Vec<serde_json::Value> = file
        .body()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 703);
    assert_eq!(
        (&lines[1]["number"], &lines[1]["target"]["name"]),
        (&702.into(), &"=1+1".into())
    );
    assert_eq!(lines[1]["account"]["name"], "priya");
    let exports = told(&browser.get("/staff/audit?kind=audit"));
    assert_eq!(exports.len(), 2);
    assert!(
        exports[1].starts_with("Events were exported Format: csv Filter: by=shell | – | Staff asha"),
        "{exports:?}"
    );
}

fn the_command_line_finds_the_same(world: &World) {
    world.customer("priya");
    world.customer("arjun");
    write(world, &["Gold"]);
    let run = |arguments: &[&str]| {
        let output = world.latchkey(&[&["audit"], arguments].concat(), "");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run(&[
        "list",
        "--account",
        "priya",
        "--since",
        "2026-11-23",
        "--until",
        "2026-11-23",
    ]);
    assert_eq!(code, Some(0));
    assert!(
        said.starts_with("     1  2026-11-23T12:00:00Z  priya             Account “priya” was created; Command line"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
    let (_, said) = run(&["list", "--action", "plan.changed", "--action", "session", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said[0]["target"]["name"], "Gold");
    assert_eq!(said.as_array().unwrap().len(), 1);
    let (_, said) = run(&["export", "--format", "csv", "--actor", "command line"]);
    assert_eq!(said.lines().count(), 5, "{said}");
    let (_, said) = run(&["export", "--format", "jsonl"]);
    assert_eq!(said.lines().count(), 5, "{said}");
    assert_eq!(run(&["list", "--account", "nobody"]).0, Some(1));
    assert_eq!(run(&["list", "--action", "nothing"]).0, Some(2));
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[expect(clippy::disallowed_methods, reason = "diesel builds no EXPLAIN")]
fn plan(world: &World, sql: &str) -> String {
    let explain = |connection: &mut DbConnection| match connection {
        DbConnection::Sqlite(sqlite) => Ok(sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<Step>(sqlite)?),
        DbConnection::Postgres(_) => Ok(Vec::new()),
    };
    let steps: Result<Vec<Step>, StoreError> = world.app.store.read_here(explain);
    let details = steps.unwrap().into_iter().map(|step| step.detail);
    details.collect::<Vec<_>>().join("; ")
}

/// Every question that the page asks, with an index that has the answers in order, so that no page sorts them.
fn a_filter_is_answered_by_an_index(world: &World) {
    if world.app.store.sqlite_path().is_none() {
        return;
    }
    let questions = [
        ("account_id = 1", "audit_events_by_account"),
        ("actor_kind = 'staff' AND actor_id = 'x'", "audit_events_by_actor "),
        ("actor_kind = 'staff'", "audit_events_by_actor_kind"),
        ("actor_name = 'x'", "audit_events_by_actor_name"),
        ("target_kind = 'token' AND target_id = 'x'", "audit_events_by_target "),
        ("target_name = 'x'", "audit_events_by_target_name"),
        ("action = 'token.revoked'", "audit_events_by_action"),
        ("address = '203.0.113.1'", "audit_events_by_address"),
        ("request_id = 'x'", "audit_events_by_request"),
        ("at >= 'x' AND id > 5", "PRIMARY KEY"),
    ];
    for (question, index) in questions {
        let sql = format!("SELECT * FROM audit_events WHERE {question} AND id < 100 ORDER BY id DESC LIMIT 51");
        let plan = plan(world, &sql);
        assert!(
            plan.contains(index) && !plan.contains("TEMP B-TREE"),
            "{question}: {plan}"
        );
    }
}
