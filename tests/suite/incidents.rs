//! `/staff/incidents`: stopping many tokens of all accounts at once.

mod criteria;
mod pages;
mod work;

use latchkey::{
    app::{
        App, Caller,
        runs::{self, NewRun, Started},
    },
    domain::{
        audit::{Action, Event},
        id::AccountId,
        permission::Actor,
        run::{Criteria, Run, RunKind, RunState},
        staff::Role,
        token::{Life, Token},
    },
    store::{audit, runs as rows, staff, tokens},
};

use crate::support::World;

/// An administrator who has just given the password.
fn admin(world: &World) -> Caller {
    world.staff("meera", Role::Admin);
    let members = world.app.store.read_here(staff::list).unwrap();
    let member = members.iter().find(|member| member.role == Role::Admin).unwrap();
    Caller {
        actor: Actor::from(member),
        address: Some("203.0.113.200".parse().unwrap()),
        request_id: "the-request".to_owned(),
        password_at: Some(world.app.now()),
        ..Caller::shell()
    }
}

fn wish(app: &App, kind: RunKind, criteria: &Criteria) -> NewRun {
    NewRun {
        public_id: app.new_public_id(),
        kind,
        criteria: criteria.clone(),
        reason: "Leaked by a supplier".parse().unwrap(),
        at_most: None,
    }
}

fn begin(world: &World, caller: &Caller, kind: RunKind, criteria: &Criteria) -> Run {
    let new = wish(&world.app, kind, criteria);
    match world.wait(runs::start(&world.app, caller, new)).unwrap() {
        Started::Run(run) => *run,
        Started::More(count) => panic!("{count} tokens"),
    }
}

/// Works until no run is open any more.
fn work_through(world: &World) {
    while world.wait(runs::work(&world.app)).unwrap() > 0 {}
}

fn run_again(app: &App, run: &Run) -> Run {
    let found = app.store.read_here(|connection| rows::find(connection, &run.public_id));
    found.unwrap().unwrap()
}

fn token_again(app: &App, token: &Token) -> Token {
    let found = app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn is_revoked(app: &App, token: &Token) -> bool {
    matches!(token_again(app, token).life, Life::Revoked { .. })
}

/// The events of an account with that action.
fn events(app: &App, account: AccountId, action: Action) -> Vec<Event> {
    let query = audit::Query {
        actions: vec![action],
        limit: 100_000,
        ..audit::Query::default()
    };
    let found = app
        .store
        .read_here(|connection| audit::list(connection, account, &query));
    found.unwrap()
}

fn finished(run: &Run) -> bool {
    matches!(run.state, RunState::Finished(_))
}

fn scope(text: &str) -> Criteria {
    Criteria {
        scope: Some(text.parse().unwrap()),
        ..Criteria::default()
    }
}
