//! `/api/v1/accounts`: accounts in the hands of a program with a staff member's token.

mod changes;
mod making;
mod reach;
mod stops;
mod tokens;

use latchkey::{
    domain::{account::Account, staff::Role, staff_scope::StaffScopes},
    store,
};
use serde_json::{Value, json};

use crate::support::{Answer, Api, World, mint_staff};

on_both!(
    accounts_are_found_as_in_the_staff_area,
    a_list_is_walked_without_a_gap,
    one_account_is_shown_with_its_etag,
);

pub(crate) const PATH: &str = "/api/v1/accounts";

/// A program of an administrator, made once, that may do these things.
pub(crate) fn program(world: &World, scopes: &str) -> Api {
    member(world, "meera", Role::Admin);
    let (secret, _) = mint_staff(world, "meera", &world.app.new_public_id(), scopes);
    world.api().with_token(&secret)
}

/// A program of an administrator that may do everything.
pub(crate) fn administrator(world: &World) -> Api {
    program(world, &StaffScopes::all().to_string())
}

/// A program of a support member whose token says that it may do everything.
pub(crate) fn support(world: &World) -> Api {
    member(world, "asha", Role::Support);
    let (secret, token) = mint_staff(world, "asha", &world.app.new_public_id(), "accounts:read");
    let everything = latchkey::domain::staff_token::StaffDraft {
        scopes: StaffScopes::all(),
        ..latchkey::domain::staff_token::StaffDraft::from(&token)
    };
    let written = world
        .app
        .store
        .write_here(|connection| store::staff_tokens::update(connection, token.id, token.revision, &everything));
    assert!(written.unwrap());
    world.api().with_token(&secret)
}

fn member(world: &World, username: &str, role: Role) {
    let all = world.app.store.read_here(store::staff::list).unwrap();
    if all.iter().all(|member| member.username.as_str() != username) {
        world.staff(username, role);
    }
}

/// The last part of a problem's type.
pub(crate) fn code(answer: &Answer) -> String {
    let said = answer.json();
    let kind = said["type"].as_str().unwrap_or_default();
    kind.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Where something is wrong, and what.
pub(crate) fn errors(answer: &Answer) -> Vec<(String, String)> {
    let said = answer.json();
    let errors = said["errors"].as_array().expect("a problem has a list of errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .iter()
        .map(|error| (text(&error["member"]), text(&error["code"])))
        .collect()
}

/// Calls with a method and a body, for a thing that is as it was read.
#[track_caller]
pub(crate) fn send(api: &Api, (method, path): (&str, &str), etag: &str, body: &Value) -> Answer {
    let mut request = api.request(method, path);
    if *body != Value::Null {
        request = request.body("application/json", body.to_string());
    }
    if !etag.is_empty() {
        request = request.header("If-Match", etag);
    }
    api.send(&request)
}

pub(crate) fn path(account: &Account, rest: &str) -> String {
    format!("{PATH}/{}{rest}", account.public_id)
}

/// An account as it is now.
pub(crate) fn stored(world: &World, account: &Account) -> Option<Account> {
    let found = world
        .app
        .store
        .read_here(|connection| store::accounts::find(connection, account.id));
    found.unwrap()
}

/// The name of a plan that there is.
pub(crate) fn plan(world: &World) -> String {
    let names = world.wait(latchkey::app::accounts::plan_names(&world.app));
    names.unwrap().remove(0)
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a page has items");
    let name = |item: &Value| item["username"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

fn accounts_are_found_as_in_the_staff_area(world: &World) {
    let api = program(world, "accounts:read");
    let (priya, _) = (world.customer("priya"), world.customer("lena"));
    let now = world.app.now();
    let suspended = world.app.store.write_here(|connection| {
        store::accounts::put_suspension(connection, priya.id, Some((now, "the invoice is open")))
    });
    assert!(suspended.unwrap());
    let found = |query: &str| names(&api.get(&format!("{PATH}{query}")).expect(200).json());
    assert_eq!(found(""), ["lena", "priya"]);
    assert_eq!(found("?q=pri"), ["priya"]);
    assert_eq!(found("?status=suspended"), ["priya"]);
    assert_eq!(found("?status=active&q=lena"), ["lena"]);
    assert_eq!(found("?q=nobody"), [""; 0]);
    assert_eq!(
        found(&format!("?plan={}", form_urlencoded(&priya.plan_name))),
        ["lena", "priya"]
    );
    let listed = api.get(&format!("{PATH}?q=priya")).json()["items"][0].clone();
    assert_eq!(listed["id"], json!(priya.public_id));
    assert_eq!(listed["status"], "suspended");
    for (query, member) in [
        ("?status=new", "?status"),
        ("?limit=0", "?limit"),
        ("?cursor=xyz", "?cursor"),
        ("?cursor=6161", "?cursor"),
        ("?quiet_days=31", "?quiet_days"),
        ("?colour=red", "?colour"),
        ("?q=a&q=b", "?q"),
    ] {
        let wrong = api.get(&format!("{PATH}{query}")).expect(400);
        assert_eq!(
            (code(&wrong).as_str(), errors(&wrong)[0].0.as_str()),
            ("invalid-query", member),
            "{query}"
        );
    }
    assert_eq!(code(&api.get(&format!("{PATH}?plan=none")).expect(422)), "invalid-body");
}

fn form_urlencoded(text: &str) -> String {
    text.replace(' ', "+")
}

fn a_list_is_walked_without_a_gap(world: &World) {
    let api = program(world, "accounts:read");
    for number in 0..7 {
        world.customer_without_password(&format!("c{number}"));
    }
    let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = api.get(&format!("{PATH}?limit=3{cursor}")).expect(200).json();
        all.extend(names(&page));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((pages, all.len()), (3, 7));
    assert!(all.is_sorted());
    // What stood behind the cursor is gone: the end, and not another turn.
    let first = api.get(&format!("{PATH}?limit=6")).json();
    let next = first["next"].as_str().unwrap().to_owned();
    let last = "c6".parse().unwrap();
    let caller = latchkey::app::Caller::shell();
    let found = world
        .wait(latchkey::app::accounts::find(&world.app, &caller, &last))
        .unwrap();
    let because = caller.because("A test".parse().unwrap());
    world
        .wait(latchkey::app::accounts::remove::remove(
            &world.app,
            &because,
            found.unwrap().id,
        ))
        .unwrap();
    let over = api.get(&format!("{PATH}?limit=6&cursor={next}")).expect(200).json();
    assert_eq!((names(&over).len(), &over["next"]), (0, &Value::Null));
}

fn one_account_is_shown_with_its_etag(world: &World) {
    let api = program(world, "accounts:read");
    let account = world.customer("priya");
    let answer = api.get(&path(&account, "")).expect(200);
    let shown = answer.json();
    assert_eq!(answer.header("ETag"), shown["etag"].as_str());
    assert_eq!(
        (&shown["username"], &shown["status"], &shown["suspended"]),
        (&json!("priya"), &json!("active"), &Value::Null)
    );
    for id in ["none", "Ab12Cd34Ef56", "priya"] {
        assert_eq!(code(&api.get(&format!("{PATH}/{id}")).expect(404)), "not-found");
    }
}
