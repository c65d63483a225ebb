//! `/staff/accounts/{id}`: one account in the hands of staff, and what its holder reads of it afterwards.

mod change;
mod make;
mod race;

use latchkey::{
    domain::{account::Account, audit::Event, staff::Role},
    store::{self, StoreError},
};
use time::Duration;

use crate::support::{Browser, Minted, PASSWORD, World, mint};

on_both!(
    a_suspended_customer_reads_why_and_who,
    a_suspension_is_asked_for_once_and_for_a_reason,
    the_overview_says_how_an_account_stands,
    sessions_are_ended_by_staff,
    a_blocked_sign_in_is_seen_and_unblocked,
    notes_are_for_staff_alone,
    activity_is_read_as_staff_and_taken_as_a_file,
    forms_with_more_than_was_shown_change_nothing,
    an_account_that_is_not_there_is_not_found,
);

/// The address of an account's page.
fn page_of(account: &Account, rest: &str) -> String {
    format!("/staff/accounts/{}{rest}", account.public_id)
}

/// Priya's account, and Asha of support, signed in.
fn cast(world: &World) -> (Account, Browser) {
    let account = world.customer("priya");
    world.staff("asha", Role::Support);
    (account, world.signed_in("asha"))
}

fn events(world: &World, account: &Account) -> Vec<Event> {
    let query = store::audit::Query {
        limit: 1_000,
        ..store::audit::Query::default()
    };
    let list = |connection: &mut _| store::audit::list(connection, account.id, &query);
    world.app.store.read_here(list).unwrap()
}

fn works(world: &World, minted: &Minted) -> bool {
    let api = world.api().with_token(&minted.secret);
    api.get("/api/v1/token").status() == 200
}

/// Suspends through the page.
fn suspend(asha: &Browser, account: &Account, reason: &str) {
    let path = page_of(account, "/suspend");
    let form = asha.get(&path).expect(200).form(&path).fill("reason", reason);
    let done = form.submit("Suspend account").expect(303).follow().expect(200);
    assert!(done.has("Suspended. Its tokens are refused"));
}

fn a_suspended_customer_reads_why_and_who(world: &World) {
    let (account, asha) = cast(world);
    let (one, two) = (
        mint(&world.app, account.id, |_| ()),
        mint(&world.app, account.id, |_| ()),
    );
    let priya = world.signed_in("priya");
    let asked = asha.get(&page_of(&account, "/suspend")).expect(200);
    assert!(asked.has("2 tokens stop, 1 session ends at once."));
    suspend(&asha, &account, "Invoice 2026-117 is open.\nPlease call us.");
    assert!(!works(world, &one) && !works(world, &two));
    priya.get("/tokens").expect(303);
    let priya = world.signed_in("priya");
    assert!(priya.get("/tokens").expect(200).has("Invoice 2026-117 is open."));
    let told = priya.get("/activity").expect(200).rows();
    assert!(told[1][0].contains("Account “priya” was suspended"), "{told:?}");
    assert!(told[1][0].contains("Reason: Invoice 2026-117 is open."), "{told:?}");
    assert_eq!(told[1][1], "Support: Staff asha");

    let overview = asha.get(&page_of(&account, "")).expect(200);
    assert!(overview.has("Suspended since 23 Nov 2026") && overview.has("Please call us."));
    let path = page_of(&account, "/unsuspend");
    let form = asha.get(&path).expect(200).form(&path);
    form.submit("End the suspension").expect(303).follow().expect(200);
    assert!(works(world, &one) && works(world, &two));
    let told = priya.get("/activity").expect(200).rows();
    assert!(
        told[0][0].contains("The suspension of account “priya” was ended"),
        "{told:?}"
    );
}

