//! `/security/email`: changing one's own address, with and without mail.

use latchkey::{
    app::links,
    domain::{audit::Action, link::Purpose, staff::Role},
    store::{self, StoreError},
};

use super::{assert_over, count, events, mailing, path, path_of, person, sign_in};
use crate::support::{Browser, PASSWORD, Page, World};

fn change(browser: &Browser, email: &str, password: &str) -> Page {
    let form = browser.get("/security").expect(200).form("/security/email");
    form.fill("email", email)
        .fill("password", password)
        .submit("Change e-mail address")
}

fn without_mail_it_is_changed_at_once(world: &World) {
    let account = world.customer("priya");
    world.customer("mallory");
    let link = path_of(world, &person(&account));
    let browser = world.signed_in("priya");
    for (email, password, words) in [
        (
            "nonsense",
            PASSWORD,
            "Enter an e-mail address, such as name@example.com",
        ),
        (
            "priya@mail.example",
            PASSWORD,
            "That is your address already. Enter another one",
        ),
        (
            "Mallory@mail.example",
            PASSWORD,
            "That e-mail address belongs to somebody here. Enter another one",
        ),
        ("new@mail.example", "", "Enter your password to go on"),
        (
            "new@mail.example",
            "wrong",
            "That is not your password. Enter the password that you sign in with",
        ),
    ] {
        let refused = change(&browser, email, password).expect(422);
        assert_eq!(refused.error_words(), [words], "{email}");
        assert_eq!(refused.form("/security/email").values("email"), [email]);
    }
    let page = change(&browser, "new@mail.example", PASSWORD).expect(303).follow();
    assert!(page.has("Your e-mail address was changed.") && page.has("new@mail.example"));
    let event = &events(world, &account, Action::EmailChanged)[0].event;
    let said = (event.changes[0].before.as_deref(), event.changes[0].after.as_deref());
    assert_eq!(said, (Some("priya@mail.example"), Some("new@mail.example")));
    assert_over(&world.browser(), &link);
    assert_eq!(sign_in(&world.browser(), "new@mail.example", PASSWORD), 303);
    assert_eq!(sign_in(&world.browser(), "priya@mail.example", PASSWORD), 422);
}

fn with_mail_it_is_changed_once_confirmed(world: &World) {
    let account = world.customer("priya");
    let server = mailing(world);
    let browser = server.browser();
    browser.sign_in("priya");
    let asked = change(&browser, "new@mail.example", PASSWORD).expect(303).follow();
    assert!(asked.has("We sent a link to the new address.") && asked.has("new@mail.example waits to be confirmed"));
    assert!(events(world, &account, Action::EmailChanged).is_empty());
    let now = world.app.now();
    let find = |connection: &mut _| store::links::find_of(connection, account.login, Purpose::EmailChange, now);
    let link = world.app.store.read_here::<_, StoreError>(find).unwrap().unwrap();
    let path = path(
        &world
            .wait(links::address(&server.app, &link.public_id))
            .unwrap()
            .unwrap(),
    );
    let elsewhere = server.browser();
    let page = elsewhere.get(&path).expect(200);
    assert_eq!(page.heading(), "Confirm your new address");
    assert!(page.has("new@mail.example becomes the address of priya"));
    let form = page.form(&path);
    for (password, words) in [
        ("", "Enter your password to confirm"),
        ("wrong", "That is not your password."),
    ] {
        let refused = form
            .clone()
            .fill("current_password", password)
            .submit("Confirm address");
        assert!(refused.expect(422).error_words()[0].starts_with(words));
    }
    // A link for one thing does no other.
    let other = form.clone().forge("new_password", "seven otters read by lamplight");
    other.submit("Confirm address").expect(422);
    form.fill("current_password", PASSWORD)
        .submit("Confirm address")
        .expect(303);
    assert_over(&elsewhere, &path);
    let page = browser.get("/security").expect(200);
    assert!(page.has("new@mail.example") && !page.has("waits to be confirmed"));
    assert_eq!(events(world, &account, Action::EmailChanged).len(), 1);
}

fn an_address_that_was_taken_meanwhile_is_not_given_twice(world: &World) {
    let account = world.customer("priya");
    let server = mailing(world);
    let browser = server.browser();
    browser.sign_in("priya");
    change(&browser, "late@mail.example", PASSWORD).expect(303);
    world.customer("late");
    let now = world.app.now();
    let find = |connection: &mut _| store::links::find_of(connection, account.login, Purpose::EmailChange, now);
    let link = world.app.store.read_here::<_, StoreError>(find).unwrap().unwrap();
    let path = path(
        &world
            .wait(links::address(&server.app, &link.public_id))
            .unwrap()
            .unwrap(),
    );
    let form = browser.get(&path).expect(200).form(&path);
    let refused = form
        .fill("current_password", PASSWORD)
        .submit("Confirm address")
        .expect(422);
    assert!(refused.error_words()[0].contains("belongs to somebody else here"));
    browser.get(&path).expect(200);
}

fn staff_members_change_theirs_and_the_suspended_do_not(world: &World) {
    world.staff("asha", Role::Support);
    let browser = world.signed_in("asha");
    change(&browser, "asha@other.example", PASSWORD).expect(303);
    assert!(browser.get("/security").has("asha@other.example"));
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let form = browser.get("/security").expect(200).form("/security/email");
    let now = world.app.now();
    let suspend = |connection: &mut _| store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")));
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    let refused = form.fill("email", "new@mail.example").fill("password", PASSWORD);
    let refused = refused.submit("Change e-mail address").expect(403);
    assert!(refused.error_words()[0].starts_with("Your account is suspended"));
}

fn strangers_are_not_written_to_without_end(world: &World) {
    world.customer("priya");
    let server = mailing(world);
    let browser = server.browser();
    browser.sign_in("priya");
    for number in 0..10 {
        change(&browser, &format!("n{number}@mail.example"), PASSWORD).expect(303);
    }
    change(&browser, "n10@mail.example", PASSWORD).expect(429);
    assert_eq!(count(world, "outbox"), 10);
}

on_both!(
    without_mail_it_is_changed_at_once,
    with_mail_it_is_changed_once_confirmed,
    an_address_that_was_taken_meanwhile_is_not_given_twice,
    staff_members_change_theirs_and_the_suspended_do_not,
    strangers_are_not_written_to_without_end
);
