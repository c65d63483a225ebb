//! The interfaces that are compatible with other panels, as programs call them that were written for those.

mod login;
mod odd;
mod pace;
mod uapi;
mod whm;
mod whm_tokens;

use base64::{Engine, engine::general_purpose::STANDARD};
use latchkey::{
    domain::{
        account::Account,
        audit::{Action, NewEvent},
        id::AccountId,
        token::Expiry,
    },
    store::{audit, tokens::NewToken},
};
use serde_json::Value;

use crate::support::{Answer, Minted, PASSWORD, Request, World, mint};

/// A token of an account that may do everything and never expires.
fn full(world: &World, account: &Account) -> Minted {
    mint(&world.app, account.id, full_access)
}

fn full_access(new: &mut NewToken) {
    new.scopes = "*".parse().unwrap();
    new.expiry = Expiry::Never;
}

/// What goes into the header of a call with a token.
fn with_token(scheme: &str, user: &str, secret: &str) -> String {
    format!("{scheme} {user}:{secret}")
}

/// What goes into the header of a call with the password of everybody whom a test makes.
fn with_password(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{PASSWORD}")))
}

fn get(world: &World, path: &str, authorization: &str) -> Answer {
    let request = Request::new("GET", path).header("Authorization", authorization);
    world.api().send(&request)
}

fn post(world: &World, path: &str, authorization: &str, form: &str) -> Answer {
    let request = Request::new("POST", path)
        .header("Authorization", authorization)
        .body("application/x-www-form-urlencoded", form);
    world.api().send(&request)
}

/// What of these kinds happened to an account, the latest first.
fn events(world: &World, account: AccountId, actions: &[Action]) -> Vec<NewEvent> {
    let query = audit::Query {
        actions: actions.to_vec(),
        limit: 20,
        ..audit::Query::default()
    };
    let found = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account, &query));
    found.unwrap().into_iter().map(|event| event.event).collect()
}

/// The data of a function of an account that did what it was asked for.
#[track_caller]
fn data(answer: &Answer) -> Value {
    let json = answer.json();
    assert_eq!((answer.status(), &json["status"]), (200, &1.into()), "{json}");
    assert!(json["errors"].is_null(), "{json}");
    json["data"].clone()
}

/// Why a function of an account did not do what it was asked for.
#[track_caller]
fn error(answer: &Answer) -> String {
    let json = answer.json();
    assert_eq!((answer.status(), &json["status"]), (200, &0.into()), "{json}");
    json["errors"][0].as_str().expect("it says why").to_owned()
}