fn a_suspension_is_asked_for_once_and_for_a_reason(world: &World) {
    let (account, asha) = cast(world);
    let path = page_of(&account, "/suspend");
    let form = asha.get(&path).expect(200).form(&path);
    let empty = form
        .clone()
        .fill("reason", " \r\n ")
        .submit("Suspend account")
        .expect(422);
    assert_eq!(empty.error_words(), ["Enter a reason"]);
    assert!(empty.title().starts_with("Error: "));
    suspend(&asha, &account, "Unpaid");
    let before = events(world, &account).len();
    let late = form.fill("reason", "Unpaid too").submit("Suspend account").expect(200);
    assert_eq!(late.heading(), "“priya” is suspended");
    assert!(late.has("Staff asha was faster") && late.has("Reason: Unpaid"));
    assert_eq!(asha.get(&path).expect(200).heading(), "“priya” is suspended");
    assert_eq!(events(world, &account).len(), before);
    let end = page_of(&account, "/unsuspend");
    let form = asha.get(&end).form(&end);
    form.submit("End the suspension").expect(303);
    let late = form.submit("End the suspension").expect(200);
    assert_eq!(late.heading(), "“priya” is not suspended");
}

fn the_overview_says_how_an_account_stands(world: &World) {
    let (account, asha) = cast(world);
    mint(&world.app, account.id, |_| ());
    world.signed_in("priya");
    let page = asha.get(&page_of(&account, "")).expect(200);
    for words in [
        "priya@mail.example",
        "Main site priya.example",
        "Other sites shop.priya.example",
        "Asia/Kolkata",
        "Plan: standard",
        "Everything, now and later",
        "At most 100 tokens",
        "Work now 1",
        "Of these, never used 1",
        "Signed in",
    ] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    assert!(page.link("Remove").is_none(), "support may not remove");
    let invited = world.customer_without_password("arjun");
    let page = asha.get(&page_of(&invited, "")).expect(200);
    assert!(page.has("Last sign-in Never") && page.has("Not set, and no invitation can be used"));
}

fn sessions_are_ended_by_staff(world: &World) {
    let (account, asha) = cast(world);
    let (one, two) = (world.signed_in("priya"), world.signed_in("priya"));
    let path = page_of(&account, "/sessions");
    let page = asha.get(&path).expect(200);
    assert_eq!(page.rows().len(), 2);
    let end = page
        .forms()
        .into_iter()
        .find(|form| form.action().ends_with("/end") && form.action() != format!("{path}/end"));
    let end = end.unwrap();
    end.submit("").expect(303).follow().expect(200);
    let left = [&one, &two]
        .iter()
        .filter(|browser| browser.get("/tokens").status() == 200)
        .count();
    assert_eq!(left, 1);
    end.submit("").expect(404);
    let _ = world.signed_in("priya");
    let page = asha.get(&path).expect(200);
    page.form(&format!("{path}/end"))
        .submit("Sign out everywhere")
        .expect(303);
    assert!(asha.get(&path).expect(200).has("Signed in nowhere"));
    let priya = world.signed_in("priya");
    let told = priya.get("/activity").expect(200).rows();
    let told: Vec<&str> = told.iter().map(|row| row[0].as_str()).collect();
    assert!(
        told.iter()
            .any(|what| what.contains("A session was signed out from elsewhere")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|what| what.contains("All sessions were signed out")),
        "{told:?}"
    );
}

fn a_blocked_sign_in_is_seen_and_unblocked(world: &World) {
    let (account, asha) = cast(world);
    for number in 0..10_u8 {
        let stranger = world.browser().at_address(&format!("203.0.113.{number}"));
        let form = stranger.get("/sign-in").form("/sign-in");
        let form = form.fill("username", "priya").fill("password", "not the password");
        form.submit("Sign in").expect(422);
    }
    let page = asha.get(&page_of(&account, "")).expect(200);
    assert!(page.has("Sign-in is blocked until 23 Nov 2026"), "{}", page.text());
    page.form(&page_of(&account, "/unblock"))
        .submit("Unblock sign-in")
        .expect(303);
    assert!(!asha.get(&page_of(&account, "")).expect(200).has("Sign-in is blocked"));
    world.signed_in("priya").get("/tokens").expect(200);
}

