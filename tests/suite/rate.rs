//! How many calls a token can make in a minute: who is told to wait, what counts and what does not.

use std::sync::atomic::{AtomicUsize, Ordering};

use latchkey::{
    app::usage::reread_limits,
    domain::{policy::Policy, token::Token},
    store::{self, StoreError, tokens, usage},
};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Api, Minted, World, mint};

on_both!(
    beyond_its_calls_a_token_has_to_wait,
    what_is_refused_anyway_takes_no_call_and_waiting_is_no_use,
    eight_at_once_get_no_more_than_there_are,
    a_plan_narrows_it_and_each_node_counts_for_itself,
    an_administrator_sets_it_and_customers_read_it,
);

const DECIDE: &str = "/api/v1/decide";
const TOKEN: &str = "/api/v1/token";

fn backup() -> Value {
    json!({ "method": "POST", "path": "/sites/priya.example/backups" })
}

fn calls(number: u32) -> Policy {
    Policy {
        calls_per_minute: Some(number),
        ..Policy::default()
    }
}

/// Sets the installation's limit, as if it had been set long ago.
fn limit(world: &World, number: u32) {
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &calls(number)));
    put.unwrap();
    world.wait(reread_limits(&world.app)).unwrap();
}

fn holder(world: &World) -> (Api, Token) {
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |_| ());
    (world.api().with_token(&secret), token)
}

/// The first reason, or `allowed`.
fn ask(api: &Api, question: &Value) -> String {
    let said = api.post(DECIDE, question).expect(200).json();
    said["refusals"][0]["code"].as_str().unwrap_or("allowed").to_owned()
}

fn beyond_its_calls_a_token_has_to_wait(world: &World) {
    let (api, token) = holder(world);
    assert!((0..50).all(|_| ask(&api, &backup()) == "allowed"), "no limit is set");
    limit(world, 3);
    api.get(TOKEN).expect(200);
    assert_eq!([ask(&api, &backup()), ask(&api, &backup())], ["allowed", "allowed"]);
    let said = api.post(DECIDE, &backup()).expect(200).json();
    assert_eq!(
        (&said["allowed"], &said["refusals"][0]["code"]),
        (&json!(false), &json!("rate-limited"))
    );
    let problem = &said["problem"];
    assert_eq!((&problem["status"], &problem["fix_url"]), (&json!(429), &Value::Null));
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("made too many calls in a short time. Try again in 20 seconds."),
        "{detail}"
    );

    let refused = api.get(TOKEN).expect(429);
    assert_eq!(
        (refused.header("Retry-After"), refused.header("WWW-Authenticate")),
        (Some("20"), None)
    );
    let kind = refused.json()["type"].as_str().unwrap().to_owned();
    let page = world.browser().get(
        kind.split_once("/problems")
            .map(|(_, rest)| format!("/problems{rest}"))
            .unwrap()
            .as_str(),
    );
    assert!(page.expect(200).has("The token made too many calls in a short time"));

    world.clock.advance(Duration::milliseconds(19_500));
    assert_eq!(api.get(TOKEN).expect(429).header("Retry-After"), Some("1"), "never 0");
    world.clock.advance(Duration::milliseconds(500));
    assert_eq!(
        [ask(&api, &backup()), ask(&api, &backup())],
        ["allowed", "rate-limited"]
    );
    // A token that calls without end can still be given up.
    api.delete(TOKEN).expect(204);
    assert_eq!(
        api.get(TOKEN).expect(401).header("Retry-After"),
        None,
        "{}",
        token.public_id
    );
}

