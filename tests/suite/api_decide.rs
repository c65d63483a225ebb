//! `/api/v1/decide`: what a token may do, what stands against it, and questions that are none.

use latchkey::{
    domain::{draft::Draft, token::PausedBy},
    store::{self, StoreError, tokens},
};
use serde_json::{Value, json};

use crate::support::{Api, Minted, World, mint};

on_both!(
    a_request_is_looked_up_in_the_catalogue,
    scopes_can_be_asked_for_without_a_route,
    everything_that_is_missing_is_named_with_a_link_to_mend_it,
    what_the_plan_excludes_no_edit_would_mend,
    sites_that_are_not_the_tokens_are_told_from_the_accounts,
    a_path_that_could_mean_something_else_is_refused,
    a_token_that_is_no_good_may_not_ask,
    a_question_is_one_json_object,
    a_narrower_token_is_refused_at_once,
);

const PATH: &str = "/api/v1/decide";

fn backup(site: &str) -> Value {
    json!({ "method": "POST", "path": format!("/sites/{site}/backups") })
}

fn holder(world: &World, minted: &Minted) -> Api {
    world.api().with_token(&minted.secret)
}

fn codes(answer: &Value) -> Vec<&str> {
    let refusals = answer["refusals"].as_array().unwrap();
    refusals
        .iter()
        .map(|refusal| refusal["code"].as_str().unwrap())
        .collect()
}

fn a_request_is_looked_up_in_the_catalogue(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |_| ());
    let answer = holder(world, &minted).post(PATH, &backup("Priya.example"));
    assert_eq!(
        answer.expect(200).json(),
        json!({
            "allowed": true,
            "refusals": [],
            "route": "POST /sites/{site}/backups",
            "service": "hosting",
            "required_scopes": ["backups:create"],
            "missing_scopes": [],
            "excluded_scopes": [],
            "site": "priya.example",
            "site_allowed": true,
            "address": "127.0.0.1",
            "token_id": minted.token.public_id,
            "token_name": minted.token.name.as_str(),
            "account": "priya",
            "decided_at": "2026-11-23T12:00:00Z",
            "fix_url": null,
            "problem": null,
        })
    );
    let implied = json!({ "method": "HEAD", "path": "/sites/priya.example/backups?x=1", "host": "panel.example" });
    let answer = holder(world, &minted).post(PATH, &implied).expect(200).json();
    assert_eq!(
        (&answer["allowed"], &answer["route"]),
        (&json!(true), &json!("GET /sites/{site}/backups"))
    );
}

fn scopes_can_be_asked_for_without_a_route(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |_| ());
    let ask = |question: Value| holder(world, &minted).post(PATH, &question).expect(200).json();
    let answer = ask(json!({ "scopes": ["backups:read", "backups:create"], "site": "shop.priya.example" }));
    assert_eq!((&answer["allowed"], &answer["route"]), (&json!(true), &Value::Null));
    assert_eq!(ask(json!({ "scopes": ["backups:read"] }))["allowed"], true);
    assert_eq!(codes(&ask(json!({ "scopes": ["backups:delete"] }))), ["missing-scopes"]);
}