fn notes_are_for_staff_alone(world: &World) {
    let (account, asha) = cast(world);
    let path = page_of(&account, "/notes");
    let before = events(world, &account).len();
    let form = asha.get(&path).expect(200).form(&path);
    let noted = form
        .clone()
        .fill("note", "Called <b>back</b>.\r\nWants a new plan.")
        .submit("Add note");
    let noted = noted.expect(303).follow().expect(200);
    assert!(noted.has("Called <b>back</b>.") && noted.has("Staff asha") && noted.has("Wants a new plan."));
    let secret = mint(&world.app, account.id, |_| ()).secret;
    let refused = form
        .clone()
        .fill("note", &format!("It is {secret}"))
        .submit("Add note")
        .expect(422);
    assert!(refused.error_words()[0].starts_with("Take out the token"));
    form.fill("note", " ").submit("Add note").expect(422);
    assert_eq!(events(world, &account).len(), before);
    let priya = world.signed_in("priya");
    assert!(!priya.get("/activity").expect(200).has("note"));
    priya.get(&path).expect(403);
    for number in 0..51 {
        let form = asha.get(&path).form(&path).fill("note", &format!("Number {number}."));
        form.submit("Add note").expect(303);
    }
    let page = asha.get(&path).expect(200);
    assert!(page.has("Number 50.") && !page.has("Number 0."));
    let older = page.click("Older").expect(200);
    assert!(older.has("Number 0.") && older.has("Called"));
}

fn activity_is_read_as_staff_and_taken_as_a_file(world: &World) {
    let (account, asha) = cast(world);
    world.signed_in("priya");
    suspend(&asha, &account, "=1+1");
    let path = page_of(&account, "/activity");
    let rows = asha.get(&path).expect(200).rows();
    assert_eq!((rows[0][1].as_str(), rows[1][1].as_str()), ("Staff asha", "priya"));
    let only = asha.get(&format!("{path}?by=you")).expect(200);
    assert_eq!(only.rows().len(), 1);
    assert!(only.has("The customer"));
    let file = asha.get(&page_of(&account, "/activity.csv")).expect(200);
    assert!(
        file.body().contains("account.suspended") && file.body().contains("'=1+1"),
        "{}",
        file.body()
    );
}

fn forms_with_more_than_was_shown_change_nothing(world: &World) {
    let (account, asha) = cast(world);
    let before = events(world, &account).len();
    for (rest, filled, extra) in [
        ("/suspend", Some(("reason", "Unpaid")), "plan"),
        ("/notes", Some(("note", "Text")), "author"),
        ("/change", None, "time_zone"),
    ] {
        let path = page_of(&account, rest);
        let mut form = asha.get(&path).expect(200).form(&path);
        if let Some((name, value)) = filled {
            form = form.fill(name, value);
        }
        form.forge(extra, "standard").submit("").expect(400);
    }
    let new = asha.get("/staff/accounts/new").expect(200).form("/staff/accounts/new");
    let new = new.fill("username", "arjun").fill("email", "arjun@mail.example");
    new.forge("password", PASSWORD).submit("Create account").expect(400);
    let press = asha.get(&page_of(&account, "")).form(&page_of(&account, "/link"));
    press.forge("email", "asha@staff.example").submit("").expect(400);
    assert_eq!(events(world, &account).len(), before);
    let found = |connection: &mut _| store::accounts::find_by_username(connection, "arjun");
    assert!(world.app.store.read_here::<_, StoreError>(found).unwrap().is_none());
}

fn an_account_that_is_not_there_is_not_found(world: &World) {
    let (account, asha) = cast(world);
    let nobody = format!("/staff/accounts/{}", world.clock.random_base62(12));
    for rest in [
        "",
        "/change",
        "/suspend",
        "/unsuspend",
        "/sessions",
        "/activity",
        "/activity.csv",
        "/notes",
    ] {
        asha.get(&format!("{nobody}{rest}")).expect(404);
    }
    asha.get(&page_of(&account, "/remove")).expect(403);
    world.clock.advance(Duration::seconds(1));
    world.browser().get(&page_of(&account, "")).expect(303);
}
