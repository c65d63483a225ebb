//! The account, the catalogue, and what every answer has around it.

use latchkey::{
    app::usage::reread_limits,
    domain::policy::Policy,
    store::{self, StoreError, usage},
};
use serde_json::{Value, json};

use super::{PATH, code, holder, manager, path};
use crate::support::{World, mint};

on_both!(
    the_account_says_what_its_tokens_may_be,
    the_catalogue_has_all_there_is,
    every_answer_tells_what_is_left_of_a_limit,
    other_methods_are_told_which_there_are,
    every_call_is_counted_under_its_route,
);

fn the_account_says_what_its_tokens_may_be(world: &World) {
    let account = world.customer("priya");
    let policy = Policy {
        max_lifetime_days: Some(365),
        calls_per_minute: Some(600),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world.app.store.write_here(|connection| {
        store::installation::put_policy(connection, &policy)?;
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "backups:create tokens:manage".parse().unwrap();
        plan.policy.max_live_tokens = Some(7);
        store::plans::put(connection, &plan)
    });
    put.unwrap();
    let (api, _) = holder(world, &account, |new| new.scopes = "tokens:read".parse().unwrap());
    let said = api.get("/api/v1/account").expect(200).json();
    assert_eq!(
        said,
        json!({
            "id": account.public_id,
            "username": "priya",
            "status": "active",
            "sites": ["priya.example", "shop.priya.example"],
            "time_zone": "Asia/Kolkata",
            "created_at": "2026-11-23T12:00:00Z",
            "plan": {
                "name": "standard",
                "scopes": ["backups:create", "backups:read", "tokens:manage", "tokens:read"],
            },
            "policy": {
                "max_live_tokens": 7,
                "max_lifetime_days": 365,
                "max_total_lifetime_days": null,
                "never_allowed": false,
                "revoke_unused_days": null,
                "calls_per_minute": 600,
                "default_lifetime_days": 90,
            },
            "live_tokens": 1,
        })
    );
}

fn the_catalogue_has_all_there_is(world: &World) {
    let account = world.customer("priya");
    let (api, _) = holder(world, &account, |_| ());
    let said = api.get("/api/v1/catalogue").expect(200).json();
    let catalogue = &world.app.catalogue;
    let listed = |member: &str| said[member].as_array().unwrap().clone();
    assert_eq!(listed("areas").len(), catalogue.areas().len());
    assert_eq!(listed("templates").len(), catalogue.templates().len());
    assert_eq!(listed("services").len(), catalogue.services().len());
    let areas = listed("areas");
    let tokens = areas.iter().find(|area| area["id"] == "tokens").unwrap();
    assert_eq!(tokens["about_sites"], false);
    assert_eq!(
        tokens["scopes"][1],
        json!({
            "scope": "tokens:manage",
            "can": "create, change and revoke API tokens that can do no more than this one",
            "risk": "high",
            "implies": ["tokens:read"],
        })
    );
    let services = listed("services");
    let routes = services
        .iter()
        .flat_map(|service| service["routes"].as_array().unwrap());
    assert!(routes.clone().count() > 0);
    assert!(
        routes
            .clone()
            .all(|route| !route["scopes"].as_array().unwrap().is_empty())
    );
}

fn every_answer_tells_what_is_left_of_a_limit(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let unlimited = api.get(PATH).expect(200);
    assert_eq!(
        (unlimited.header("RateLimit"), unlimited.header("RateLimit-Policy")),
        (None, None)
    );
    let policy = Policy {
        calls_per_minute: Some(6),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &policy));
    put.unwrap();
    world.wait(reread_limits(&world.app)).unwrap();
    let calls = [
        ("GET", "/api/v1/account".to_owned(), 200),
        ("GET", "/api/v1/token".to_owned(), 200),
        ("GET", format!("{PATH}/AAAAAAAA"), 404),
        ("POST", PATH.to_owned(), 415),
        ("PATCH", path(&own), 415),
        ("GET", "/api/v1/catalogue".to_owned(), 200),
    ];
    for (made, (method, path, status)) in calls.iter().enumerate() {
        let answer = api.send(&api.request(method, path)).expect(*status);
        assert_eq!(answer.header("RateLimit-Policy"), Some("\"calls\";q=6;w=60"));
        let left = format!("\"calls\";r={};t={}", 5 - made, 10 * (made + 1));
        assert_eq!(answer.header("RateLimit"), Some(left.as_str()), "{method} {path}");
    }
    let refused = api.get(PATH).expect(429);
    assert_eq!(code(&refused), "rate-limited");
    assert_eq!(refused.header("Retry-After"), Some("10"));
    assert_eq!(refused.header("RateLimit"), Some("\"calls\";r=0;t=60"));
    let stranger = world.api().get(PATH).expect(401);
    assert_eq!(stranger.header("RateLimit"), None);
    // Asking about a call takes none.
    let asked = api.post("/api/v1/decide", &json!({"scopes": ["dns:read"]})).expect(200);
    assert_eq!(asked.json()["refusals"][0]["code"], "rate-limited");
}

