//! `/preferences`: the time zone of an account, and the theme of a browser.

use latchkey::{
    domain::staff::Role,
    store::{self, StoreError},
};

use crate::support::World;

fn the_time_zone_is_the_accounts(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let page = browser.get("/preferences").expect(200);
    assert!(page.has("Now it is 23 Nov 2026, 17:30 IST."));
    let form = page.form("/preferences");
    assert_eq!(form.values("time_zone"), ["Asia/Kolkata"]);
    let saved = form
        .clone()
        .fill("time_zone", "America/Port_of_Spain")
        .submit("Save")
        .follow();
    assert!(saved.has("Your preferences were saved.") && saved.has("Now it is 23 Nov 2026, 08:00 AST."));
    let same = saved.form("/preferences").submit("Save").follow();
    assert!(same.has("Nothing was different, so nothing was changed."));
    let wrong = form.clone().forge("time_zone", "Mars/Base").submit("Save").expect(422);
    assert_eq!(wrong.error_words(), ["Choose a time zone from the list"]);
    assert_eq!(
        wrong.form("/preferences").values("time_zone"),
        ["America/Port_of_Spain"]
    );
    let kept = browser.get("/preferences?time_zone=Europe/Berlin").expect(200);
    assert_eq!(kept.form("/preferences").values("time_zone"), ["Europe/Berlin"]);
}

fn a_suspended_account_keeps_its_zone(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let now = world.clock.now();
    let suspend =
        |connection: &mut _| store::accounts::put_suspension(connection, account.id, Some((now, "unpaid invoice")));
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    let form = browser
        .get("/preferences")
        .form("/preferences")
        .fill("time_zone", "UTC");
    let refused = form.submit("Save").expect(403);
    assert!(refused.error_words()[0].starts_with("Your account is suspended"));
    assert!(browser.get("/preferences").has("IST"));
}

fn staff_have_the_zone_of_the_installation(world: &World) {
    world.staff("asha", Role::Support);
    let page = world.signed_in("asha").get("/preferences").expect(200);
    assert!(page.has("the time zone of the installation, UTC"));
    assert!(!page.forms().iter().any(|form| form.action() == "/preferences"));
}

fn the_theme_is_the_browsers(world: &World) {
    let browser = world.browser();
    let page = browser.get("/sign-in").expect(200);
    assert!(!page.body().contains("data-theme"));
    let dark = page.form("/preferences/theme").submit("Dark").expect(303);
    assert_eq!(dark.header("Location"), Some("/sign-in"));
    assert!(dark.cookies_set()[0].contains("Max-Age=31536000"));
    let page = dark.follow();
    assert!(
        page.body()
            .contains("<html lang=\"en\" dir=\"ltr\" data-theme=\"dark\">")
    );
    let system = page.form("/preferences/theme").submit("System").expect(303).follow();
    assert!(!system.body().contains("data-theme"));
    assert_eq!(browser.cookie("latchkey-theme"), None);
    let away = page.form("/preferences/theme").forge("back", "//evil.example");
    assert_eq!(away.submit("Light").expect(303).header("Location"), Some("/"));
    browser.set_cookie("latchkey-theme", "x\"><script>");
    assert!(!browser.get("/sign-in").body().contains("data-theme"));
    world.customer("priya");
    let preferences = world.signed_in("priya").get("/preferences");
    let theme = preferences
        .forms()
        .into_iter()
        .find(|form| form.choices("theme").len() == 3);
    let chosen = theme
        .unwrap()
        .fill("theme", "light")
        .submit("Use this theme")
        .expect(303);
    assert_eq!(chosen.header("Location"), Some("/preferences"));
    assert!(chosen.follow().body().contains("data-theme=\"light\""));
}

on_both!(
    the_time_zone_is_the_accounts,
    a_suspended_account_keeps_its_zone,
    staff_have_the_zone_of_the_installation,
    the_theme_is_the_browsers,
);
