//! `POST /api/v1/tokens`: what is made, what is made of what is left out, and what stands against it.

use latchkey::{
    domain::{audit::Action, policy::Policy, token::Expiry},
    store::{self, StoreError, audit},
};
use serde_json::{Value, json};

use super::{PATH, code, errors, holder, manager};
use crate::support::{World, mint};

on_both!(
    a_token_is_made_as_it_is_asked_for,
    what_is_left_out_is_as_the_token_that_asks_has_it,
    a_template_gives_its_scopes_and_its_days,
    an_expiry_is_said_in_one_of_four_ways,
    the_policy_says_its_limit_and_why,
    what_the_plan_and_the_account_do_not_have_is_refused,
    a_taken_name_and_a_full_account_are_conflicts,
    the_secret_is_told_once_and_kept_nowhere,
);

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_token_is_made_as_it_is_asked_for(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let wanted = json!({
        "name": " Nightly backup ",
        "description": "Runs on the backup server",
        "scopes": ["backups:create", "files:read"],
        "sites": ["shop.priya.example"],
        "addresses": ["203.0.113.7", "2001:db8::/32"],
        "expires": {"date": "2027-02-21"},
    });
    let made = api.post(PATH, &wanted).expect(201);
    assert_eq!(made.header("Cache-Control"), Some("no-store"));
    let said = made.json();
    let token = &said["token"];
    let path = format!("{PATH}/{}", token["id"].as_str().unwrap());
    assert!(made.header("Location").unwrap().ends_with(&path));
    assert_eq!(made.header("ETag"), token["etag"].as_str());
    for (member, value) in [
        ("name", json!("Nightly backup")),
        ("description", json!("Runs on the backup server")),
        ("status", json!("active")),
        ("scopes", json!(["backups:create", "files:read"])),
        (
            "effective_scopes",
            json!(["backups:create", "backups:read", "files:read"]),
        ),
        ("sites", json!(["shop.priya.example"])),
        ("addresses", json!(["203.0.113.7", "2001:db8::/32"])),
        // The end of that day in Kolkata.
        ("expires_at", json!("2027-02-21T18:29:59Z")),
        ("created_at", json!("2026-11-23T12:00:00Z")),
        ("created_by", json!(own.name.as_str())),
        ("last_used", Value::Null),
        ("outgoing_secret", Value::Null),
    ] {
        assert_eq!(token[member], value, "{member}");
    }
    assert_eq!(api.get(&path).expect(200).json(), *token);
    let secret = said["secret"].as_str().unwrap();
    let itself = world
        .api()
        .at_address("203.0.113.7")
        .with_token(secret)
        .get("/api/v1/token");
    assert_eq!(itself.expect(200).json()["id"], token["id"]);
    let query = audit::Query {
        actions: vec![Action::TokenCreated],
        limit: 10,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    let events = events.unwrap();
    let event = &events[0].event;
    assert_eq!((events.len(), event.actor.kind.as_str()), (1, "token"));
    assert_eq!(
        (&event.actor.id, event.actor.name.as_str()),
        (&own.public_id.to_string(), own.name.as_str())
    );
    assert_eq!(event.browser.as_deref(), Some("curl/8.5.0"));
}

fn what_is_left_out_is_as_the_token_that_asks_has_it(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = api
        .post(PATH, &json!({"name": "a", "scopes": ["backups:read"]}))
        .expect(201)
        .json();
    let token = &token["token"];
    assert_eq!((&token["sites"], &token["addresses"]), (&json!("all"), &json!("any")));
    assert_eq!(token["expires_at"], "2027-02-21T18:29:59Z", "90 days");
    let (api, own) = holder(world, &account, |new| {
        new.scopes = "tokens:manage backups:create".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "127.0.0.0/8".parse().unwrap();
        new.expiry = Expiry::At(world.app.now() + time::Duration::days(3));
    });
    let token = api
        .post(PATH, &json!({"name": "b", "scopes": ["backups:read"], "expires": null}))
        .expect(201)
        .json();
    let token = &token["token"];
    assert_eq!(
        (&token["sites"], &token["addresses"]),
        (&json!(["priya.example"]), &json!(["127.0.0.0/8"]))
    );
    assert_eq!(token["expires_at"], "2026-11-26T12:00:00Z");
    assert_eq!(own.description.to_string(), token["description"].as_str().unwrap());
}

fn a_template_gives_its_scopes_and_its_days(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    let template = world
        .app
        .catalogue
        .templates()
        .iter()
        .find(|it| !it.scopes.is_full())
        .unwrap()
        .clone();
    let made = api
        .post(PATH, &json!({"name": "a", "template": template.id}))
        .expect(201)
        .json();
    let scopes: Vec<String> = template.scopes.iter().map(ToString::to_string).collect();
    assert_eq!(made["token"]["scopes"], json!(scopes));
    for (body, wrong) in [
        (
            json!({"name": "b", "template": "none"}),
            ("/template", "unknown-template"),
        ),
        (json!({"name": "b"}), ("/scopes", "missing")),
        (
            json!({"name": "b", "template": template.id, "scopes": ["dns:read"]}),
            ("/template", "ambiguous"),
        ),
    ] {
        let answer = api.post(PATH, &body).expect(422);
        assert_eq!(errors(&answer), [(wrong.0.to_owned(), wrong.1.to_owned())]);
    }
}

fn an_expiry_is_said_in_one_of_four_ways(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    let mut number = 0;
    let mut make = |expires: &Value| {
        number += 1;
        api.post(
            PATH,
            &json!({"name": format!("t{number}"), "scopes": ["dns:read"], "expires": expires}),
        )
    };
    for (expires, at) in [
        (json!({"days": 1}), json!("2026-11-24T18:29:59Z")),
        (json!({"date": "2026-11-23"}), json!("2026-11-23T18:29:59Z")),
        (
            json!({"at": "2027-01-01T05:30:00.5+05:30"}),
            json!("2027-01-01T00:00:00Z"),
        ),
        (json!("never"), Value::Null),
    ] {
        assert_eq!(
            make(&expires).expect(201).json()["token"]["expires_at"],
            at,
            "{expires}"
        );
    }
    for (expires, member, wrong) in [
        (json!({"days": 0}), "/expires/days", "out-of-range"),
        (json!({"days": 3651}), "/expires/days", "out-of-range"),
        (json!({"days": 1.5}), "/expires/days", "out-of-range"),
        (json!({"days": "1"}), "/expires/days", "wrong-type"),
        (json!({"date": "2027-02-30"}), "/expires/date", "malformed"),
        (json!({"date": "2026-11-22"}), "/expires", "expiry-past"),
        (json!({"at": "tomorrow"}), "/expires/at", "malformed"),
        (json!({"at": "2026-11-23T12:00:00Z"}), "/expires", "expiry-past"),
        (
            json!({"days": 1, "at": "2027-01-01T00:00:00Z"}),
            "/expires",
            "ambiguous",
        ),
        (json!({}), "/expires", "missing"),
        (json!({"weeks": 1}), "/expires", "missing"),
        (json!("Never"), "/expires", "wrong-type"),
        (json!(90), "/expires", "wrong-type"),
    ] {
        let answer = make(&expires).expect(422);
        assert_eq!(errors(&answer)[0], (member.to_owned(), wrong.to_owned()), "{expires}");
    }
}

fn the_policy_says_its_limit_and_why(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let policy = Policy {
        max_lifetime_days: Some(30),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &policy));
    put.unwrap();
    let make = |expires: Value| api.post(PATH, &json!({"name": "a", "scopes": ["dns:read"], "expires": expires}));
    for (expires, wrong) in [
        (json!("never"), "never-not-allowed"),
        (json!({"days": 90}), "expiry-too-late"),
    ] {
        let answer = make(expires).expect(422);
        assert_eq!(errors(&answer), [("/expires".to_owned(), wrong.to_owned())]);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.contains("2026-12-24T12:00:00Z") && detail.contains("forgotten"),
            "{detail}"
        );
    }
    let usual = make(Value::Null).expect(201).json();
    assert_eq!(
        usual["token"]["expires_at"], "2026-12-24T12:00:00Z",
        "as long as it may"
    );
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn what_the_plan_and_the_account_do_not_have_is_refused(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let narrow: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "backups:read tokens:manage".parse().unwrap();
        store::plans::put(connection, &plan)
    });
    narrow.unwrap();
    let body = json!({
        "name": "a",
        "scopes": ["backups:read", "files:read", "moon:land", "Files"],
        "sites": ["priya.example", "mallory.example", "no site"],
        "addresses": ["127.0.0.1", "300.1.1.1", "10.0.0.0/40"],
        "expires": {"days": 0},
    });
    let wrong = [
        ("/scopes/1", "plan-excludes-scope"),
        ("/scopes/2", "unknown-scope"),
        ("/scopes/3", "unknown-scope"),
        ("/sites/1", "not-your-site"),
        ("/sites/2", "malformed"),
        ("/addresses/1", "malformed"),
        ("/addresses/2", "malformed"),
        ("/expires/days", "out-of-range"),
    ];
    let answer = api.post(PATH, &body).expect(422);
    assert_eq!(code(&answer), "invalid-body");
    assert_eq!(
        errors(&answer),
        wrong.map(|(member, code)| (member.to_owned(), code.to_owned()))
    );
    for (body, member, wrong) in [
        (json!({"name": "a", "scopes": []}), "/scopes", "empty"),
        (
            json!({"name": "a", "scopes": ["*", "dns:read"]}),
            "/scopes",
            "full-with-others",
        ),
        (json!({"name": "a", "scopes": ["*"], "sites": []}), "/sites", "empty"),
        (
            json!({"name": "a", "scopes": ["*"], "sites": "priya.example"}),
            "/sites",
            "wrong-type",
        ),
        (
            json!({"name": "a", "scopes": ["*"], "addresses": []}),
            "/addresses",
            "empty",
        ),
        (json!({"name": " ", "scopes": ["*"]}), "/name", "empty"),
        (json!({"name": "x".repeat(51), "scopes": ["*"]}), "/name", "too-long"),
        (
            json!({"name": "a\u{0}b", "scopes": ["*"]}),
            "/name",
            "invisible-characters",
        ),
        (
            json!({"name": "lk_EXAMPLE1_0000000000000000000000000000000019WjLP", "scopes": ["*"]}),
            "/name",
            "holds-token",
        ),
        (
            json!({"name": "a", "scopes": ["*"], "description": "x".repeat(301)}),
            "/description",
            "too-long",
        ),
    ] {
        let answer = api.post(PATH, &body).expect(422);
        assert_eq!(errors(&answer), [(member.to_owned(), wrong.to_owned())], "{body}");
    }
    let many: Vec<String> = (0..101).map(|number| format!("10.0.{number}.1")).collect();
    let answer = api
        .post(PATH, &json!({"name": "a", "scopes": ["*"], "addresses": many}))
        .expect(422);
    assert_eq!(errors(&answer), [("/addresses".to_owned(), "too-many".to_owned())]);
}

