//! The holder and staff at the same token at the same time: one of them wins, and one event says so.

use latchkey::{
    app::{
        AppError, Caller, Rule,
        tokens::{bulk, leaked, pause, revoke, shorten},
    },
    domain::{
        account::Account,
        permission::Actor,
        staff::{Role, StaffMember},
        token::Token,
    },
    store,
};
use time::Duration;

use crate::{
    support::{World, mint},
    token::{events, fresh},
};

on_both!(
    one_of_ten_stops_wins,
    one_of_ten_shortenings_wins,
    all_at_once_end_each_token_once
);

/// A support member who says why.
fn support(world: &World) -> Caller {
    world.staff("asha", Role::Support);
    let found = world.app.store.read_here(store::staff::list).unwrap();
    let member: &StaffMember = found.first().unwrap();
    Caller {
        actor: Actor::from(member),
        password_at: Some(world.clock.now()),
        ..Caller::system()
    }
    .because("It leaked".parse().unwrap())
}

/// Runs `work` on eight threads, ten times in all; each is told its number. Returns how often it was done.
fn wins(work: impl Fn(usize) -> Result<(), AppError> + Sync) -> usize {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let numbers = if thread < 2 {
                    vec![thread, thread + 8]
                } else {
                    vec![thread]
                };
                scope.spawn(move || numbers.into_iter().filter(|number| won(work(*number))).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// A lost race is a rule, never a failure.
fn won(result: Result<(), AppError>) -> bool {
    match result {
        Ok(()) => true,
        Err(AppError::Rule(rule)) => {
            let lost = matches!(
                *rule,
                Rule::Revoked(_) | Rule::Paused(Some(_)) | Rule::Changed(_) | Rule::AlreadySo
            );
            assert!(lost, "{rule:?}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

fn stage(world: &World) -> (Account, Token, Caller, Caller) {
    let account = world.customer_without_password("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let owner = fresh(world, &account);
    (account, token, owner, support(world))
}

fn one_of_ten_stops_wins(world: &World) {
    let (account, token, owner, staff) = stage(world);
    let (app, whose, id) = (&world.app, account.id, token.public_id);
    let caller = |number: usize| if number.is_multiple_of(2) { &owner } else { &staff };
    let paused = wins(|number| world.wait(pause::pause(app, caller(number), whose, id)));
    assert_eq!((paused, events(world, &token).len()), (1, 1));
    let ended = wins(|number| match number % 3 {
        0 => world.wait(leaked::report(app, &staff, whose, id)),
        _ => world.wait(revoke::revoke(app, caller(number), whose, id)),
    });
    assert_eq!((ended, events(world, &token).len()), (1, 2));
}

fn one_of_ten_shortenings_wins(world: &World) {
    let (account, token, _, staff) = stage(world);
    let until = world.clock.now() + Duration::days(3);
    let work = |_| world.wait(shorten::shorten(&world.app, &staff, account.id, token.public_id, until));
    assert_eq!((wins(work), events(world, &token).len()), (1, 1));
}

fn all_at_once_end_each_token_once(world: &World) {
    let (account, token, owner, staff) = stage(world);
    let mut tokens: Vec<Token> = (0..20).map(|_| mint(&world.app, account.id, |_| ()).token).collect();
    tokens.push(token);
    let (app, whose) = (&world.app, account.id);
    let ids: Vec<_> = tokens.iter().map(|token| token.public_id).collect();
    wins(|number| match number % 2 {
        0 => world.wait(bulk::revoke_all(app, &staff, whose)).map(drop),
        _ => world.wait(bulk::revoke(app, &owner, whose, ids.clone())).map(drop),
    });
    for token in &tokens {
        assert_eq!(events(world, token).len(), 1, "{}", token.public_id);
    }
}
