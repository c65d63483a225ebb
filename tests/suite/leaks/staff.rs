//! Tokens of staff members that somebody found: they end as those of accounts do, and nobody learns whose they were.

use latchkey::{
    domain::{
        audit::{Action, NewEvent},
        secret::StaffSecret,
        staff::Role,
    },
    store,
};
use serde_json::json;
use time::Duration;

use super::{paste, report, told};
use crate::{
    services::written,
    staff_own_tokens::member,
    support::{World, mint, mint_staff},
    tokens_new::once::{log_here, logged, stored},
};

on_both!(
    a_program_ends_what_it_found,
    people_end_it_on_the_page,
    the_answer_is_the_same_for_all,
    nothing_keeps_what_was_reported,
    one_of_eight_reports_ends_it,
    what_waits_waits_for_both_kinds,
);

fn leaked(world: &World) -> Vec<NewEvent> {
    written(world, Action::StaffTokenLeaked)
}

/// What a call with the token is answered with.
fn status(world: &World, secret: &str) -> u16 {
    world.api().with_token(secret).get("/api/v1/accounts").status()
}

fn a_program_ends_what_it_found(world: &World) {
    world.staff("asha", Role::Support);
    let (secret, token) = mint_staff(world, "asha", "Billing", "accounts:read");
    let (other, _) = mint_staff(world, "asha", "Tickets", "accounts:read");
    assert_eq!((status(world, &secret), status(world, &other)), (200, 200));
    let api = world.api().at_address("198.51.100.77");
    let list = json!([
        { "token": secret, "type": "latchkey", "url": "https://code.example/billing/.env", "source": "commit" },
    ]);
    let answer = api.post("/leaks", &list).expect(202);
    assert_eq!(answer.json()["status"], "accepted");
    assert_eq!((status(world, &secret), status(world, &other)), (401, 200));
    let found = leaked(world);
    let [event] = &found[..] else {
        panic!("one event: {found:?}");
    };
    let asha = member(world, "asha");
    assert_eq!(
        (event.actor.kind.as_str(), event.target.id.as_str()),
        ("finder", asha.public_id.as_str())
    );
    assert_eq!(event.changes[0].after, Some(format!("Billing ({})", token.public_id)));
    assert_eq!(
        event.reason.as_deref(),
        Some("https://code.example/billing/.env (commit)")
    );
    assert_eq!(event.address.as_deref(), Some("198.51.100.77"));
    // It is over, and no news when it is found again.
    report(&api, &[&secret]).expect(202);
    assert_eq!(leaked(world).len(), 1);
    world.staff("meera", Role::Admin);
    let audit = world.signed_in("meera").get("/staff/audit?by=finders").expect(200);
    assert!(
        audit.has("A token of staff member “Staff asha” was found by somebody else and revoked"),
        "{}",
        audit.text()
    );
}

fn people_end_it_on_the_page(world: &World) {
    world.staff("asha", Role::Support);
    let account = world.customer_without_password("priya");
    let of_account = mint(&world.app, account.id, |_| ());
    let (secret, _) = mint_staff(world, "asha", "Billing", "accounts:read");
    let (expired, _) = mint_staff(world, "asha", "Old", "accounts:read");
    let text = format!("A={}\nB={secret}\nC={}", of_account.secret, &expired[..50]);
    let browser = world.browser();
    assert!(browser.get("/leaks").has("a staff member’s 51 and lka_"));
    let page = paste(&browser, &text, "A wiki").expect(303).follow();
    assert!(page.has("Thank you.") && !page.body().contains(&secret[13..]));
    assert_eq!((status(world, &secret), status(world, &expired)), (401, 200));
    world
        .api()
        .with_token(&of_account.secret)
        .get("/api/v1/token")
        .expect(401);
    // Also when it is over by itself: a reactivation or another clock does not bring it back.
    world.clock.advance(Duration::days(31));
    paste(&browser, &expired, "").expect(303);
    assert_eq!(leaked(world).len(), 2);
    let cut = paste(&browser, &expired[..50], "").expect(422);
    assert_eq!(
        cut.error_words(),
        ["Paste a whole token: 50 characters that begin with lk_, or 51 with lka_, with nothing left out"]
    );
}

fn the_answer_is_the_same_for_all(world: &World) {
    world.staff("asha", Role::Support);
    let (secret, token) = mint_staff(world, "asha", "Billing", "accounts:read");
    let made_up = StaffSecret::mint(token.public_id, |length| "x".repeat(length));
    let unknown = StaffSecret::mint("Unknown1".parse().unwrap(), |length| "x".repeat(length));
    let told = |text: &str| told(world, text);
    let first = told(unknown.expose());
    for text in [made_up.expose(), &format!("lka_{}", token.public_id), &secret[..50], ""] {
        assert_eq!(told(text), first, "{text}");
        assert!(leaked(world).is_empty(), "{text}");
    }
    assert_eq!((told(&secret), told(&secret)), (first.clone(), first));
    assert_eq!(leaked(world).len(), 1);
}

fn nothing_keeps_what_was_reported(world: &World) {
    log_here();
    world.staff("asha", Role::Support);
    let (secret, token) = mint_staff(world, "asha", "Billing", "accounts:read");
    let hidden = secret[13..43].to_owned();
    let place = format!("https://x.example/?key={secret}");
    paste(&world.browser(), &format!("see {secret} there"), &place).expect(303);
    let reason = leaked(world)[0].reason.clone();
    assert_eq!(
        reason,
        Some(format!("https://x.example/?key=lka_{}_…", token.public_id))
    );
    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds("https://x.example/?key=") && !holds(&hidden));
    assert!(!logged().contains(&hidden));
}

fn one_of_eight_reports_ends_it(world: &World) {
    let mut secrets = Vec::new();
    for username in ["asha", "ravi"] {
        world.staff(username, Role::Support);
        for number in 0..4 {
            secrets.push(mint_staff(world, username, &format!("No {number}"), "accounts:read").0);
        }
    }
    let account = world.customer_without_password("priya");
    secrets.push(mint(&world.app, account.id, |_| ()).secret);
    let second = world.join();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let api = if thread % 2 == 0 { world.api() } else { second.api() };
            let mut secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            secrets.rotate_left(thread);
            scope.spawn(move || report(&api, &secrets).expect(202));
        }
    });
    assert_eq!(leaked(world).len(), 8);
    for username in ["asha", "ravi"] {
        let id = member(world, username).id;
        let live = world
            .app
            .store
            .read_here(|connection| store::staff_tokens::count_live(connection, id));
        assert_eq!(live.unwrap(), 0);
    }
}

fn what_waits_waits_for_both_kinds(world: &World) {
    world.staff("asha", Role::Support);
    let (secret, _) = mint_staff(world, "asha", "Billing", "accounts:read");
    let api = world.api().at_address("198.51.100.7");
    for _ in 0..60 {
        report(&api, &["no token"]).expect(202);
    }
    report(&api, &[&secret]).expect(429);
    assert_eq!(status(world, &secret), 200, "nothing is ended");
}
