//! A run is carried out once, however many work at it and wherever they are interrupted.

use std::sync::Arc;

use latchkey::{
    app::{
        App, AppError, Caller, Rule,
        runs::{self, Started},
    },
    domain::{
        audit::Action,
        permission::Denied,
        run::{Criteria, RunKind, RunState},
        token::{Life, PausedBy},
    },
    store::{self, StoreError},
};
use time::Duration;
use tokio::runtime::Builder;

use super::{admin, begin, events, finished, is_revoked, run_again, scope, token_again, wish, work_through};
use crate::support::{Database, Process, World, account_of, mint};

on_both!(
    every_token_gets_one_event_that_says_who_and_why,
    what_is_made_after_the_start_is_left_alone,
    support_keeps_paused_what_an_owner_paused,
    two_nodes_change_each_token_once,
    a_stopped_run_changes_nothing_more,
    a_wish_starts_one_run_even_when_it_is_sent_eight_times_at_once,
    nobody_starts_one_who_may_not_or_says_too_little,
    it_goes_on_where_a_killed_process_was,
);

fn every_token_gets_one_event_that_says_who_and_why(world: &World) {
    let (priya, ben) = (world.customer("priya"), world.customer_without_password("ben"));
    let tokens: Vec<_> = (0..450)
        .map(|number| mint(&world.app, [priya.id, ben.id][number % 2], |_| ()).token)
        .collect();
    let other = mint(&world.app, ben.id, |new| new.scopes = "dns:read".parse().unwrap()).token;
    let caller = admin(world);
    let run = begin(world, &caller, RunKind::Revoke, &scope("backups:create"));
    assert_eq!((run.expected, run.seen, run.percent()), (450, 0, 0));
    work_through(world);
    let run = run_again(&world.app, &run);
    assert!(finished(&run));
    assert_eq!((run.seen, run.changed, run.percent()), (450, 450, 100));
    assert!(tokens.iter().all(|token| is_revoked(&world.app, token)));
    assert!(!is_revoked(&world.app, &other));
    for account in [priya.id, ben.id] {
        let events = events(&world.app, account, Action::TokenRevoked);
        assert_eq!(events.len(), 225);
        let event = &events[0].event;
        assert_eq!(
            (event.actor.kind.as_str(), event.actor.name.as_str()),
            ("staff", "Staff meera")
        );
        assert_eq!(event.reason.as_deref(), Some("Leaked by a supplier"));
        assert_eq!(event.address.as_deref(), Some("203.0.113.200"));
        assert_eq!(event.request_id, "the-request");
    }
    let activity = world.signed_in("priya").get("/activity").expect(200);
    assert!(activity.has("Support: Staff meera") && activity.has("Reason: Leaked by a supplier"));
    assert!(!activity.has("A change of many tokens"), "the run itself is nobody's");
}

fn what_is_made_after_the_start_is_left_alone(world: &World) {
    let account = world.customer_without_password("priya").id;
    let before = mint(&world.app, account, |_| ()).token;
    let run = begin(world, &admin(world), RunKind::Revoke, &scope("backups:create"));
    let after = mint(&world.app, account, |_| ()).token;
    work_through(world);
    assert!(is_revoked(&world.app, &before) && !is_revoked(&world.app, &after));
    assert_eq!(run_again(&world.app, &run).changed, 1);
}

fn support_keeps_paused_what_an_owner_paused(world: &World) {
    let account = world.customer_without_password("priya").id;
    let (running, paused) = (
        mint(&world.app, account, |_| ()).token,
        mint(&world.app, account, |_| ()).token,
    );
    let now = world.app.now();
    let done = world
        .app
        .store
        .write_here(|connection| store::tokens::pause(connection, paused.id, PausedBy::Owner, now));
    assert!(done.unwrap());
    let run = begin(world, &admin(world), RunKind::Pause, &scope("backups:create"));
    work_through(world);
    assert_eq!(run_again(&world.app, &run).changed, 2);
    for token in [&running, &paused] {
        let life = token_again(&world.app, token).life;
        assert!(
            matches!(
                life,
                Life::Paused {
                    by: PausedBy::Staff,
                    ..
                }
            ),
            "{life:?}"
        );
    }
    assert_eq!(events(&world.app, account, Action::TokenPaused).len(), 2);
    let again = begin(world, &Caller::shell(), RunKind::Pause, &scope("backups:create"));
    assert_eq!(again.expected, 0);
    work_through(world);
    assert!(finished(&run_again(&world.app, &again)));
}

/// Works until the run is over, as a server's job does.
fn work_until_over(app: &App, run: &str) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    loop {
        runtime.block_on(runs::work(app)).unwrap();
        let found = app.store.read_here(|connection| store::runs::find(connection, run));
        if found.unwrap().unwrap().state != RunState::Open {
            return;
        }
        std::thread::yield_now();
    }
}

