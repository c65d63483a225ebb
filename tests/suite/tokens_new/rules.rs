//! The rules of a new token: what the form says before, and what it answers when one is broken all the same.

use latchkey::{
    app::Caller,
    app::tokens::revoke::revoke,
    domain::{policy::Policy, secret::TokenSecret},
    store::{self, StoreError},
};
use time::Duration;

use super::{filled, live, made, put_plan, reviewed, secret, typed};
use crate::support::{PASSWORD, World};

on_both!(
    everything_that_is_wrong_is_said_at_once,
    a_name_is_free_again_when_its_token_is_revoked,
    a_date_means_the_end_of_that_day,
    the_policy_is_told_before_and_kept,
    the_plan_is_told_before_and_kept,
    the_password_is_asked_for_after_ten_minutes,
    a_suspended_account_makes_nothing,
    warnings_stand_on_the_review,
);

fn everything_that_is_wrong_is_said_at_once(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let form = browser.get("/tokens/new").expect(200).form("/tokens/new");
    let form = form
        .fill("description", &"x".repeat(301))
        .fill("where", "some")
        .fill("addresses", "203.0.113.7\n10.0.0.1/64, here")
        .fill("expires", "date")
        .fill("date", "31.12.2026");
    let page = form.submit("Review token").expect(422);
    let expected = [
        ("name", "Enter a name for the token"),
        ("description", "Use at most 300 characters for the description"),
        ("scopes", "Choose at least one thing the token can do"),
        ("sites", "Choose at least one site, or all of them"),
        (
            "addresses",
            "Line 2: “10.0.0.1/64” is not an address. Write an address such as 203.0.113.24 or a range such as 203.0.113.0/24",
        ),
        (
            "addresses",
            "Line 2: “here” is not an address. Write an address such as 203.0.113.24 or a range such as 203.0.113.0/24",
        ),
        ("date", "Write the date as year, month and day, such as 2026-11-23"),
    ];
    assert_eq!(
        page.errors(),
        expected.map(|(field, words)| (field.to_owned(), words.to_owned()))
    );
    assert!(page.title().starts_with("Error: "));
    let kept = page.form("/tokens/new");
    for field in ["description", "where", "addresses", "expires", "date", "creation_key"] {
        assert_eq!(typed(&kept, field), typed(&form, field), "{field}");
    }
    let long = filled(&browser, &"n".repeat(51)).submit("Review token").expect(422);
    assert_eq!(long.error_words(), ["Use at most 50 characters for the name"]);
    assert_eq!(live(world, account.id), 0);
}

fn a_name_is_free_again_when_its_token_is_revoked(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let first = secret(&made(&browser, "backup"));
    let page = filled(&browser, "BACKUP").submit("Review token").expect(422);
    assert_eq!(
        page.error_words(),
        ["You already have a token called “BACKUP”. Choose another name"]
    );
    made(&browser, "Nightly backup");
    let suggested = browser
        .get("/tokens/new?template=nightly-backup")
        .expect(200)
        .form("/tokens/new");
    assert_eq!(suggested.values("name"), ["Nightly backup 2"]);
    // Taken between the review and the confirmation.
    let (one, other) = (reviewed(&filled(&browser, "Race")), reviewed(&filled(&browser, "race")));
    one.submit("Create token").expect(200);
    let lost = other.submit("Create token").expect(422);
    assert_eq!(
        lost.error_words(),
        ["You already have a token called “race”. Choose another name"]
    );
    let id = TokenSecret::parse(&first).unwrap().public_id();
    world
        .wait(revoke(&world.app, &Caller::shell(), account.id, id))
        .unwrap();
    assert_ne!(secret(&made(&browser, "backup")), first);
}

fn a_date_means_the_end_of_that_day(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let form = filled(&browser, "Today")
        .fill("expires", "date")
        .fill("date", "2026-11-23");
    let page = reviewed(&form).submit("Create token").expect(200);
    assert!(
        page.has("23 Nov 2026, 23:59 IST (23 Nov 2026, 18:29 UTC)"),
        "{}",
        page.text()
    );
    let api = world.api().with_token(&secret(&page));
    world.clock.advance(Duration::hours(6) + Duration::minutes(29));
    api.get("/api/v1/token").expect(200);
    world.clock.advance(Duration::minutes(1));
    api.get("/api/v1/token").expect(401);
    let past = filled(&world.signed_in("priya"), "Past")
        .fill("expires", "date")
        .fill("date", "2026-11-23");
    let page = past.submit("Review token").expect(422);
    assert_eq!(
        page.errors(),
        [("date".to_owned(), "Choose a date from 24 Nov 2026 on".to_owned())]
    );
}

