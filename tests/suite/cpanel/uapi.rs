//! `/execute/Tokens/...` and `/json-api/cpanel`.

use latchkey::{
    domain::{audit::Action, policy::Policy, token::Expiry},
    store::{self, accounts},
};
use serde_json::json;
use time::Duration;

use super::{data, error, events, full, get, post, with_password, with_token};
use crate::support::{Minted, Request, World, mint};

on_both!(
    a_program_makes_lists_renames_and_revokes_tokens,
    only_the_accounts_own_working_token_is_let_in,
    a_password_makes_tokens_and_is_slowed_down,
    what_a_token_lacks_is_named,
    rules_hold_here_too,
    the_legacy_envelopes_hold_the_same,
    calls_are_counted_and_limited,
    a_suspended_account_changes_nothing,
);

const LIST: &str = "/execute/Tokens/list";

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_program_makes_lists_renames_and_revokes_tokens(world: &World) {
    let priya = world.customer("priya");
    let key = with_token("cpanel", "priya", &full(world, &priya).secret);
    let made = data(&get(world, "/execute/Tokens/create_full_access?name=Backup_1", &key));
    assert_eq!(
        (&made["create_time"], &made["whitelist_ips"]),
        (&json!(1_795_435_200), &json!(null))
    );
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("lk_"));
    world.api().with_token(secret).get("/api/v1/token").expect(200);

    let expires = world.app.now().as_utc().unix_timestamp() + 86_400;
    let form = format!("name=reader&readonly=1&expires_at={expires}");
    data(&post(world, "/execute/Tokens/create_full_access", &key, &form));
    // Without a body, and without a content type.
    let bare = world
        .api()
        .send(&Request::new("POST", LIST).header("Authorization", &key));
    let rows = data(&bare);
    let of = |name: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == name)
            .unwrap()
            .clone()
    };
    let full_row = of("Backup_1");
    assert_eq!(
        full_row,
        json!({
            "name": "Backup_1", "create_time": 1_795_435_200, "expires_at": null, "has_full_access": 1, "features": [],
            "whitelist_ips": null,
        })
    );
    let reader = of("reader");
    assert_eq!(
        (&reader["has_full_access"], &reader["readonly"], &reader["expires_at"]),
        (&json!(0), &json!(1), &json!(expires))
    );
    assert!(reader["features"].as_array().unwrap().contains(&json!("backups:read")));
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(bare.json()["metadata"], json!({"transformed": 1}));

    assert!(
        data(&get(
            world,
            "/execute/Tokens/rename?name=Backup_1&new_name=Backup_2",
            &key
        ))
        .is_null()
    );
    world.api().with_token(secret).get("/api/v1/token").expect(200);
    let unknown = error(&get(world, "/execute/Tokens/rename?name=Backup_1&new_name=x", &key));
    assert!(unknown.contains("“Backup_1”"), "{unknown}");
    for _ in 0..2 {
        assert_eq!(
            data(&get(world, "/execute/Tokens/revoke?name=backup_2", &key)),
            json!(1)
        );
    }
    world.api().with_token(secret).get("/api/v1/token").expect(401);
    assert_eq!(
        data(&get(world, "/execute/Tokens/revoke?name=never-was", &key)),
        json!(1)
    );

    let done = [Action::TokenCreated, Action::TokenChanged, Action::TokenRevoked];
    let actors: Vec<String> = events(world, priya.id, &done)
        .into_iter()
        .map(|event| event.actor.kind)
        .collect();
    assert_eq!(actors, ["token"; 4]);
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn only_the_accounts_own_working_token_is_let_in(world: &World) {
    let (priya, mallory) = (world.customer("priya"), world.customer_without_password("mallory"));
    let own = full(world, &priya);
    let Minted { secret: foreign, .. } = full(world, &mallory);
    let ended = |change: fn(&mut store::tokens::NewToken)| {
        mint(&world.app, priya.id, |new| {
            super::full_access(new);
            change(new);
        })
        .secret
    };
    let elsewhere = ended(|new| new.addresses = "192.0.2.7".parse().unwrap());
    let expired = ended(|new| new.expiry = Expiry::At(new.created_at + Duration::seconds(1)));
    world.clock.advance(Duration::seconds(2));
    for scheme in ["cpanel", "CPANEL", "cPanel", "WHM"] {
        data(&get(world, LIST, &with_token(scheme, "priya", &own.secret)));
    }
    let mut answers = Vec::new();
    for authorization in [
        with_token("cpanel", "mallory", &own.secret),
        with_token("cpanel", "priya", &foreign),
        with_token("cpanel", "priya", &elsewhere),
        with_token("cpanel", "priya", &expired),
        with_token("cpanel", "priya", "lk_EXAMPLE1_0000000000000000000000000000000019WjLP"),
        with_token("cpanel", "priya", "JPQNSRU0DH448UJLGXH7KVJECC5QN9N9"),
        with_token("cpanel", "priya", ""),
        format!("Bearer {}", own.secret),
        "nothing".to_owned(),
    ] {
        let answer = get(world, LIST, &authorization);
        let body = answer.json();
        assert_eq!(
            (answer.status(), &body["errors"]),
            (401, &json!(["Access denied"])),
            "{authorization}"
        );
        answers.push(answer.text().to_owned());
        let answer = get(
            world,
            "/json-api/cpanel?cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list",
            &authorization,
        );
        assert_eq!(answer.status(), 403);
        assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=\"utf-8\""));
        assert_eq!(
            answer.text(),
            r#"{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}"#
        );
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "nothing tells one reason from another");
    let twice = Request::new("GET", LIST)
        .header("Authorization", &with_token("cpanel", "priya", &own.secret))
        .and_header("Authorization", &with_token("cpanel", "priya", &own.secret));
    world.api().send(&twice).expect(401);
    world.api().get(LIST).expect(401);
    // No other function is told to whoever is not let in.
    world.api().get("/execute/Email/list_pops").expect(401);
    let unknown = error(&get(
        world,
        "/execute/Email/list_pops",
        &with_token("cpanel", "priya", &own.secret),
    ));
    assert!(unknown.contains("“list_pops” in the module “Email”"), "{unknown}");
}

