//! `/api/v1/tokens`, `/api/v1/account` and `/api/v1/catalogue`: the tokens of an account in the hands of a program.

mod around;
mod between;
mod bodies;
mod changes;
mod lists;
mod making;
mod races;
mod reach;
mod repeats;
mod rule7;
mod stops;

use latchkey::{
    domain::{account::Account, token::Token},
    store::{self, StoreError, tokens::NewToken},
};
use serde_json::Value;

use crate::support::{Answer, Api, Minted, World, mint};

const PATH: &str = "/api/v1/tokens";

/// A program that manages tokens: its token may do everything, everywhere, and never expires.
fn manager(world: &World, account: &Account) -> (Api, Token) {
    holder(world, account, |new| {
        new.scopes = "*".parse().unwrap();
        new.expiry = latchkey::domain::token::Expiry::Never;
    })
}

/// A program with a token that `change` makes different from others.
fn holder(world: &World, account: &Account, change: impl FnOnce(&mut NewToken)) -> (Api, Token) {
    let Minted { secret, token } = mint(&world.app, account.id, change);
    (world.api().with_token(&secret), token)
}

/// The last part of a problem's type.
fn code(answer: &Answer) -> String {
    let said = answer.json();
    let kind = said["type"].as_str().unwrap_or_default();
    kind.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Where something is wrong, and what.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let said = answer.json();
    let errors = said["errors"].as_array().expect("a problem has a list of errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .iter()
        .map(|error| (text(&error["member"]), text(&error["code"])))
        .collect()
}

/// Calls with a method and a body, for a token that is as it was read.
#[track_caller]
fn send(api: &Api, (method, path): (&str, &str), etag: &str, body: &Value) -> Answer {
    let mut request = api.request(method, path).body("application/json", body.to_string());
    if !etag.is_empty() {
        request = request.header("If-Match", etag);
    }
    api.send(&request)
}

fn path(token: &Token) -> String {
    format!("{PATH}/{}", token.public_id)
}

/// A token as the database has it.
fn stored(world: &World, token: &Token) -> Token {
    let found: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| store::tokens::find(connection, token.account, &token.public_id));
    found.unwrap().expect("the token is there")
}

/// The public ids of a list's items.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a page has items");
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}