fn two_nodes_change_each_token_once(world: &World) {
    let account = world.customer_without_password("priya").id;
    for _ in 0..600 {
        mint(&world.app, account, |_| ());
    }
    let run = begin(world, &admin(world), RunKind::Revoke, &scope("backups:create"));
    let other = world.join();
    std::thread::scope(|threads| {
        for app in [&world.app, &other.app, &world.app, &other.app] {
            threads.spawn(|| work_until_over(app, &run.public_id));
        }
    });
    let run = run_again(&world.app, &run);
    assert_eq!((run.seen, run.changed), (600, 600));
    let revoked = events(&world.app, account, Action::TokenRevoked);
    let mut targets: Vec<&str> = revoked.iter().map(|event| event.event.target.id.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    assert_eq!((revoked.len(), targets.len()), (600, 600));
}

fn a_stopped_run_changes_nothing_more(world: &World) {
    let account = world.customer_without_password("priya").id;
    let token = mint(&world.app, account, |_| ()).token;
    let caller = admin(world);
    let run = begin(world, &caller, RunKind::Revoke, &scope("backups:create"));
    let stop = || {
        world
            .wait(runs::stop(&world.app, &caller, run.public_id.clone()))
            .unwrap()
    };
    assert!(stop().1 && !stop().1, "it is stopped once");
    work_through(world);
    assert!(!is_revoked(&world.app, &token));
    let run = run_again(&world.app, &run);
    assert!(matches!(run.state, RunState::Stopped(_)) && run.changed == 0);
}

fn a_wish_starts_one_run_even_when_it_is_sent_eight_times_at_once(world: &World) {
    let account = world.customer_without_password("priya").id;
    mint(&world.app, account, |_| ());
    let (caller, other) = (admin(world), Caller::shell());
    let new = wish(&world.app, RunKind::Revoke, &scope("backups:create"));
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                let started = runtime.block_on(runs::start(&world.app, &caller, new.clone())).unwrap();
                assert!(matches!(started, Started::Run(run) if run.public_id == new.public_id));
            });
        }
    });
    let listed = world.wait(runs::list(&world.app, &caller, None, 10)).unwrap();
    assert_eq!(listed.len(), 1);
    let stolen = world.wait(runs::start(&world.app, &other, new));
    assert!(matches!(stolen, Err(AppError::NotFound)), "it is another's");
}

fn nobody_starts_one_who_may_not_or_says_too_little(world: &World) {
    let account = world.customer("priya");
    mint(&world.app, account.id, |_| ());
    let caller = admin(world);
    let start = |caller: &Caller, criteria: &Criteria, at_most| {
        let new = runs::NewRun {
            at_most,
            ..wish(&world.app, RunKind::Revoke, criteria)
        };
        world.wait(runs::start(&world.app, caller, new))
    };
    let wanted = scope("backups:create");
    let holder = Caller {
        actor: latchkey::domain::permission::Actor::from(&account),
        ..caller.clone()
    };
    assert!(matches!(
        start(&holder, &wanted, None),
        Err(AppError::Denied(Denied::Role))
    ));
    assert!(matches!(
        start(&caller, &Criteria::default(), None),
        Err(AppError::NotFound)
    ));
    assert!(matches!(start(&caller, &wanted, Some(0)), Ok(Started::More(1))));
    world.clock.advance(Duration::minutes(11));
    assert!(matches!(start(&caller, &wanted, None), Err(AppError::PasswordNeeded)));
    let unasked = caller.may(latchkey::domain::permission::Act::StartRuns, None);
    assert!(matches!(unasked, Err(AppError::Rule(rule)) if matches!(*rule, Rule::ReasonNeeded)));
    assert!(
        world
            .wait(runs::list(&world.app, &caller, None, 10))
            .unwrap()
            .is_empty()
    );
}

fn it_goes_on_where_a_killed_process_was(database: &Database) {
    let mut process = Process::on(database);
    let app: Arc<App> = process.app();
    let account = account_of(&app);
    for _ in 0..1_500 {
        mint(&app, account, |_| ());
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let new = wish(&app, RunKind::Revoke, &scope("backups:create"));
    let id = new.public_id.clone();
    runtime.block_on(runs::start(&app, &Caller::shell(), new)).unwrap();
    let look = || {
        let found: Result<_, StoreError> = app.store.read_here(|connection| store::runs::find(connection, &id));
        found.unwrap().unwrap()
    };
    let mut kills = 0;
    while look().state == RunState::Open {
        let before = look().seen;
        process.start();
        while look().seen == before && look().state == RunState::Open {
            std::thread::yield_now();
        }
        if kills < 2 {
            process.kill();
            let run = look();
            assert_eq!(run.seen, run.changed, "a batch is done whole or not at all");
            let done = events(&app, account, Action::TokenRevoked).len();
            assert_eq!(i64::try_from(done).unwrap(), run.changed);
            kills += 1;
        } else {
            while look().state == RunState::Open {
                std::thread::yield_now();
            }
        }
    }
    assert!(kills > 0, "it was killed before it was through");
    let run = look();
    assert!(finished(&run));
    assert_eq!((run.seen, run.changed), (1_500, 1_500));
    assert_eq!(events(&app, account, Action::TokenRevoked).len(), 1_500);
}