fn a_password_makes_tokens_and_is_slowed_down(world: &World) {
    world.customer("priya");
    let key = with_password("priya");
    assert!(data(&get(world, "/execute/Tokens/create_full_access?name=a", &key))["token"].is_string());
    let wrong = format!("Basic {}", "cHJpeWE6d3Jvbmc=");
    let asked: Vec<u16> = (0..12).map(|_| get(world, LIST, &wrong).status()).collect();
    assert_eq!(asked[0], 401);
    assert_eq!(asked[11], 429);
    let refused = get(world, LIST, &key);
    let body = refused.json();
    assert_eq!((refused.status(), &body["status"]), (429, &json!(0)), "{body}");
    assert!(refused.header("Retry-After").is_some());
    world.clock.advance(Duration::hours(1));
    data(&get(world, LIST, &key));
}

fn what_a_token_lacks_is_named(world: &World) {
    let priya = world.customer_without_password("priya");
    let with = |scopes: &str| {
        let token = mint(&world.app, priya.id, |new| new.scopes = scopes.parse().unwrap());
        with_token("cpanel", "priya", &token.secret)
    };
    let (reads, other) = (with("tokens:read"), with("backups:create"));
    assert_eq!(data(&get(world, LIST, &reads)).as_array().unwrap().len(), 2);
    for (key, path) in [
        (&other, LIST),
        (&reads, "/execute/Tokens/create_full_access?name=a"),
        (&reads, "/execute/Tokens/revoke?name=a"),
        (&other, "/execute/Tokens/rename?name=a&new_name=b"),
    ] {
        let said = error(&get(world, path, key));
        assert!(said.contains("may not"), "{path}: {said}");
    }
}

