//! `/activity` and `/activity.csv`: what happened in an account, in the words of whoever reads it.

use latchkey::{
    domain::{
        account::Account,
        audit::{Action, Change, NewEvent, Party},
    },
    store::{StoreError, audit},
};
use time::Duration;

use crate::support::{Page, World, mint};

on_both!(
    everybody_who_did_something_is_named,
    changes_are_told_in_words,
    filters_narrow_and_fall_back,
    older_events_follow_without_gaps,
    a_cursor_tells_no_numbers,
    the_file_has_every_event_of_the_filter,
);

fn event(world: &World, account: &Account, action: Action, actor: Party) -> NewEvent {
    NewEvent {
        at: world.app.now(),
        account: Some(account.id),
        actor,
        action,
        target: Party::new("token", "Ab12Cd34", "Deploy"),
        changes: Vec::new(),
        reason: None,
        address: Some("203.0.113.24".to_owned()),
        browser: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned()),
        request_id: "request-1".to_owned(),
    }
}

fn write(world: &World, events: &[NewEvent]) {
    let written: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| events.iter().try_for_each(|event| audit::insert(connection, event)));
    written.unwrap();
}

/// What each row says, without the blanks between its cells.
fn told(page: &Page) -> Vec<String> {
    page.rows().into_iter().map(|row| row.join(" | ")).collect()
}

fn cast(world: &World, account: &Account) {
    let by = |kind: &str, name: &str| Party::new(kind, "x", name);
    let actions = [
        (Action::TokenCreated, by("account", "priya")),
        (Action::TokenPaused, by("staff", "Asha")),
        (Action::TokenChanged, by("token", "Robot")),
        (Action::TokenRevoked, by("system", "Latchkey")),
    ];
    for (action, actor) in actions {
        world.clock.advance(Duration::minutes(1));
        let mut event = event(world, account, action, actor);
        if action == Action::TokenPaused {
            event.reason = Some("Found in <b>public</b>".to_owned());
        }
        write(world, &[event]);
    }
}

fn everybody_who_did_something_is_named(world: &World) {
    let account = world.customer("priya");
    let stranger = world.customer("arjun");
    write(
        world,
        &[event(
            world,
            &stranger,
            Action::TokenRenewed,
            Party::new("account", "y", "arjun"),
        )],
    );
    cast(world, &account);
    let page = world.signed_in("priya").get("/activity").expect(200);
    let rows = told(&page);
    assert_eq!(rows.len(), 6, "{rows:?}");
    assert!(rows[0].starts_with("Signed in | You | 23 Nov 2026, 17:34 IST | 127.0.0.1"));
    assert_eq!(
        rows[1..5],
        [
            "Token “Deploy” was revoked | Latchkey | 23 Nov 2026, 17:34 IST | 203.0.113.24 Firefox on Linux",
            "Token “Deploy” was changed | Token “Robot” | 23 Nov 2026, 17:33 IST | 203.0.113.24 Firefox on Linux",
            "Token “Deploy” was paused Reason: Found in <b>public</b> | Support: Asha | 23 Nov 2026, 17:32 IST | \
             203.0.113.24 Firefox on Linux",
            "Token “Deploy” was created | You | 23 Nov 2026, 17:31 IST | 203.0.113.24 Firefox on Linux",
        ]
    );
    assert!(rows[5].starts_with("Account “priya” was created") && rows[5].contains("| Support |"));
    assert_eq!(page.link("Deploy").as_deref(), Some("/tokens/Ab12Cd34"));
    assert!(!page.has("renewed") && !page.body().contains("<b>public"));
}

fn changes_are_told_in_words(world: &World) {
    let account = world.customer("priya");
    let mut changed = event(
        world,
        &account,
        Action::TokenChanged,
        Party::new("account", "x", "priya"),
    );
    changed.changes = vec![
        Change::between("scopes", "backups:read", "backups:create backups:read").unwrap(),
        Change::between("name", "<b>Old", "New").unwrap(),
    ];
    let mut made = event(
        world,
        &account,
        Action::TokenCreated,
        Party::new("account", "x", "priya"),
    );
    made.changes = vec![
        Change::new("scopes", "backups:create backups:read"),
        Change::new("sites", "*"),
        Change::new("expiry", "2026-11-26T18:29:59Z"),
    ];
    write(world, &[made, changed]);
    let page = world.signed_in("priya").get("/activity").expect(200);
    for words in [
        "Permissions: +added Create backups",
        "Name: <b>Old → New",
        "Permissions: See backups, Create backups",
        "Sites: All sites",
        "Expires: 26 Nov 2026, 23:59 IST",
    ] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
}