fn other_methods_are_told_which_there_are(world: &World) {
    let (api, own) = manager(world, &world.customer("priya"));
    let one = path(&own);
    for (path, allow) in [
        (PATH.to_owned(), "GET, HEAD, POST"),
        (one.clone(), "GET, HEAD, PATCH, DELETE"),
        (format!("{one}/renew"), "POST"),
        (format!("{one}/history"), "GET, HEAD"),
        ("/api/v1/account".to_owned(), "GET, HEAD"),
        ("/api/v1/catalogue".to_owned(), "GET, HEAD"),
        ("/api/v1/token".to_owned(), "GET, HEAD, DELETE"),
    ] {
        let answer = api.send(&api.request("PUT", &path)).expect(405);
        assert_eq!(
            (answer.header("Allow"), code(&answer).as_str()),
            (Some(allow), "method-not-allowed")
        );
        // Another site's page asks before it calls; nothing lets it.
        let browser = world.browser();
        let asked = browser
            .request("OPTIONS", &path)
            .without("Origin")
            .header("Origin", "https://evil.example");
        let answer = browser.send(&asked);
        assert_eq!((answer.status(), answer.header("Allow")), (204, Some(allow)), "{path}");
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
    }
    for path in [PATH.to_owned(), one, "/api/v1/account".to_owned()] {
        let (head, get) = (api.send(&api.request("HEAD", &path)), api.get(&path));
        assert_eq!((head.status(), head.text()), (200, ""));
        assert_eq!(
            head.header("Content-Length"),
            Some(get.text().len().to_string().as_str()),
            "{path}"
        );
        assert_eq!(head.header("ETag"), get.header("ETag"));
    }
    api.get("/api/v1/tokens/").expect(404);
    api.get("/api/v1/tokens/x/y/z").expect(404);
}

fn every_call_is_counted_under_its_route(world: &World) {
    let account = world.customer("priya");
    let (api, own) = holder(world, &account, |new| new.scopes = "tokens:read".parse().unwrap());
    let token = mint(&world.app, account.id, |_| ()).token;
    api.get(&path(&token)).expect(200);
    api.post(&format!("{}/pause", path(&token)), &Value::Null).expect(403);
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let since = latchkey::domain::usage::day_of(world.app.now());
    let filter = usage::UsageFilter::default();
    let sums: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| usage::sum(connection, own.id, since, &filter, (0, 10)));
    let mut told: Vec<_> = sums
        .unwrap()
        .into_iter()
        .map(|sum| (sum.route, sum.scope, sum.outcome))
        .collect();
    told.sort();
    let expected = [
        ("GET /api/v1/tokens/{id}", "tokens:read", "allowed"),
        ("POST /api/v1/tokens/{id}/pause", "tokens:manage", "missing-scopes"),
    ];
    let expected = expected.map(|(route, scope, outcome)| (route.to_owned(), scope.to_owned(), outcome.to_owned()));
    assert_eq!(told, expected);
}