fn everything_that_is_missing_is_named_with_a_link_to_mend_it(world: &World) {
    let account = world.customer("priya").id;
    let minted = mint(&world.app, account, |new| {
        new.name = "deploy-ci".parse().unwrap();
        new.scopes = "files:read".parse().unwrap();
        new.sites = "shop.priya.example".parse().unwrap();
    });
    let id = minted.token.public_id;
    let path = "/sites/priya.example/databases/blog/backups";
    let question = json!({ "method": "POST", "path": path });
    let answer = holder(world, &minted).post(PATH, &question).expect(200).json();
    assert_eq!(answer["allowed"], false);
    assert_eq!(codes(&answer), ["missing-scopes", "site-not-allowed"]);
    assert_eq!(answer["missing_scopes"], json!(["backups:create", "databases:read"]));
    assert_eq!(answer["site_allowed"], false);
    let panel = world.app.settings.public_url.as_str();
    let fix = format!("{panel}/tokens/{id}/edit?add=backups:create&add=databases:read&add_site=priya.example");
    assert_eq!(answer["fix_url"], json!(fix));
    let problem = &answer["problem"];
    assert_eq!(problem["type"], json!(format!("{panel}/problems/insufficient-scope")));
    assert_eq!(
        problem["detail"],
        json!(format!(
            "Token \"deploy-ci\" (lk_{id}) may not create backups or see databases, their users and their sizes \
             on site priya.example."
        ))
    );
    assert_eq!((&problem["status"], &problem["fix_url"]), (&json!(403), &json!(fix)));
    assert_eq!(
        (&problem["resource"], &problem["resource_allowed"]),
        (&json!("site:priya.example"), &json!(false))
    );
    assert_eq!(problem["required_scopes"], json!(["backups:create", "databases:read"]));
}

fn what_the_plan_excludes_no_edit_would_mend(world: &World) {
    let account = world.customer("priya");
    let narrow: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "files:read".parse().unwrap();
        store::plans::put(connection, &plan)
    });
    narrow.unwrap();
    let minted = mint(&world.app, account.id, |new| new.scopes = "*".parse().unwrap());
    let answer = holder(world, &minted)
        .post(PATH, &backup("priya.example"))
        .expect(200)
        .json();
    assert_eq!(codes(&answer), ["plan-excludes-scopes"]);
    assert_eq!(
        (&answer["excluded_scopes"], &answer["fix_url"]),
        (&json!(["backups:create"]), &Value::Null)
    );
    let files = json!({ "method": "GET", "path": "/sites/priya.example/files" });
    assert_eq!(
        holder(world, &minted).post(PATH, &files).expect(200).json()["allowed"],
        true
    );
}

fn sites_that_are_not_the_tokens_are_told_from_the_accounts(world: &World) {
    let account = world.customer("priya").id;
    world.customer("arjun");
    let all = mint(&world.app, account, |_| ());
    let one = mint(&world.app, account, |new| new.sites = "priya.example".parse().unwrap());
    let ask = |minted: &Minted, question: &Value| {
        let answer = holder(world, minted).post(PATH, question).expect(200).json();
        codes(&answer).join(" ")
    };
    assert_eq!(ask(&all, &backup("arjun.example")), "no-such-site");
    assert_eq!(ask(&all, &backup("nobody.example")), "no-such-site");
    assert_eq!(ask(&all, &backup("no-domain")), "no-such-site");
    for elsewhere in ["shop.priya.example", "arjun.example", "nobody.example", "no-domain"] {
        assert_eq!(ask(&one, &backup(elsewhere)), "site-not-allowed", "{elsewhere}");
    }
    assert_eq!(ask(&one, &json!({ "scopes": ["backups:read"] })), "site-required");
    assert_eq!(ask(&one, &backup("priya.example")), "");
}

fn a_path_that_could_mean_something_else_is_refused(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |new| {
        new.scopes = "*".parse().unwrap();
    });
    for (method, path, reason) in [
        ("GET", "/sites/priya.example/../x", "dot-segment"),
        ("GET", "/sites/priya.example%2Ffiles", "encoded-slash"),
        ("GET", "/nothing", "unknown-path"),
        ("PATCH", "/sites/priya.example/backups", "unknown-method"),
        ("post", "/sites/priya.example/backups", "unknown-method"),
    ] {
        let answer = holder(world, &minted).post(PATH, &json!({ "method": method, "path": path }));
        let answer = answer.expect(200).json();
        assert_eq!(codes(&answer), ["no-such-route"], "{path}");
        assert!(
            answer["refusals"][0]["detail"].as_str().unwrap().contains(reason),
            "{answer}"
        );
    }
}

