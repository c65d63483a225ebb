//! Making an account, and removing one.

use latchkey::{
    domain::{audit::Action, staff::Role},
    store::{self, StoreError},
};
use time::Duration;

use super::{cast, events, page_of, works};
use crate::support::{PASSWORD, World, mint};

on_both!(
    a_new_account_has_an_invitation_and_no_password,
    what_is_wrong_with_a_new_account_is_told_at_its_field,
    a_link_to_another_password_is_never_shown_to_staff,
    a_removed_account_is_gone_and_its_names_are_free,
    removing_takes_the_name_a_reason_and_the_password,
);

fn a_new_account_has_an_invitation_and_no_password(world: &World) {
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    let page = asha.get("/staff/accounts/new?username=arjun").expect(200);
    let form = page.form("/staff/accounts/new");
    assert_eq!(form.values("username"), ["arjun"]);
    assert_eq!(form.values("plan"), ["standard"]);
    assert!(!form.offers("password"));
    let form = form
        .fill("email", "arjun@mail.example")
        .fill("sites", "zebra.example\r\nant.example")
        .fill("time_zone", "Europe/Berlin");
    let made = form.submit("Create account").expect(200);
    assert_eq!(made.heading(), "Hand over the invitation");
    assert!(
        made.header("Cache-Control")
            .is_some_and(|value| value.contains("no-store"))
    );
    let find = |connection: &mut _| store::accounts::find_by_username(connection, "arjun");
    let account = world.app.store.read_here::<_, StoreError>(find).unwrap().unwrap();
    assert_eq!(account.time_zone, "Europe/Berlin");
    let overview = asha.get(&page_of(&account, "")).expect(200);
    assert!(overview.has("Main site zebra.example") && overview.has("Other sites ant.example"));
    assert!(
        overview.has("Not set yet. The invitation can be used until 26 Nov 2026"),
        "{}",
        overview.text()
    );
    let again = overview
        .form(&page_of(&account, "/link"))
        .submit("Resend the invitation")
        .expect(200);
    assert_eq!(again.heading(), "Hand over the invitation");
    assert_ne!(
        again.document().by_id("invitation").unwrap().text(),
        made.document().by_id("invitation").unwrap().text()
    );
    assert_eq!(
        events(world, &account).last().unwrap().event.action,
        Action::AccountCreated
    );
}

fn what_is_wrong_with_a_new_account_is_told_at_its_field(world: &World) {
    let (_, asha) = cast(world);
    let form = asha.get("/staff/accounts/new").expect(200).form("/staff/accounts/new");
    let empty = form.submit("Create account").expect(422);
    assert_eq!(empty.error_words(), ["Enter a user name", "Enter an e-mail address"]);
    let filled = form.fill("username", "arjun").fill("email", "arjun@mail.example");
    for (name, value, words) in [
        ("username", "Arjun K", "Choose a user name of 1 to 16"),
        ("username", "priya", "An account or a staff member has that user name"),
        ("username", "asha", "An account or a staff member has that user name"),
        ("email", "arjun", "Enter an e-mail address like"),
        (
            "email",
            "PRIYA@mail.example",
            "An account or a staff member has that e-mail address",
        ),
        ("sites", "a.example\nlocalhost", "Line 2: enter a domain like"),
        ("sites", "priya.example", "priya.example belongs to another account"),
    ] {
        let refused = filled.clone().fill(name, value).submit("Create account").expect(422);
        let (field, told) = refused.errors().remove(0);
        assert_eq!(field, name);
        assert!(told.starts_with(words), "{told}");
        let kept = refused.form("/staff/accounts/new");
        assert_eq!(kept.values(name), [value.replace('\n', "\r\n")]);
    }
    filled.submit("Create account").expect(200);
}

fn a_link_to_another_password_is_never_shown_to_staff(world: &World) {
    let (account, asha) = cast(world);
    let overview = asha.get(&page_of(&account, "")).expect(200);
    let form = overview.form(&page_of(&account, "/link"));
    let refused = form.submit("Send a password reset link").expect(409);
    assert!(refused.has("No mail is sent by this installation") && !refused.body().contains("/link/"));
}

fn a_removed_account_is_gone_and_its_names_are_free(world: &World) {
    let account = world.customer("priya");
    world.staff("meera", Role::Admin);
    let meera = world.signed_in("meera");
    let (priya, minted) = (world.signed_in("priya"), mint(&world.app, account.id, |_| ()));
    let path = page_of(&account, "/remove");
    let page = meera.get(&path).expect(200);
    assert!(
        page.has("1 token is revoked for good") && page.has("2 sites are free"),
        "{}",
        page.text()
    );
    let form = page.form(&path).fill("confirm", "priya").fill("reason", "Moved away");
    form.submit("Remove account").expect(303);
    assert!(!works(world, &minted));
    priya.get("/tokens").expect(303);
    meera.get(&page_of(&account, "")).expect(404);
    form.submit("Remove account").expect(404);
    let form = world.browser().get("/sign-in").form("/sign-in");
    form.fill("username", "priya")
        .fill("password", PASSWORD)
        .submit("Sign in")
        .expect(422);
    let told: Vec<Action> = events(world, &account).iter().map(|event| event.event.action).collect();
    assert_eq!(told[..2], [Action::AccountRemoved, Action::TokenRevoked]);
    let again = world.customer("priya");
    assert_ne!(again.public_id, account.public_id);
    assert!(!works(world, &minted));
}

fn removing_takes_the_name_a_reason_and_the_password(world: &World) {
    let account = world.customer("priya");
    world.staff("meera", Role::Admin);
    let meera = world.signed_in("meera");
    world.clock.advance(Duration::minutes(11));
    let path = page_of(&account, "/remove");
    let form = meera.get(&path).expect(200).form(&path);
    let empty = form.fill("confirm", "Priya").submit("Remove account").expect(422);
    assert_eq!(
        empty.error_words(),
        ["Type priya to remove this account", "Enter a reason"]
    );
    let form = empty.form(&path).fill("confirm", "priya").fill("reason", "Closed");
    let unsure = form.submit("Remove account").expect(422);
    assert_eq!(unsure.error_words(), ["Enter your password to go on"]);
    let wrong = unsure
        .form(&path)
        .fill("password", "not it")
        .submit("Remove account")
        .expect(422);
    assert!(wrong.error_words()[0].starts_with("That is not your password"));
    let right = wrong.form(&path).fill("password", PASSWORD);
    right.submit("Remove account").expect(303);
}
