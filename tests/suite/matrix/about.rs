//! New objects for the rows of the matrix that are about one: each row gets its own, that nobody has touched yet.

use latchkey::{
    app::{
        Caller,
        runs::{self, NewRun},
        staff::{self, NewMember},
    },
    domain::{
        account::Account,
        policy::{Plan, Policy},
        run::{Criteria, RunKind},
        scope::ScopeSet,
        staff::{Role, StaffMember},
    },
    store::{plans, sessions},
};

use super::table::Row;
use crate::support::{World, mint, mint_service, mint_staff};

/// A staff row's path and body for an account that nobody has touched yet, with a token and a session.
pub(super) fn about_anew(world: &World, row: &Row, role: &str, mut body: String) -> (String, String) {
    let mut path = row.path.to_owned();
    if path.contains('{') || body.contains('{') {
        let account = world.customer_without_password(&format!("c{}", world.clock.random_base62(12).to_lowercase()));
        let token = mint(&world.app, account.id, |_| ()).token.public_id;
        let session = open_session(world, &account);
        for text in [&mut path, &mut body] {
            *text = text
                .replace("{account}", &account.public_id)
                .replace("{username}", account.username.as_str())
                .replace("{session}", &session)
                .replace("{token}", token.as_str());
        }
    }
    if path.contains("{service}") {
        let (_, credential) = mint_service(world, &world.app.new_public_id(), "*");
        path = path.replace("{service}", credential.public_id.as_str());
    }
    if path.contains("{plan}") {
        path = path.replace("{plan}", &new_plan(world));
    }
    if path.contains("{member}") {
        let member = new_member(world);
        if path.contains("{theirs}") {
            let (_, token) = mint_staff(world, member.username.as_str(), "Billing", "accounts:read");
            path = path.replace("{theirs}", token.public_id.as_str());
        }
        path = path.replace("{member}", &member.public_id);
    }
    if path.contains("{own}") {
        let username = if role == "support" { "asha" } else { "meera" };
        let (_, token) = mint_staff(world, username, &world.app.new_public_id(), "accounts:read");
        path = path.replace("{own}", token.public_id.as_str());
    }
    if path.contains("{run}") {
        path = path.replace("{run}", &new_run(world));
    }
    (path, body)
}

/// A staff member who has been invited.
fn new_member(world: &World) -> StaffMember {
    let username = format!("s{}", world.clock.random_base62(12).to_lowercase());
    let new = NewMember {
        email: format!("{username}@staff.example").parse().unwrap(),
        username: username.parse().unwrap(),
        name: "Somebody new".parse().unwrap(),
        role: Role::Support,
    };
    let made = world.wait(staff::invite(&world.app, &Caller::shell(), new));
    made.unwrap()
}

/// A run that has just begun.
fn new_run(world: &World) -> String {
    let new = NewRun {
        public_id: world.app.new_public_id(),
        kind: RunKind::Pause,
        criteria: Criteria {
            plan: Some("no such plan".to_owned()),
            ..Criteria::default()
        },
        reason: "A test".parse().unwrap(),
        at_most: None,
    };
    let id = new.public_id.clone();
    world.wait(runs::start(&world.app, &Caller::shell(), new)).unwrap();
    id
}

/// A plan that nobody is on.
fn new_plan(world: &World) -> String {
    let plan = Plan {
        public_id: world.app.new_public_id(),
        name: world.app.new_public_id(),
        scopes: ScopeSet::full(),
        policy: Policy::default(),
    };
    let stored = world
        .app
        .store
        .write_here(|connection| plans::insert(connection, &plan));
    assert!(stored.unwrap());
    plan.public_id
}

/// Another session of an account.
pub(crate) fn open_session(world: &World, account: &Account) -> String {
    let (now, id) = (world.app.now(), world.app.new_public_id());
    let session = sessions::Session {
        public_id: id.clone(),
        login: account.login,
        state: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        password_at: now,
        address: "203.0.113.5".to_owned(),
        browser: "a test".to_owned(),
    };
    let digest = id.as_bytes().to_vec();
    let stored = world
        .app
        .store
        .write_here(|connection| sessions::insert(connection, &digest, &session));
    stored.unwrap();
    id
}
