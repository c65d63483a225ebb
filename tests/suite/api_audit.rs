//! `/api/v1/audit`: what happened, for a program of staff's.

use serde_json::{Value, json};

use crate::{
    api_accounts::{administrator, code, errors, program},
    support::{World, mint},
};

on_both!(
    events_are_filtered_as_in_the_staff_area,
    the_audit_is_walked_without_a_gap,
);

const PATH: &str = "/api/v1/audit";

fn actions(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a page has items");
    let action = |item: &Value| item["action"].as_str().unwrap().to_owned();
    items.iter().map(action).collect()
}

fn events_are_filtered_as_in_the_staff_area(world: &World) {
    let api = program(world, "audit:read");
    let account = world.customer("priya");
    world.signed_in("priya");
    let found = |query: &str| actions(&api.get(&format!("{PATH}{query}")).expect(200).json());
    assert_eq!(found("?account=priya"), ["session.signed-in", "account.created"]);
    assert_eq!(found("?action=account.created"), ["account.created"]);
    assert_eq!(found("?kind=security&by=customers"), ["session.signed-in"]);
    assert_eq!(found("?kind=staff&q=meera"), ["staff-token.created", "staff.created"]);
    assert_eq!(found("?since=2026-11-24T00:00:00Z"), [""; 0]);
    assert_eq!(found("?until=2026-11-23T00:00:00%2B05:30"), [""; 0]);
    let event = api.get(&format!("{PATH}?action=account.created")).json()["items"][0].clone();
    assert_eq!(event["account"]["id"], json!(account.public_id));
    assert_eq!(event["target"]["name"], "priya");
    assert_eq!(api.get(&format!("{PATH}?account=nobody")).expect(404).status(), 404);
    for (query, member) in [
        ("?action=x", "?action"),
        ("?kind=x", "?kind"),
        ("?by=x", "?by"),
        ("?since=today", "?since"),
        ("?cursor=6161", "?cursor"),
        ("?action=token.created&kind=tokens", "?kind"),
        ("?x=1", "?x"),
    ] {
        let wrong = api.get(&format!("{PATH}{query}")).expect(400);
        assert_eq!(
            (code(&wrong).as_str(), errors(&wrong)[0].0.as_str()),
            ("invalid-query", member),
            "{query}"
        );
    }
}

fn the_audit_is_walked_without_a_gap(world: &World) {
    let api = administrator(world);
    for number in 0..5 {
        let account = world.customer_without_password(&format!("c{number}"));
        mint(&world.app, account.id, |_| ());
    }
    let all = api.get(&format!("{PATH}?limit=100")).expect(200).json();
    let numbers = |page: &Value| -> Vec<i64> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["number"].as_i64().unwrap()).collect()
    };
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{PATH}?limit=2{cursor}")).expect(200).json();
        walked.extend(numbers(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, numbers(&all));
    assert!(walked.is_sorted_by(|one, other| one > other) && walked.len() > 5);
}