fn a_taken_name_and_a_full_account_are_conflicts(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let body = |name: &str| json!({"name": name, "scopes": ["dns:read"]});
    let taken = api.post(PATH, &body(&own.name.as_str().to_uppercase())).expect(409);
    assert_eq!(
        (code(&taken), errors(&taken)[0].0.as_str()),
        ("name-taken".to_owned(), "/name")
    );
    let policy = Policy {
        max_live_tokens: Some(2),
        ..Policy::default()
    };
    let put: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| store::installation::put_policy(connection, &policy));
    put.unwrap();
    api.post(PATH, &body("one")).expect(201);
    let full = api.post(PATH, &body("two")).expect(409);
    assert_eq!(code(&full), "too-many-tokens");
    assert!(full.text().contains("2 of 2 tokens"), "{}", full.text());
    mint(&world.app, world.customer("mallory").id, |new| {
        new.name = "two".parse().unwrap();
    });
}

fn the_secret_is_told_once_and_kept_nowhere(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let made = api
        .post(PATH, &json!({"name": "a", "scopes": ["dns:read"]}))
        .expect(201)
        .json();
    let id = made["token"]["id"].as_str().unwrap();
    let path = format!("{PATH}/{id}");
    let etag = made["token"]["etag"].as_str().unwrap();
    let rotated = super::send(
        &api,
        ("POST", &format!("{path}/rotate")),
        etag,
        &json!({"overlap": "day"}),
    );
    let rotated = rotated.expect(200).json();
    let secrets = [made["secret"].as_str().unwrap(), rotated["secret"].as_str().unwrap()];
    assert_ne!(secrets[0], secrets[1]);
    for secret in secrets {
        world.api().with_token(secret).get("/api/v1/token").expect(200);
        // What follows the id is the secret part.
        let part = &secret[12..];
        for later in [
            PATH.to_owned(),
            path.clone(),
            format!("{path}/history"),
            format!("{path}/usage"),
        ] {
            assert!(!api.get(&later).expect(200).text().contains(part), "{later}");
        }
        let query = audit::Query {
            limit: 100,
            ..audit::Query::default()
        };
        let events: Result<_, StoreError> = world
            .app
            .store
            .read_here(|connection| audit::list(connection, account.id, &query));
        assert!(!format!("{:?}", events.unwrap()).contains(part));
    }
}
