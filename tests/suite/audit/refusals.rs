//! `/staff/audit/refusals`: what was refused is counted by the hour, and nobody fills the disk with it.

use std::thread;

use latchkey::{
    app::{refusals, upkeep},
    domain::{
        refused::{KEPT_APART, OTHERS, RefusedCount, RefusedKey, RefusedKind},
        staff::Role,
    },
    store,
};
use time::Duration;

use crate::support::{PASSWORD, Page, World};

on_both!(
    failed_sign_ins_are_counted_by_who_has_the_name,
    refusals_of_pages_and_forms_are_counted,
    forged_forms_are_counted_and_stale_ones_are_not,
    an_hour_keeps_so_many_apart_and_counts_them_all,
    old_refusals_are_swept,
    the_page_and_the_command_show_them,
);

fn counts(world: &World) -> Vec<RefusedCount> {
    let caller = latchkey::app::Caller::shell();
    world
        .wait(refusals::list(&world.app, &caller, None, None, 5_000))
        .unwrap()
}

/// Kind, name and number of each.
fn told(world: &World) -> Vec<(String, String, i64)> {
    let mut told: Vec<_> = counts(world)
        .into_iter()
        .map(|count| (count.key.kind, count.key.subject, count.tries))
        .collect();
    told.sort();
    told
}

fn told_as(expected: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    expected
        .iter()
        .map(|(kind, name, tries)| ((*kind).to_owned(), (*name).to_owned(), *tries))
        .collect()
}

fn failed_sign_ins_are_counted_by_who_has_the_name(world: &World) {
    world.customer("priya");
    let browser = world.browser();
    let page = browser.get("/sign-in");
    for (name, password) in [
        ("priya", "wrong"),
        ("priya@mail.example", "wrong too"),
        // Somebody typed the password into the wrong field.
        (PASSWORD, "priya"),
    ] {
        let form = page.form("/sign-in").fill("username", name).fill("password", password);
        form.submit("Sign in").expect(422);
    }
    assert_eq!(told(world), told_as(&[("sign-in", "", 1), ("sign-in", "priya", 2)]));
    for _ in 0..20 {
        let form = page.form("/sign-in").fill("username", "priya").fill("password", "x");
        form.submit("Sign in");
    }
    let told = told(world);
    assert_eq!(told.iter().map(|(.., tries)| tries).sum::<i64>(), 23);
    assert!(
        told.iter()
            .any(|(kind, name, _)| kind == "sign-in-too-many" && name == "priya"),
        "{told:?}"
    );
    let events = told.len();
    assert!(events == 3 && counts(world).iter().all(|count| count.key.address == "127.0.0.1"));
}

fn refusals_of_pages_and_forms_are_counted(world: &World) {
    world.customer("priya");
    world.staff("asha", Role::Support);
    let priya = world.signed_in("priya");
    priya.get("/staff/audit").expect(403);
    priya.get("/staff/accounts").expect(403);
    let asha = world.signed_in("asha");
    asha.get("/staff/policy").expect(403);
    let page = priya.get("/security");
    page.form("/security")
        .fill("current_password", "wrong")
        .fill("new_password", "a violet pear on the tram")
        .submit("Change password")
        .expect(422);
    assert_eq!(
        told(world),
        told_as(&[
            ("password", "priya", 1),
            ("staff-area", "asha", 1),
            ("staff-area", "priya", 2)
        ])
    );
}

/// A form that another site's page sends is an attack; one that is older than the session is nobody's fault.
fn forged_forms_are_counted_and_stale_ones_are_not(world: &World) {
    world.customer("priya");
    let priya = world.signed_in("priya");
    let form = priya.get("/preferences").expect(200).form("/preferences");
    let form = form.fill("time_zone", "UTC");
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        // What a browser says of itself counts before where a page says that it is.
        let request = form.request("Save").without("Sec-Fetch-Site").header(name, value);
        priya.send(&request).expect(403);
    }
    assert_eq!(told(world), told_as(&[("forged-form", "priya", 3)]));
    let stranger = world.browser();
    let request = stranger.form_request("POST", "/sign-in", "username=priya&password=x");
    let request = request
        .without("Sec-Fetch-Site")
        .header("Origin", "https://evil.example");
    stranger.send(&request).expect(403);
    let stale = form.forge("form_token", "of-another-session");
    let asked_again = stale.submit("Save").expect(303);
    let to = asked_again.header("Location").unwrap();
    assert!(to.contains("time_zone=UTC"), "{to}");
    let form = world
        .browser()
        .get("/sign-in")
        .form("/sign-in")
        .forge("form_token", "nonsense");
    form.submit("Sign in").expect(403);
    assert_eq!(
        told(world),
        told_as(&[("forged-form", "", 1), ("forged-form", "priya", 3)])
    );
    let kept = priya.get("/preferences").expect(200).form("/preferences");
    assert_eq!(kept.values("time_zone"), ["Asia/Kolkata"]);
}

