//! Links that fill the form in: shown as such, checked, and never sent by themselves.

use super::{live, put_plan};
use crate::support::World;

on_both!(
    a_link_fills_the_form_in_and_says_so,
    what_a_link_asks_for_in_vain_is_named,
    a_link_stays_within_the_policy,
    answers_come_back_after_the_session_ended,
);

fn a_link_fills_the_form_in_and_says_so(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens/new?name=Deploy%20job&scopes=websites:deploy,files:read&scopes=dns:read&sites=priya.example&days=7&utm_source=x")
        .expect(200);
    assert!(
        page.has("Filled in by a link – check it before you create the token."),
        "{}",
        page.text()
    );
    let form = page.form("/tokens/new");
    assert_eq!(form.values("name"), ["Deploy job"]);
    assert_eq!(form.values("scope"), ["websites:deploy", "files:read", "dns:read"]);
    assert_eq!(
        (form.values("where"), form.values("site")),
        (vec!["some"], vec!["priya.example"])
    );
    assert_eq!(form.values("expires"), ["7"]);
    assert_eq!(live(world, account.id), 0);
    let template = browser.get("/tokens/new?template=nightly-backup").expect(200);
    assert!(
        !template.has("Filled in by a link"),
        "a template of ours is no stranger's link"
    );
    let fortnight = browser.get("/tokens/new?days=14").expect(200).form("/tokens/new");
    assert_eq!(
        (fortnight.values("expires"), fortnight.values("date")),
        (vec!["date"], vec!["2026-12-07"])
    );
}

fn what_a_link_asks_for_in_vain_is_named(world: &World) {
    world.customer("priya");
    world.customer("arjun");
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens/new?template=moon&scopes=moon:land&sites=arjun.example,%3Cb%3E&days=soon")
        .expect(200);
    for sentence in [
        "There is no template “moon” here.",
        "There is no permission “moon:land” here.",
        "“arjun.example” is not one of your sites.",
        "“<b>” is not one of your sites.",
        "“soon” is not a number of days.",
    ] {
        assert!(page.has(sentence), "{sentence}: {}", page.text());
    }
    let form = page.form("/tokens/new");
    assert_eq!(
        form.values("where"),
        ["some"],
        "sites that nobody has never become all sites"
    );
    assert!(form.values("site").is_empty() && form.values("scope").is_empty());
}

fn a_link_stays_within_the_policy(world: &World) {
    world.customer("priya");
    put_plan(world, |plan| {
        plan.scopes = "files:write backups:read".parse().unwrap();
        plan.policy.max_lifetime_days = Some(30);
    });
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens/new?scopes=files:read,backups:create&days=365")
        .expect(200);
    assert!(
        page.has("Your plan does not include “create backups”."),
        "{}",
        page.text()
    );
    assert!(page.has("A token cannot live 365 days here, so a shorter time is chosen."));
    let form = page.form("/tokens/new");
    assert_eq!(
        (form.values("scope"), form.values("expires")),
        (vec!["files:read"], vec!["30"])
    );
    let never = browser.get("/tokens/new?days=never").expect(200);
    assert!(never.has("Every token has to expire here, so a date is chosen."));
    assert_eq!(never.form("/tokens/new").values("expires"), ["30"]);
}

fn answers_come_back_after_the_session_ended(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let form = super::filled(&browser, "Backup")
        .fill("where", "some")
        .check("site", "priya.example");
    let review = super::reviewed(&form);
    browser.set_cookie("latchkey-session", "");
    for (form, button) in [(&form, "Review token"), (&review, "Create token")] {
        let sign_in = form.submit(button).follow().expect(200);
        assert!(sign_in.has("Your session ended. Sign in again – your answers are kept."));
        let after = sign_in
            .form("/sign-in")
            .fill("username", "priya")
            .fill("password", crate::support::PASSWORD)
            .submit("")
            .follow()
            .expect(200);
        let kept = after.form("/tokens/new");
        assert_eq!(kept.values("name"), ["Backup"]);
        assert_eq!(kept.values("scope"), ["backups:create"]);
        assert_eq!(kept.values("site"), ["priya.example"]);
        browser.set_cookie("latchkey-session", "");
    }
}