fn rules_hold_here_too(world: &World) {
    let priya = world.customer_without_password("priya");
    let key = with_token("cpanel", "priya", &full(world, &priya).secret);
    let create = |parameters: &str| get(world, &format!("/execute/Tokens/create_full_access?{parameters}"), &key);
    data(&create("name=a&unknown=1&cpanel_jsonapi_version=2"));
    for (parameters, words) in [
        ("", "“name”"),
        ("name=a", "has this name"),
        ("name=A", "has this name"),
        ("name=a%20b", "1 to 50"),
        ("name=%C3%A9", "1 to 50"),
        ("name=b&expires_at=1", "in the future"),
        ("name=b&expires_at=soon", "seconds since 1970"),
        ("name=b&expires_at=99999999999999999999", "seconds since 1970"),
        ("name=b&readonly=2", "1 or 0"),
        ("name=b&name=c", "more than once"),
    ] {
        let said = error(&create(parameters));
        assert!(said.contains(words), "{parameters}: {said}");
    }
    // What the token that asks has not, it does not give.
    let bound = mint(&world.app, priya.id, |new| new.scopes = "*".parse().unwrap());
    let bound_key = with_token("cpanel", "priya", &bound.secret);
    let path = "/execute/Tokens/create_full_access?name=b";
    let said = error(&get(world, path, &bound_key));
    assert!(
        said.contains("more than itself") && said.contains("2027-02-21T12:00:00Z"),
        "{said}"
    );
    let end = (world.app.now() + Duration::days(90)).as_utc().unix_timestamp();
    data(&get(world, &format!("{path}&expires_at={end}"), &bound_key));
    let policy = Policy {
        max_lifetime_days: Some(30),
        ..Policy::default()
    };
    let put = |connection: &mut _| store::installation::put_policy(connection, &policy);
    world.app.store.write_here(put).unwrap();
    let never = error(&create("name=c"));
    assert!(
        never.contains("has to expire") && never.contains("2026-12-24T12:00:00Z"),
        "{never}"
    );
}

fn the_legacy_envelopes_hold_the_same(world: &World) {
    let priya = world.customer_without_password("priya");
    let key = with_token("cpanel", "priya", &full(world, &priya).secret);
    let call = |parameters: &str| {
        let path = format!("/json-api/cpanel?cpanel_jsonapi_user=priya&{parameters}");
        get(world, &path, &key).expect(200).json()
    };
    let nested = call("cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list&cpanel_jsonapi_apiversion=3");
    assert_eq!(
        (&nested["apiversion"], &nested["module"]),
        (&json!(3), &json!("Tokens"))
    );
    assert_eq!(nested["result"]["data"].as_array().unwrap().len(), 1);
    let second = call("cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list")["cpanelresult"].clone();
    assert_eq!(
        (&second["apiversion"], &second["event"]),
        (&json!(2), &json!({"result": 1}))
    );
    assert_eq!(second["data"][0]["has_full_access"], 1);
    let refused =
        call("cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=create_full_access&cpanel_jsonapi_apiversion=2");
    assert_eq!(refused["cpanelresult"]["event"]["result"], 0);
    assert!(
        refused["cpanelresult"]["data"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("“name”")
    );
    for parameters in [
        "cpanel_jsonapi_module=Email&cpanel_jsonapi_func=listpops",
        "cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=List",
        "cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list&cpanel_jsonapi_apiversion=1",
        "",
    ] {
        let error = call(parameters)["cpanelresult"]["error"].as_str().unwrap().to_owned();
        assert!(error.contains("Could not find function"), "{parameters}: {error}");
    }
}

fn calls_are_counted_and_limited(world: &World) {
    let priya = world.customer_without_password("priya");
    let token = full(world, &priya);
    let key = with_token("cpanel", "priya", &token.secret);
    data(&get(world, LIST, &key));
    let limited = Policy {
        calls_per_minute: Some(2),
        ..Policy::default()
    };
    let put = |connection: &mut _| store::installation::put_policy(connection, &limited);
    world.app.store.write_here(put).unwrap();
    world.wait(latchkey::app::usage::reread_limits(&world.app)).unwrap();
    let asked: Vec<u16> = (0..4).map(|_| get(world, LIST, &key).status()).collect();
    assert_eq!(asked, [200, 200, 429, 429]);
    let refused = get(world, LIST, &key);
    assert_eq!(
        (refused.header("Retry-After"), &refused.json()["status"]),
        (Some("30"), &json!(0))
    );
}

fn a_suspended_account_changes_nothing(world: &World) {
    let priya = world.customer("priya");
    let token = with_token("cpanel", "priya", &full(world, &priya).secret);
    let now = world.app.now();
    let suspend = |on: bool| {
        let reason = on.then_some((now, "the invoice is open"));
        let put = |connection: &mut _| accounts::put_suspension(connection, priya.id, reason);
        assert!(world.app.store.write_here(put).unwrap());
    };
    suspend(true);
    get(world, LIST, &token).expect(401);
    let password = with_password("priya");
    assert_eq!(data(&get(world, LIST, &password)).as_array().unwrap().len(), 1);
    let said = error(&get(world, "/execute/Tokens/create_full_access?name=a", &password));
    assert!(said.contains("suspended"), "{said}");
    suspend(false);
    data(&get(world, LIST, &token));
}