fn key(world: &World, number: usize) -> RefusedKey {
    let address = format!("2001:db8::{number:x}").parse().unwrap();
    RefusedKey::new(RefusedKind::SignIn, None, Some(address), world.app.now())
}

fn an_hour_keeps_so_many_apart_and_counts_them_all(world: &World) {
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                // Each node has other addresses, and one that all have.
                let mut counts: Vec<RefusedCount> = (0..200)
                    .map(|address| key(world, if address == 0 { 0 } else { number * 200 + address }))
                    .map(|key| RefusedCount {
                        key,
                        tries: 2,
                        last_at: world.app.now(),
                    })
                    .collect();
                counts.sort_by(|one, other| one.key.cmp(&other.key));
                let add = |connection: &mut _| store::refusals::add(connection, &counts);
                world.app.store.write_here(add).unwrap();
            });
        }
    });
    let counts = counts(world);
    let apart = counts.iter().filter(|count| count.key.subject != OTHERS).count();
    assert_eq!(i64::try_from(apart).unwrap(), KEPT_APART);
    assert_eq!(counts.len(), apart + 1);
    assert_eq!(counts.iter().map(|count| count.tries).sum::<i64>(), 8 * 200 * 2);
    // In memory too.
    for number in 0..3_000 {
        let address = format!("2001:db8:1::{number:x}").parse().unwrap();
        world
            .app
            .refusals
            .count(RefusedKind::SetupCode, None, Some(address), world.app.now());
    }
    assert!(world.wait(world.app.refusals.flush(&world.app)).is_ok());
    let setup = self::counts(world)
        .into_iter()
        .filter(|count| count.key.kind == "setup-code");
    assert_eq!(setup.map(|count| count.tries).sum::<i64>(), 3_000);
    assert_eq!(self::counts(world).len(), apart + 2);
}

fn old_refusals_are_swept(world: &World) {
    let count = |world: &World| {
        let at = world.app.now();
        world.app.refusals.count(RefusedKind::SetupCode, None, None, at);
    };
    count(world);
    assert_eq!(counts(world).len(), 1);
    world.clock.advance(Duration::days(91));
    count(world);
    assert_eq!(counts(world).len(), 2);
    let swept = world.wait(upkeep::sweep(&world.app)).unwrap();
    assert!(swept.refusals >= 1, "{swept:?}");
    assert_eq!(counts(world).len(), 1);
}

fn rows(page: &Page) -> Vec<String> {
    page.rows().into_iter().map(|row| row.join(" | ")).collect()
}

fn the_page_and_the_command_show_them(world: &World) {
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    assert!(asha.get("/staff/audit/refusals").expect(200).has("Nothing was refused"));
    for hour in 0..60 {
        world.clock.advance(Duration::minutes(30));
        let (name, at) = ((hour % 2 == 0).then_some("priya"), world.app.now());
        let address = Some("203.0.113.9".parse().unwrap());
        world.app.refusals.count(RefusedKind::SignIn, name, address, at);
    }
    world.signed_in("asha");
    let asha = world.signed_in("asha");
    let mut page = asha.get("/staff/audit/refusals?kind=sign-in").expect(200);
    let mut seen = rows(&page);
    assert_eq!(seen.len(), 50);
    while page.link("Older").is_some() {
        page = page.click("Older").expect(200);
        seen.extend(rows(&page));
    }
    assert_eq!(seen.len(), 60);
    assert!(
        seen[0].starts_with("Sign-in failed | A name that nobody has | 203.0.113.9 | 1 | 24 Nov 2026, 18:"),
        "{}",
        seen[0]
    );
    assert!(seen.iter().any(|row| row.contains("| priya |")));
    let none = asha.get("/staff/audit/refusals?kind=setup-code").expect(200);
    assert!(none.has("Nothing matches"));
    let output = world.latchkey(&["audit", "refusals", "--limit", "70", "--json"], "");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said.as_array().unwrap().len(), 60);
    assert_eq!((&said[0]["kind"], &said[0]["tries"]), (&"sign-in".into(), &1.into()));
}
