//! Several staff members do the same thing at once: one of them did it, and the audit says so once.

use std::{panic::Location, sync::Barrier};

use latchkey::{
    app::{AppError, Caller, Rule, accounts},
    domain::{account::Account, audit::Action, permission::Actor, staff::Role},
    store,
};
use tokio::runtime::Builder;

use super::events;
use crate::support::{World, mint};

on_both!(
    one_of_ten_suspends,
    one_of_ten_ends_a_suspension,
    one_of_ten_removes,
    one_of_ten_changes
);

/// Ten tries in eight threads that begin at once; how many won. All others were told that somebody was faster.
#[track_caller]
fn winners<T>(work: impl AsyncFn() -> Result<T, AppError> + Sync) -> usize {
    let (gate, at) = (Barrier::new(8), Location::caller());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (work, gate) = (&work, &gate);
                scope.spawn(move || {
                    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                    gate.wait();
                    let times = if thread < 2 { 2 } else { 1 };
                    let tries = (0..times).map(|_| runtime.block_on(work()));
                    tries
                        .filter(|done| match done {
                            Ok(_) => true,
                            Err(AppError::Rule(rule)) if matches!(**rule, Rule::AlreadySo | Rule::AccountChanged) => {
                                false
                            }
                            Err(error) => panic!("{at}: {error:?}"),
                        })
                        .count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// Meera, an administrator who has just given her password.
fn meera(world: &World) -> Caller {
    world.staff("meera", Role::Admin);
    let members = world.app.store.read_here(store::staff::list).unwrap();
    Caller {
        actor: Actor::from(&members[0]),
        password_at: Some(world.app.now()),
        ..Caller::shell()
    }
    .because("Together".parse().unwrap())
}

fn count(world: &World, account: &Account, action: Action) -> usize {
    let all = events(world, account);
    all.iter().filter(|event| event.event.action == action).count()
}

fn one_of_ten_suspends(world: &World) {
    let (account, caller) = (world.customer_without_password("priya"), meera(world));
    let won = winners(async || accounts::suspend::suspend(&world.app, &caller, account.id).await);
    assert_eq!((won, count(world, &account, Action::AccountSuspended)), (1, 1));
}

fn one_of_ten_ends_a_suspension(world: &World) {
    let (account, caller) = (world.customer_without_password("priya"), meera(world));
    world
        .wait(accounts::suspend::suspend(&world.app, &caller, account.id))
        .unwrap();
    let won = winners(async || accounts::suspend::unsuspend(&world.app, &caller, account.id).await);
    assert_eq!((won, count(world, &account, Action::AccountUnsuspended)), (1, 1));
}

fn one_of_ten_removes(world: &World) {
    let (account, caller) = (world.customer_without_password("priya"), meera(world));
    for _ in 0..3 {
        mint(&world.app, account.id, |_| ());
    }
    let won = winners(async || accounts::remove::remove(&world.app, &caller, account.id).await);
    assert_eq!((won, count(world, &account, Action::AccountRemoved)), (1, 1));
    assert_eq!(count(world, &account, Action::TokenRevoked), 3);
}

fn one_of_ten_changes(world: &World) {
    let (account, caller) = (world.customer_without_password("priya"), meera(world));
    let shape = world
        .wait(accounts::change::current(&world.app, &caller, &account))
        .unwrap();
    let version = shape.version();
    let mut after = shape.clone();
    after.username = "priyanka".parse().unwrap();
    let ids = (account.id, account.login);
    let won = winners(async || accounts::change::change(&world.app, &caller, ids, &version, after.clone()).await);
    assert_eq!((won, count(world, &account, Action::AccountChanged)), (1, 1));
}