fn a_token_that_is_no_good_may_not_ask(world: &World) {
    let account = world.customer("priya").id;
    let paused = mint(&world.app, account, |_| ());
    let now = world.clock.now();
    let pause = |connection: &mut _| tokens::pause(connection, paused.token.id, PausedBy::Owner, now);
    assert!(world.app.store.write_here(pause).unwrap());
    let answer = holder(world, &paused).post(PATH, &backup("priya.example")).expect(401);
    assert!(
        answer
            .header("WWW-Authenticate")
            .unwrap()
            .contains("error=\"invalid_token\"")
    );
    assert!(
        answer.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("/problems/token-paused")
    );
    let elsewhere = mint(&world.app, account, |new| {
        new.addresses = "203.0.113.7".parse().unwrap();
    });
    let answer = holder(world, &elsewhere)
        .post(PATH, &backup("priya.example"))
        .expect(403);
    assert!(
        answer.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("/problems/ip-not-allowed")
    );
    world.api().post(PATH, &backup("priya.example")).expect(401);
    world
        .api()
        .with_token("lk_x")
        .post(PATH, &json!("not even a question"))
        .expect(401);
}

fn a_question_is_one_json_object(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |_| ());
    let api = holder(world, &minted);
    let send = |media_type: &str, body: String| {
        let answer = api.send(&api.request("POST", PATH).body(media_type, body));
        let said = answer.json();
        assert_eq!(said["status"], json!(answer.status()));
        let code = said["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (answer.status(), code)
    };
    let long = format!("{{\"method\":\"{}\"}}", "x".repeat(20_000));
    for (body, status, code) in [
        (r#"{"method":"GET","path":"/sites","colour":1}"#, 422, "invalid-body"),
        (r#"{"method":"GET","path":"/sites","path":"/x"}"#, 422, "invalid-body"),
        (r#"{"method":"GET","path":["/sites"]}"#, 422, "invalid-body"),
        (r#"{"method":"GET"}"#, 422, "invalid-body"),
        (
            r#"{"method":"GET","path":"/sites","site":"priya.example"}"#,
            422,
            "invalid-body",
        ),
        (
            r#"{"method":"GET","path":"/sites","scopes":["files:read"]}"#,
            422,
            "invalid-body",
        ),
        (r#"{"scopes":["files:read"],"site":"no domain"}"#, 422, "invalid-body"),
        (r#"{"scopes":[]}"#, 422, "invalid-body"),
        (r#"{"scopes":["*"]}"#, 422, "invalid-body"),
        (r#"{"scopes":["files:reed"]}"#, 422, "unknown-scope"),
        (r#"{"scopes":["files:read","Files"]}"#, 422, "unknown-scope"),
        (r#"["GET","/sites"]"#, 422, "invalid-body"),
        ("{", 400, "malformed-json"),
        ("", 400, "malformed-json"),
        (&long, 413, "too-large"),
    ] {
        assert_eq!(
            send("application/json", body.to_owned()),
            (status, code.to_owned()),
            "{body:.60}"
        );
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        assert_eq!(
            send(media_type, "{}".to_owned()),
            (415, "unsupported-media-type".to_owned())
        );
    }
    let charset = api
        .request("POST", PATH)
        .body("application/json; charset=utf-8", r#"{"scopes":["backups:read"]}"#);
    api.send(&charset).expect(200);
    let told = api.send(&api.request("POST", PATH).body("application/json", "x".repeat(70_000)));
    assert_eq!(
        told.expect(413).header("Content-Type"),
        Some("application/problem+json")
    );
    assert_eq!(api.get(PATH).expect(405).header("Allow"), Some("POST"));
}

fn a_narrower_token_is_refused_at_once(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |_| ());
    let ask = || {
        holder(world, &minted)
            .post(PATH, &backup("priya.example"))
            .expect(200)
            .json()
    };
    assert_eq!(ask()["allowed"], true);
    let token = &minted.token;
    let changed = Draft {
        scopes: "backups:read".parse().unwrap(),
        ..Draft::from(&minted.token)
    };
    let update = |connection: &mut _| tokens::update(connection, token.id, 0, &changed);
    assert!(world.app.store.write_here(update).unwrap());
    assert_eq!(codes(&ask()), ["missing-scopes"]);
}