fn the_policy_is_told_before_and_kept(world: &World) {
    let account = world.customer("priya");
    put_plan(world, |plan| {
        plan.policy = Policy {
            max_lifetime_days: Some(365),
            max_live_tokens: Some(1),
            revoke_unused_days: Some(120),
            ..Policy::default()
        };
    });
    let browser = world.signed_in("priya");
    let page = browser.get("/tokens/new").expect(200);
    assert!(page.has("A token can be given at most 1 year at a time, so that a forgotten one does not stay open."));
    assert!(page.has("A token that is not used for 120 days is revoked."));
    let form = filled(&browser, "Backup");
    assert_eq!(
        form.choices("expires"),
        ["1", "7", "30", "60", "90", "180", "365", "date"]
    );
    for (expires, date, field) in [
        ("never", "", "expires"),
        ("date", "2027-11-24", "date"),
        ("date", "9999-12-31", "date"),
    ] {
        let page = filled(&browser, "Backup")
            .forge("expires", expires)
            .fill("date", date)
            .submit("Review token");
        let expected = (field.to_owned(), "Choose a date up to 23 Nov 2027".to_owned());
        assert_eq!(page.expect(422).errors(), [expected], "{expires} {date}");
    }
    reviewed(&form.fill("expires", "date").fill("date", "2027-11-23"))
        .submit("Create token")
        .expect(200);
    let full = browser.get("/tokens/new").expect(200);
    assert!(full.has("You have 1 of 1 tokens") && full.forms().iter().all(|form| form.action() != "/tokens/new"));
    put_plan(world, |_| ());
    let waiting = reviewed(&filled(&browser, "Second"));
    put_plan(world, |plan| plan.policy.max_live_tokens = Some(1));
    let page = waiting.submit("Create token").expect(422);
    assert_eq!(
        page.error_words(),
        ["You have 1 of 1 tokens. Revoke one that you no longer need, then send this again"]
    );
    assert_eq!(
        (page.form("/tokens/new").values("name"), live(world, account.id)),
        (vec!["Second"], 1)
    );
}

fn the_plan_is_told_before_and_kept(world: &World) {
    world.customer("priya");
    put_plan(world, |plan| plan.scopes = "files:write".parse().unwrap());
    let browser = world.signed_in("priya");
    let page = browser.get("/tokens/new").expect(200);
    assert!(page.has("Your plan does not include this."));
    let form = page.form("/tokens/new").fill("name", "Backup");
    let page = form
        .clone()
        .forge("scope", "backups:create")
        .submit("Review token")
        .expect(422);
    assert_eq!(
        page.error_words(),
        ["Take out what your plan does not include: “create backups”"]
    );
    let page = form
        .clone()
        .forge("scope", "moon:land")
        .submit("Review token")
        .expect(422);
    assert_eq!(
        page.error_words(),
        ["Choose only from this list. It does not have “moon:land”"]
    );
    form.clone()
        .check("scope", "files:read")
        .submit("Review token")
        .expect(200);
    form.check("scope", "*").submit("Review token").expect(200);
}

fn the_password_is_asked_for_after_ten_minutes(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let early = reviewed(&filled(&browser, "Early"));
    assert!(!early.offers("password"));
    world.clock.advance(Duration::minutes(11));
    let unasked = early.submit("Create token").expect(422);
    assert_eq!(unasked.error_words(), ["Enter your password to go on"]);
    let wrong = unasked.form("/tokens").fill("password", "guess on guess on guess");
    let page = wrong.submit("Create token").expect(422);
    assert_eq!(page.errors()[0].0, "password");
    assert!(
        !page.body().contains("guess on guess"),
        "a password is never shown again"
    );
    assert_eq!(live(world, account.id), 0);
    let right = page.form("/tokens").fill("password", PASSWORD);
    secret(&right.submit("Create token").expect(200));
    assert!(
        !reviewed(&filled(&browser, "Next")).offers("password"),
        "it was given just now"
    );
}

fn a_suspended_account_makes_nothing(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let (form, review) = (filled(&browser, "Backup"), reviewed(&filled(&browser, "Backup")));
    let suspension = Some((world.app.now(), "Unpaid invoice"));
    let suspend =
        |connection: &mut store::DbConnection| store::accounts::put_suspension(connection, account.id, suspension);
    world.app.store.write_here::<_, StoreError>(suspend).unwrap();
    for page in [
        browser.get("/tokens/new"),
        form.submit("Review token"),
        review.submit("Create token"),
    ] {
        assert!(
            page.has("No token can be created now") && page.has("Unpaid invoice"),
            "{}",
            page.text()
        );
    }
    assert_eq!(live(world, account.id), 0);
}

fn warnings_stand_on_the_review(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let form = filled(&browser, "All").check("scope", "*").fill("expires", "never");
    let page = form.submit("Review token").expect(200);
    assert!(
        page.has("Full access. Whoever gets hold of this token"),
        "{}",
        page.text()
    );
    assert!(page.has("It never expires.") && page.has("until you revoke it."));
    let form = filled(&browser, "Many")
        .check("scope", "dns:write")
        .check("scope", "email:write")
        .check("scope", "cron:write")
        .fill("addresses", "198.51.100.0/24");
    let page = form.submit("Review token").expect(200);
    assert!(page.has("3 permissions of high risk.") && page.has("from 198.51.100.0/24 only"));
    assert!(page.has("You are now at 127.0.0.1, which is not among its addresses"));
}
