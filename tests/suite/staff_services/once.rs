//! One form makes one service credential, whose secret is shown once and kept nowhere.

use super::{LIST, MAKE, NEW, asked, filled, live};
use crate::{
    staff_once::{self, Kind},
    support::World,
};
use latchkey::app::{Caller, services};

on_both!(
    the_same_form_makes_one,
    eight_at_once_make_one,
    nothing_keeps_the_secret,
);

const CREDENTIAL: Kind = Kind {
    list: LIST,
    new: NEW,
    make: MAKE,
    end: "Revoke service credential",
    prefix: "lks_",
    pages: &["/revoke"],
    filled,
    live: |world| live(world).len(),
    revoke: |world, id| {
        world.wait(services::revoke(&world.app, &Caller::shell(), id)).unwrap();
    },
    works: |world, secret| asked(world, secret, "203.0.113.7") == 200,
};

fn the_same_form_makes_one(world: &World) {
    staff_once::the_same_form_makes_one(world, &CREDENTIAL);
}

fn eight_at_once_make_one(world: &World) {
    staff_once::eight_at_once_make_one(world, &CREDENTIAL);
}

fn nothing_keeps_the_secret(world: &World) {
    staff_once::nothing_keeps_the_secret(world, &CREDENTIAL);
}
