//! One form makes one staff token, whose secret is shown once and kept nowhere.

use latchkey::app::{Caller, staff_tokens};
use time::Duration;

use super::{
    member,
    pages::{LIST, MAKE, NEW, REVOKE, filled, tokens},
    verify,
};
use crate::{
    staff_once::{self, Kind, administrator},
    support::{PASSWORD, World},
};

on_both!(
    the_same_form_makes_one,
    eight_at_once_make_one,
    the_password_is_asked_for_again,
    an_ended_session_keeps_the_answers,
    nothing_keeps_the_secret,
);

const STAFF_TOKEN: Kind = Kind {
    list: LIST,
    new: NEW,
    make: MAKE,
    end: REVOKE,
    prefix: "lka_",
    pages: &["", "/revoke"],
    filled,
    live: |world| tokens(world, "meera").len(),
    revoke: |world, id| {
        let meera = member(world, "meera").id;
        world
            .wait(staff_tokens::revoke(&world.app, &Caller::shell(), meera, id))
            .unwrap();
    },
    works: |world, secret| verify(world, secret, "127.0.0.1").is_ok(),
};

fn the_same_form_makes_one(world: &World) {
    staff_once::the_same_form_makes_one(world, &STAFF_TOKEN);
}

fn eight_at_once_make_one(world: &World) {
    staff_once::eight_at_once_make_one(world, &STAFF_TOKEN);
}

fn the_password_is_asked_for_again(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing");
    assert!(!form.offers("password"));
    world.clock.advance(Duration::minutes(11));
    // The form that was opened before has no field for it.
    let page = form.submit(MAKE).expect(422);
    assert_eq!(
        page.errors()[0],
        ("password".to_owned(), "Enter your password to go on".to_owned())
    );
    let page = page.form(NEW).fill("password", "wrong").submit(MAKE).expect(422);
    assert!(page.error_words()[0].starts_with("That is not your password."));
    assert_eq!(page.form(NEW).values("password"), [""], "no password is shown again");
    assert!(tokens(world, "meera").is_empty());
    page.form(NEW).fill("password", PASSWORD).submit(MAKE).expect(200);
    assert_eq!(tokens(world, "meera").len(), 1);
}

fn an_ended_session_keeps_the_answers(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing").fill("addresses", "127.0.0.1");
    world.clock.advance(Duration::minutes(16));
    let sign_in = form.submit(MAKE).follow();
    let again = sign_in
        .form("/sign-in")
        .fill("username", "meera")
        .fill("password", PASSWORD);
    let page = again.submit("Sign in").follow().expect(200);
    let kept = page.form(NEW);
    for field in ["name", "scope", "addresses", "expires", "creation_key"] {
        assert_eq!(kept.values(field), form.values(field), "{field}");
    }
    kept.submit(MAKE).expect(200);
}

fn nothing_keeps_the_secret(world: &World) {
    staff_once::nothing_keeps_the_secret(world, &STAFF_TOKEN);
}
