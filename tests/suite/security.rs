//! `/security`: the password and the sessions of whoever is signed in.

use latchkey::{
    domain::{account::Account, audit::Action, staff::Role},
    store::{self, StoreError},
};
use time::Duration;

use crate::support::{Browser, PASSWORD, Page, World};

const NEW: &str = "green boats sail over the hill";

fn change(browser: &Browser, current: &str, new: &str) -> Page {
    let form = browser.get("/security").expect(200).form("/security");
    let form = form.fill("current_password", current).fill("new_password", new);
    form.submit("Change password")
}

fn actions(world: &World, account: &Account) -> Vec<Action> {
    let query = store::audit::Query {
        limit: 3,
        ..store::audit::Query::default()
    };
    let list = |connection: &mut _| store::audit::list(connection, account.id, &query);
    let events = world.app.store.read_here(list).unwrap();
    events.into_iter().map(|event| event.event.action).collect()
}

fn a_new_password_ends_every_other_session(world: &World) {
    let account = world.customer("priya");
    let (own, other) = (world.signed_in("priya"), world.signed_in("priya"));
    let id = own.cookie("latchkey-session").unwrap();
    world.clock.advance(Duration::seconds(30));
    let changed = change(&own, PASSWORD, NEW).expect(303).follow().expect(200);
    assert!(changed.has("Your password was changed. All other sessions were signed out."));
    assert!(changed.has("Last changed 23 Nov 2026, 17:30 IST"));
    assert_ne!(own.cookie("latchkey-session").unwrap(), id);
    other.get("/security").expect(303);
    let stolen = world.browser();
    stolen.set_cookie("latchkey-session", &id);
    stolen.get("/security").expect(303);
    own.get("/security").expect(200);
    assert_eq!(actions(world, &account)[0], Action::PasswordChanged);
    let form = world
        .browser()
        .get("/sign-in")
        .form("/sign-in")
        .fill("username", "priya");
    form.clone().fill("password", PASSWORD).submit("Sign in").expect(422);
    form.fill("password", NEW).submit("Sign in").expect(303);
}

fn a_password_must_be_good_and_the_current_one_right(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let empty = change(&browser, "", "").expect(422);
    assert_eq!(
        empty.error_words(),
        ["Enter your current password", "Enter a new password"]
    );
    for (new, words) in [
        ("short", "Make the password longer: it needs at least 15 characters"),
        ("qwertyuiopasdfghjkl", "Choose a password that is harder to guess"),
        (
            "priya priya priya",
            "Choose a password that is not built from your name",
        ),
        (PASSWORD, "Choose a password other than the current one"),
    ] {
        let refused = change(&browser, PASSWORD, new).expect(422);
        assert_eq!(refused.errors()[0].0, "new_password");
        assert!(
            refused.error_words()[0].starts_with(words),
            "{:?}",
            refused.error_words()
        );
        assert_eq!(refused.form("/security").values("new_password"), [""]);
    }
    for _ in 0..10 {
        let wrong = change(&browser, "not my password", NEW).expect(422);
        assert_eq!(wrong.errors()[0].0, "current_password");
    }
    let refused = change(&browser, PASSWORD, NEW).expect(429);
    assert_eq!(refused.header("Retry-After"), Some("900"));
    assert!(refused.error_words()[0].contains("at 17:45 IST (in 15 minutes)"));
    // The limit is the session's own: it keeps nobody from signing in.
    let other = world.signed_in("priya");
    change(&other, PASSWORD, NEW).expect(303);
}

fn sessions_are_listed_and_ended(world: &World) {
    let account = world.customer("priya");
    world.customer("arjun");
    let (own, phone) = (world.signed_in("priya"), world.browser().at_address("203.0.113.24"));
    phone.sign_in("priya");
    let stranger = world.signed_in("arjun");
    world.clock.advance(Duration::minutes(5));
    let page = own.get("/security").expect(200);
    let rows = page.rows();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(
        rows[0][0].contains("This browser") && rows[0][0].contains("on Linux"),
        "{rows:?}"
    );
    assert_eq!(rows[1][1], "203.0.113.24");
    let end = page
        .forms()
        .into_iter()
        .find(|form| form.action().ends_with("/end"))
        .unwrap();
    let foreign = stranger.get("/security").form("/sign-out");
    let token = foreign.values("form_token")[0];
    let encoded = form_urlencoded::Serializer::new(String::new())
        .append_pair("form_token", token)
        .finish();
    stranger
        .send(&stranger.form_request("POST", end.action(), &encoded))
        .expect(404);
    phone.get("/security").expect(200);
    let ended = end.submit("").expect(303).follow().expect(200);
    assert!(ended.has("That session was signed out."));
    assert_eq!(ended.rows().len(), 1);
    phone.get("/security").expect(303);
    end.submit("").expect(404);
    assert_eq!(actions(world, &account)[0], Action::SessionEnded);
}

fn everywhere_else_is_one_button(world: &World) {
    let account = world.customer("priya");
    let own = world.signed_in("priya");
    let others: Vec<Browser> = (0..12_u8)
        .map(|number| {
            let browser = world.browser().at_address(&format!("203.0.113.{number}"));
            browser.sign_in("priya");
            browser
        })
        .collect();
    let page = own.get("/security").expect(200);
    assert!(page.has("Show 3 more"));
    assert_eq!(page.rows().len(), 13);
    let ended = page
        .form("/security/sessions/end-others")
        .submit("Sign out everywhere else");
    let ended = ended.expect(303).follow().expect(200);
    assert!(ended.has("You were signed out everywhere else."));
    assert_eq!(ended.rows().len(), 1);
    assert!(
        !ended
            .forms()
            .iter()
            .any(|form| form.action() == "/security/sessions/end-others")
    );
    for other in others {
        other.get("/security").expect(303);
    }
    assert_eq!(actions(world, &account)[0], Action::SessionsEnded);
}

fn a_suspended_account_changes_nothing_but_can_sign_out(world: &World) {
    let account = world.customer("priya");
    let (own, other) = (world.signed_in("priya"), world.signed_in("priya"));
    let form = own.get("/security").form("/security");
    let now = world.clock.now();
    let suspend =
        |connection: &mut _| store::accounts::put_suspension(connection, account.id, Some((now, "unpaid invoice")));
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    let page = own.get("/security").expect(200);
    assert!(page.has("unpaid invoice") && page.has("its password cannot be changed"));
    assert!(!page.forms().iter().any(|form| form.action() == "/security"));
    let form = form.fill("current_password", PASSWORD).fill("new_password", NEW);
    let refused = form.submit("Change password").expect(403);
    assert!(refused.error_words()[0].starts_with("Your account is suspended"));
    page.form("/security/sessions/end-others").submit("").expect(303);
    other.get("/security").expect(303);
    own.get("/security").expect(200);
}

fn staff_have_the_same_page(world: &World) {
    world.staff("asha", Role::Admin);
    let browser = world.signed_in("asha");
    change(&browser, PASSWORD, "asha staff latchkey").expect(422);
    change(&browser, PASSWORD, NEW).expect(303);
    browser.get("/security").expect(200);
}

on_both!(
    a_new_password_ends_every_other_session,
    a_password_must_be_good_and_the_current_one_right,
    sessions_are_listed_and_ended,
    everywhere_else_is_one_button,
    a_suspended_account_changes_nothing_but_can_sign_out,
    staff_have_the_same_page,
);
