//! The pages, and the command line.

use latchkey::{
    app::{Caller, runs},
    domain::{audit::Action, run::RunKind, staff::Role},
    store::audit::search::{self, Key},
};
use serde_json::Value;
use time::Duration;

use super::{begin, events, is_revoked, scope, work_through};
use crate::support::{Browser, PASSWORD, Page, World, mint};

on_both!(
    an_incident_is_looked_at_confirmed_and_followed,
    a_form_says_what_is_wrong_with_each_field,
    a_confirmation_holds_for_what_was_shown,
    it_starts_once_and_asks_for_the_password,
    a_run_is_stopped_from_its_page,
    the_command_line_does_it_too,
);

const NEW: &str = "/staff/incidents/new";
const BACKUPS: &str = "/staff/incidents/new?action=revoke&issued_before=&scope=backups%3Acreate&used_from=";

fn administrator(world: &World) -> Browser {
    world.staff("meera", Role::Admin);
    world.signed_in("meera")
}

fn confirm(page: &Page, button: &str) -> Page {
    let form = page.form("/staff/incidents");
    form.fill("reason", "Leaked by a supplier")
        .check("understood", "1")
        .submit(button)
}

fn an_incident_is_looked_at_confirmed_and_followed(world: &World) {
    let account = world.customer_without_password("priya");
    let tokens: Vec<_> = (0..52).map(|_| mint(&world.app, account.id, |_| ()).token).collect();
    let browser = administrator(world);
    let list = browser.get("/staff/incidents").expect(200);
    assert!(list.has("No incident yet"));
    let form = list.click("Stop many tokens").expect(200).form(NEW);
    let page = form
        .fill("scope", "backups:create")
        .submit("Show the tokens")
        .expect(200);
    assert!(
        page.has("52 tokens of 1 account") && page.has("2 tokens more are not listed"),
        "{}",
        page.text()
    );
    assert!(page.has("Full access, whatever the plan allows"));
    assert_eq!(page.rows().len(), 50);
    let id = tokens[0].public_id.as_str();
    assert!(page.rows()[0][0].contains(id) && page.rows()[0][1] == "priya");
    let run = confirm(&page, "Revoke 52 tokens").expect(303).follow().expect(200);
    assert!(
        run.has("Running, 0%") && run.has("0 of 52 tokens") && run.has("Holding"),
        "{}",
        run.text()
    );
    assert_eq!(run.header("Refresh"), Some("5"));
    work_through(world);
    let run = browser.get(run.path()).expect(200);
    assert!(run.has("Finished") && run.has("52 of 52 tokens") && run.has("52 tokens revoked"));
    assert_eq!(run.header("Refresh"), None);
    let audit = run.click("What it did, in the audit").expect(200);
    let earlier = audit.click("Older").expect(200);
    let beginning = earlier.rows().last().unwrap()[0].clone();
    assert_eq!(
        (audit.rows().len(), earlier.rows().len()),
        (50, 4),
        "its start, its tokens and its end"
    );
    assert!(beginning.contains("Leaked by a supplier"), "{beginning}");
    assert!(tokens.iter().all(|token| is_revoked(&world.app, token)));
    let list = browser.get("/staff/incidents").expect(200);
    assert!(list.rows()[0].iter().any(|cell| cell.contains("Leaked by a supplier")));
    assert!(browser.get(BACKUPS).expect(200).has("No token is meant"));
    browser.get("/staff/incidents/nosuchrun000").expect(404);
}

fn a_form_says_what_is_wrong_with_each_field(world: &World) {
    world.customer_without_password("priya");
    let browser = administrator(world);
    browser.get(NEW).expect(200);
    let faults = |parameters: &str| browser.get(&format!("{NEW}?{parameters}")).expect(422).errors();
    for (parameters, field, words) in [
        ("action=revoke", "issued_before", "Say which tokens"),
        ("action=burn&scope=dns:read", "action-revoke", "Choose whether"),
        (
            "action=pause&issued_before=yesterday",
            "issued_before",
            "Enter a date and a time",
        ),
        (
            "action=pause&issued_before=2026-11-24T12:00",
            "issued_before",
            "Enter a time that has passed",
        ),
        ("action=pause&scope=no:such", "scope", "Choose a permission"),
        ("action=pause&used_from=203.0.113", "used_from", "Enter one IP address"),
        (
            "action=pause&used_from=0.0.0.0/0",
            "used_from",
            "Enter a narrower range: /8",
        ),
        (
            "action=pause&used_from=::/0",
            "used_from",
            "Enter a narrower range: /16",
        ),
    ] {
        let found = faults(parameters);
        assert!(
            found[0].0 == field && found[0].1.starts_with(words),
            "{parameters}: {found:?}"
        );
    }
    browser.get(&format!("{NEW}?colour=red")).expect(400);
    world.staff("asha", Role::Support);
    let support = world.signed_in("asha");
    for path in [NEW, "/staff/incidents", BACKUPS] {
        support.get(path).expect(403);
    }
}