fn filters_narrow_and_fall_back(world: &World) {
    let account = world.customer("priya");
    cast(world, &account);
    world.clock.advance(Duration::days(3));
    let browser = world.signed_in("priya");
    let count = |query: &str| told(&browser.get(&format!("/activity?{query}")).expect(200)).len();
    for (query, found) in [
        ("", 6),
        ("kind=tokens", 4),
        ("kind=security", 1),
        ("kind=account", 1),
        ("kind=tokens&by=you", 1),
        ("by=you", 2),
        ("by=support", 2),
        ("by=tokens", 1),
        ("by=latchkey", 1),
        ("since=2026-11-24", 1),
        ("since=2026-11-23", 6),
        ("since=2026-11-27", 0),
        ("kind=x&by=y&since=soon&before=zz", 6),
    ] {
        assert_eq!(count(query), found, "{query}");
    }
    let form = browser.get("/activity").form("/activity");
    let page = form
        .fill("kind", "security")
        .fill("by", "support")
        .fill("since", "2026-11-01")
        .submit("Show")
        .expect(200);
    assert!(page.has("Nothing like that has happened."));
    assert_eq!(page.form("/activity").values("kind"), ["security"]);
    assert_eq!(page.form("/activity").values("since"), ["2026-11-01"]);
    assert_eq!(told(&page.click("Show everything")).len(), 6);
}

/// As many events as two pages and a bit, all of the same instant, named after their number.
fn many(world: &World, account: &Account) {
    let events: Vec<NewEvent> = (0..120)
        .map(|number| {
            let mut event = event(
                world,
                account,
                Action::TokenRenewed,
                Party::new("account", "x", "priya"),
            );
            event.target.name = format!("No {number:03}");
            event
        })
        .collect();
    write(world, &events);
}

fn older_events_follow_without_gaps(world: &World) {
    let account = world.customer("priya");
    many(world, &account);
    let browser = world.signed_in("priya");
    let mut page = browser.get("/activity?kind=tokens").expect(200);
    assert!(page.link("Latest").is_none());
    let mut seen = told(&page);
    assert_eq!(seen.len(), 50);
    // Whatever happens meanwhile moves nothing onto two pages.
    write(
        world,
        &[event(
            world,
            &account,
            Action::TokenRenewed,
            Party::new("account", "x", "priya"),
        )],
    );
    while page.link("Older").is_some() {
        page = page.click("Older").expect(200);
        assert_eq!(page.link("Latest").as_deref(), Some("/activity?kind=tokens"));
        seen.extend(told(&page));
    }
    assert_eq!(seen.len(), 120);
    for (number, row) in (0..120).rev().zip(&seen) {
        assert!(row.starts_with(&format!("Token “No {number:03}” was renewed")), "{row}");
    }
}

fn a_cursor_tells_no_numbers(world: &World) {
    let (account, other) = (world.customer("priya"), world.customer("arjun"));
    many(world, &account);
    many(world, &other);
    let browser = world.signed_in("priya");
    let older = browser.get("/activity").link("Older").unwrap();
    let cursor = older.rsplit_once('=').unwrap().1;
    assert!(cursor.len() == 16 && !cursor.starts_with("0000"), "{cursor}");
    // Somebody else's cursor begins nowhere in particular, and never shows their events.
    let theirs = world.signed_in("arjun").get(&older).expect(200);
    assert!(told(&theirs).iter().all(|row| !row.contains("priya")));
}

fn the_file_has_every_event_of_the_filter(world: &World) {
    let account = world.customer("priya");
    for _ in 0..5 {
        many(world, &account);
    }
    let mut formula = event(world, &account, Action::TokenPaused, Party::new("staff", "x", "Asha"));
    formula.target = Party::new("token", "Ab12Cd34", "Deploy, \"live\"");
    formula.reason = Some("=cmd|' /C calc'!A0".to_owned());
    write(world, &[formula]);
    let minted = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let link = browser
        .get("/activity?kind=tokens&since=2026-11-23")
        .link("Download as CSV")
        .unwrap();
    assert_eq!(link, "/activity.csv?kind=tokens&since=2026-11-23");
    let file = browser.get(&link).expect(200);
    assert_eq!(
        file.header("Content-Disposition"),
        Some("attachment; filename=\"activity.csv\"")
    );
    let lines: Vec<&str> = file.body().lines().collect();
    assert_eq!(lines.len(), 602);
    assert_eq!(lines[0], "When,Action,What,Who,From,Browser,Changes,Reason,Request");
    assert_eq!(
        lines[1],
        "2026-11-23T12:00:00Z,token.paused,\"Token “Deploy, \"\"live\"\"” was paused\",Support: Asha,203.0.113.24,\
         Firefox on Linux,,'=cmd|' /C calc'!A0,request-1"
    );
    assert!(!file.body().contains(&minted.secret));
}
