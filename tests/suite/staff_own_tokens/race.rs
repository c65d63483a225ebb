//! Whatever is done to staff tokens eight times at once is done once.

use latchkey::{
    app::{
        Rule,
        staff_tokens::{self, Created},
    },
    domain::{audit::Action, staff::Role, staff_token::MAX_LIVE},
};

use super::{create, draft, live, make, revoke, rule, staff};
use crate::{
    services::{at_once, events},
    support::World,
};

on_both!(
    eight_at_once_make_one,
    eight_at_once_keep_to_the_limit,
    eight_at_once_change_it_once,
    eight_at_once_revoke_it_once,
);

fn eight_at_once_make_one(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let new = || draft(world, "Billing", "accounts:read");
    let same_form = at_once(|_| create(world, &meera, &member, new(), Some("the same form")).unwrap());
    let made = same_form.iter().filter(|made| matches!(made, Created::New(..)));
    assert_eq!((made.count(), live(world, &member).len()), (1, 1));
    let (asha, other) = staff(world, "asha", Role::Support);
    let same_name = at_once(|_| create(world, &asha, &other, new(), None));
    let made = same_name.iter().filter(|made| made.is_ok()).count();
    assert_eq!((made, live(world, &other).len()), (1, 1));
    for refused in same_name.into_iter().filter(Result::is_err) {
        assert!(matches!(rule(refused), Rule::NameTaken));
    }
    assert_eq!(events(world, Action::StaffTokenCreated), 2);
}

fn eight_at_once_keep_to_the_limit(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    for number in 0..MAX_LIVE - 3 {
        make(
            world,
            &meera,
            &member,
            draft(world, &format!("No {number}"), "accounts:read"),
        );
    }
    let late = |number| draft(world, &format!("Late {number}"), "accounts:read");
    let made = at_once(|number| create(world, &meera, &member, late(number), None));
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 3);
    for refused in made.into_iter().filter(Result::is_err) {
        assert!(matches!(rule(refused), Rule::TooManyStaffTokens { limit: MAX_LIVE }));
    }
}

fn eight_at_once_change_it_once(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (_, token) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let done = at_once(|number| {
        let wanted = draft(world, &format!("Name {number}"), "accounts:read");
        world.wait(staff_tokens::change(
            &world.app,
            &meera,
            member.id,
            token.public_id,
            token.revision,
            wanted,
        ))
    });
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(events(world, Action::StaffTokenChanged), 1);
    assert_eq!(live(world, &member)[0].revision, token.revision + 1);
}

fn eight_at_once_revoke_it_once(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (_, token) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let done = at_once(|_| revoke(world, &meera, &token));
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    for refused in done.into_iter().filter(Result::is_err) {
        assert!(matches!(rule(refused), Rule::Revoked(_)));
    }
    assert_eq!(events(world, Action::StaffTokenRevoked), 1);
}