fn a_confirmation_holds_for_what_was_shown(world: &World) {
    let account = world.customer_without_password("priya");
    mint(&world.app, account.id, |_| ());
    let browser = administrator(world);
    let page = browser.get(BACKUPS).expect(200);
    let unsaid = page.form("/staff/incidents").submit("Revoke 1 token").expect(422);
    let fields: Vec<String> = unsaid.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["reason", "understood-1"]);
    mint(&world.app, account.id, |_| ());
    let grown = confirm(&page, "Revoke 1 token").expect(422);
    assert!(
        grown.error_words()[0].starts_with("There are 2 tokens now"),
        "{:?}",
        grown.error_words()
    );
    assert_eq!(
        grown.form("/staff/incidents").values("reason"),
        ["Leaked by a supplier"]
    );
    confirm(&grown, "Revoke 2 tokens").expect(303);
}

fn it_starts_once_and_asks_for_the_password(world: &World) {
    let account = world.customer_without_password("priya");
    mint(&world.app, account.id, |_| ());
    let browser = administrator(world);
    world.clock.advance(Duration::minutes(11));
    let page = browser.get(BACKUPS).expect(200);
    let asked = confirm(&page, "Revoke 1 token").expect(422);
    assert_eq!(asked.errors()[0].0, "password");
    let form = asked.form("/staff/incidents").fill("password", PASSWORD);
    let form = form.check("understood", "1");
    let first = form.submit("Revoke 1 token").expect(303);
    let to = first.header("Location").unwrap().to_owned();
    let second = form.submit("Revoke 1 token").expect(303);
    assert_eq!(second.header("Location"), Some(to.as_str()));
    let listed = world.wait(runs::list(&world.app, &Caller::shell(), None, 10)).unwrap();
    assert_eq!(listed.len(), 1);
}

fn a_run_is_stopped_from_its_page(world: &World) {
    let account = world.customer_without_password("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = administrator(world);
    let run = begin(world, &Caller::shell(), RunKind::Pause, &scope("backups:create"));
    let path = format!("/staff/incidents/{}", run.public_id);
    let stop = browser.get(&path).expect(200).form(&format!("{path}/stop"));
    let page = stop.submit("Stop").follow().expect(200);
    assert!(page.has("Stopped. What was changed already stays changed."));
    assert!(page.has("It was stopped before its end") && page.header("Refresh").is_none());
    assert!(stop.submit("Stop").follow().expect(200).has("It was over already."));
    work_through(world);
    assert!(!is_revoked(&world.app, &token));
}

fn the_command_line_does_it_too(world: &World) {
    let account = world.customer_without_password("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let say = |arguments: &[&str]| {
        let output = world.latchkey(arguments, "");
        let text = String::from_utf8(output.stdout).unwrap() + std::str::from_utf8(&output.stderr).unwrap();
        (text, output.status.success())
    };
    let json = |arguments: &[&str]| {
        let (text, done) = say(arguments);
        assert!(done, "{text}");
        serde_json::from_str::<Value>(text.lines().next().unwrap()).unwrap()
    };
    let found = json(&["incident", "preview", "--scope", "backups:create", "--json"]);
    assert_eq!(
        (&found["tokens"], &found["oldest"][0]["account"]),
        (&1.into(), &"priya".into())
    );
    let (text, done) = say(&["incident", "start", "revoke", "--reason", "Leaked"]);
    assert!(!done && text.contains("Say which tokens"), "{text}");
    let (text, done) = say(&["incident", "preview", "--used-from", "0.0.0.0/0"]);
    assert!(!done && text.contains("/8 is the widest"), "{text}");
    let start = [
        "incident",
        "start",
        "revoke",
        "--scope",
        "backups:create",
        "--reason",
        "Leaked",
        "--json",
    ];
    let (text, done) = say(&[&start[..], &["--at-most", "0"]].concat());
    assert!(!done && text.contains("1 tokens are meant"), "{text}");
    let begun = json(&start);
    assert_eq!(begun["state"], "running");
    let id = begun["run"].as_str().unwrap();
    let through = json(&["incident", "show", id, "--wait", "--json"]);
    assert_eq!(
        (&through["state"], &through["changed"]),
        (&"finished".into(), &1.into())
    );
    assert!(is_revoked(&world.app, &token));
    let request = format!("run-{id}");
    let of_run = [Key::Target("run", id.to_owned()), Key::Request(request.clone())];
    let found = world.app.store.read_here(|connection| search::meaning(connection, id));
    assert_eq!(found.unwrap(), of_run);
    assert_eq!(
        events(&world.app, token.account, Action::TokenRevoked)[0]
            .event
            .request_id,
        request
    );
    let (text, done) = say(&["incident", "stop", id]);
    assert!(!done && text.contains("it was over already"), "{text}");
    assert_eq!(json(&["incident", "list", "--json"])[0]["run"], id);
    let (text, done) = say(&["incident", "list"]);
    assert!(done && text.contains("1 of 1, 1 changed  Leaked"), "{text}");
}
