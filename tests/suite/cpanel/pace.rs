//! How fast passwords may be tried by calls that carry one, also when all of them come at once.

use base64::{Engine, engine::general_purpose::STANDARD};
use latchkey::domain::staff::Role;
use serde_json::Value;
use time::Duration;

use super::with_password;
use crate::{
    services::at_once,
    support::{Answer, World},
};

on_both!(
    of_many_tries_at_once_from_one_source_ten_are_made,
    of_many_tries_at_once_for_one_login_ten_are_made,
    right_passwords_wait_behind_no_wrong_ones_of_others,
);

/// A call of each interface, and what somebody is answered with who is not let in.
const CALLS: [(&str, u16); 3] = [
    ("/execute/Tokens/list", 401),
    (
        "/json-api/cpanel?cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list",
        403,
    ),
    ("/json-api/version?api.version=1", 403),
];

fn wrong(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:not the password at all")))
}

fn call(world: &World, path: &str, from: &str, authorization: &str) -> Answer {
    let api = world.api().at_address(from);
    api.send(&api.request("GET", path).header("Authorization", authorization))
}

/// How many of 24 tries in eight threads were made; the others were refused before any password was looked at.
fn made(world: &World, source: impl Fn(usize) -> String + Sync, user: impl Fn(usize) -> String + Sync) -> usize {
    let tries = at_once(|thread| {
        CALLS
            .iter()
            .enumerate()
            .filter(|(place, (path, denied))| {
                let number = thread * CALLS.len() + place;
                let answer = call(world, path, &source(number), &wrong(&user(number)));
                if answer.status() == 429 {
                    assert!(answer.header("Retry-After").is_some());
                    let words = ["/errors/0", "/cpanelresult/error", "/metadata/reason"][*place];
                    assert!(answer.json().pointer(words).is_some_and(Value::is_string), "{path}");
                } else {
                    assert_eq!(answer.status(), *denied, "{path}: {}", answer.text());
                }
                answer.status() == *denied
            })
            .count()
    });
    tries.into_iter().sum()
}

fn of_many_tries_at_once_from_one_source_ten_are_made(world: &World) {
    world.customer("priya");
    let here = |_: usize| "203.0.113.7".to_owned();
    let nobody = |number: usize| format!("nobody{number}");
    assert_eq!(made(world, here, nobody), 10);
    let (path, _) = CALLS[0];
    assert_eq!(call(world, path, "203.0.113.7", &with_password("priya")).status(), 429);
    assert_eq!(call(world, path, "203.0.113.8", &with_password("priya")).status(), 200);
    // One more in each six seconds, however many come at once.
    world.clock.advance(Duration::seconds(18));
    assert_eq!(made(world, here, nobody), 3);
}

fn of_many_tries_at_once_for_one_login_ten_are_made(world: &World) {
    world.customer("priya");
    world.customer("arjun");
    let anywhere = |number: usize| format!("203.0.113.{}", number + 1);
    assert_eq!(made(world, anywhere, |_| "priya".to_owned()), 10);
    let (path, _) = CALLS[0];
    assert_eq!(call(world, path, "198.51.100.7", &with_password("priya")).status(), 429);
    assert_eq!(call(world, path, "198.51.100.7", &with_password("arjun")).status(), 200);
}

fn right_passwords_wait_behind_no_wrong_ones_of_others(world: &World) {
    world.staff("meera", Role::Admin);
    let (path, _) = CALLS[2];
    for _ in 0..30 {
        assert_eq!(call(world, path, "203.0.113.7", &with_password("meera")).status(), 200);
    }
    let nobody = |number: usize| format!("nobody{number}");
    assert_eq!(
        made(world, |_| "203.0.113.7".to_owned(), nobody),
        10,
        "right ones take no try"
    );
    assert_eq!(call(world, path, "203.0.113.9", &with_password("meera")).status(), 200);
}