fn what_is_refused_anyway_takes_no_call_and_waiting_is_no_use(world: &World) {
    let (api, token) = holder(world);
    limit(world, 2);
    let dns = json!({ "scopes": ["dns:write"], "site": "priya.example" });
    assert!((0..5).all(|_| ask(&api, &dns) == "missing-scopes"));
    assert_eq!([ask(&api, &backup()), ask(&api, &backup())], ["allowed", "allowed"]);
    let used_at = world.clock.now();
    world.clock.advance(Duration::seconds(1));
    assert_eq!(ask(&api, &backup()), "rate-limited");
    let said = api.post(DECIDE, &dns).expect(200).json();
    let codes: Vec<&str> = said["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["missing-scopes", "rate-limited"], "everything is named");
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let since = used_at - Duration::days(1);
    let read: Result<_, StoreError> = world.app.store.read_here(|connection| {
        let rows = usage::list_hours(connection, token.id, since, 10)?;
        Ok((rows, tokens::find(connection, token.account, &token.public_id)?))
    });
    let (rows, token) = read.unwrap();
    let mut counted: Vec<_> = rows.iter().map(|row| (row.key.outcome.as_str(), row.calls)).collect();
    counted.sort_unstable();
    assert_eq!(counted, [("allowed", 2), ("missing-scopes", 6), ("rate-limited", 1)]);
    assert_eq!(token.unwrap().last_use.unwrap().at, used_at);
}

fn eight_at_once_get_no_more_than_there_are(world: &World) {
    let (api, _) = holder(world);
    limit(world, 20);
    let allowed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    if ask(&api, &backup()) == "allowed" {
                        allowed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(allowed.into_inner(), 20);
}

fn a_plan_narrows_it_and_each_node_counts_for_itself(world: &World) {
    let (api, token) = holder(world);
    let second = world.join();
    let put: Result<(), StoreError> = world.app.store.write_here(|connection| {
        store::installation::put_policy(connection, &calls(5))?;
        let (id, mut plan) = store::plans::list_numbered(connection)?.remove(0);
        plan.policy = calls(1);
        assert!(store::plans::update(connection, id, &plan)?);
        Ok(())
    });
    put.unwrap();
    for app in [&world.app, &second.app] {
        world.wait(reread_limits(app)).unwrap();
    }
    assert_eq!(
        [ask(&api, &backup()), ask(&api, &backup())],
        ["allowed", "rate-limited"]
    );
    let other = mint(&second.app, token.account, |_| ());
    let there = second.api().with_token(&other.secret);
    assert_eq!(
        [ask(&there, &backup()), ask(&there, &backup())],
        ["allowed", "rate-limited"]
    );
    let here = world.api().with_token(&other.secret);
    assert_eq!(ask(&here, &backup()), "allowed", "the other node's calls are not known");
}

fn an_administrator_sets_it_and_customers_read_it(world: &World) {
    let (api, token) = holder(world);
    world.staff("meera", latchkey::domain::staff::Role::Admin);
    let browser = world.signed_in("meera");
    let form = || browser.get("/staff/policy").expect(200).form("/staff/policy");
    for wrong in ["0", "600001", "many"] {
        let page = form()
            .fill("calls_per_minute", wrong)
            .submit("Review changes")
            .expect(422);
        assert_eq!(page.errors()[0].0, "calls_per_minute", "{wrong}");
    }
    let review = form()
        .fill("calls_per_minute", "1")
        .submit("Review changes")
        .expect(200);
    let saved = review.form("/staff/policy").submit("Save").follow();
    assert!(saved.has("Saved."), "{}", saved.text());
    assert_eq!(
        [ask(&api, &backup()), ask(&api, &backup())],
        ["allowed", "rate-limited"],
        "at once, on this node"
    );
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let path = format!("/tokens/{}/usage", token.public_id);
    let page = world.signed_in("priya").get(&path).expect(200);
    assert!(page.has("The token can make up to 1 call a minute"), "{}", page.text());
    assert!(page.has("The token had made all the calls that it can make in a minute."));
    let said = world.latchkey(&["policy", "show", "--json"], "");
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said["calls_per_minute"], 1);
    let set = world.latchkey(&["policy", "set", "--max-calls", "none", "--json"], "");
    assert!(set.status.success());
    world.wait(reread_limits(&world.app)).unwrap();
    assert_eq!(ask(&api, &backup()), "allowed");
}
