//! Who reaches what: every call, with each scope missing, for each role, and with tokens of other kinds.

use latchkey::{
    domain::{
        permission::{Act, scopes_of_role},
        staff::Role,
        staff_scope::{StaffScope, StaffScopes},
    },
    store,
};
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, administrator, code, path, program, send, stored, support};
use crate::support::{Answer, Api, World, mint, mint_service, mint_staff};

on_both!(
    each_missing_scope_is_named,
    a_support_members_token_gets_no_further,
    no_other_token_is_let_in,
    a_refused_token_is_told_why,
    calls_are_counted,
);

/// A call: method, path, body, and what it needs.
type Call = (&'static str, String, Value, StaffScope);

/// Every call with an account and a token that nobody has touched yet.
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn calls(world: &World) -> Vec<Call> {
    use StaffScope as S;
    let name = format!("c{}", world.clock.random_base62(12).to_lowercase());
    let account = world.customer_without_password(&name);
    let token = mint(&world.app, account.id, |_| ()).token.public_id;
    let of = |rest: &str| path(&account, rest);
    let one = |rest: &str| of(&format!("/tokens/{token}{rest}"));
    let because = json!({"reason": "A test"});
    let new = json!({"username": "newone", "email": "new@mail.example", "plan": "none"});
    let plan = "/api/v1/plans/Ab12Cd34Ef56".to_owned();
    vec![
        ("GET", PATH.to_owned(), Value::Null, S::AccountsRead),
        ("GET", of(""), Value::Null, S::AccountsRead),
        ("POST", PATH.to_owned(), new, S::AccountsCreate),
        (
            "PATCH",
            of(""),
            json!({"email": "other@mail.example"}),
            S::AccountsChange,
        ),
        ("POST", of("/password-link"), Value::Null, S::AccountsChange),
        ("POST", of("/suspend"), because.clone(), S::AccountsSuspend),
        ("POST", of("/unsuspend"), Value::Null, S::AccountsSuspend),
        ("POST", of("/sign-in-link"), Value::Null, S::AccountsSignIn),
        (
            "POST",
            of("/password"),
            json!({"password": "correct horse battery"}),
            S::AccountsPassword,
        ),
        ("GET", of("/tokens"), Value::Null, S::TokensRead),
        ("GET", one(""), Value::Null, S::TokensRead),
        ("POST", one("/pause"), because.clone(), S::TokensStop),
        ("POST", one("/resume"), because.clone(), S::TokensStop),
        (
            "POST",
            one("/shorten"),
            json!({"expires": {"days": 1}, "reason": "A test"}),
            S::TokensStop,
        ),
        ("POST", one("/revoke"), because.clone(), S::TokensStop),
        ("POST", of("/tokens/revoke-all"), because.clone(), S::TokensStop),
        ("DELETE", of(""), because, S::AccountsRemove),
        ("GET", "/api/v1/audit".to_owned(), Value::Null, S::AuditRead),
        ("GET", "/api/v1/policy".to_owned(), Value::Null, S::PolicyRead),
        (
            "PUT",
            "/api/v1/policy".to_owned(),
            json!({"max_live_tokens": 50}),
            S::PolicyChange,
        ),
        ("GET", "/api/v1/plans".to_owned(), Value::Null, S::PolicyRead),
        (
            "POST",
            "/api/v1/plans".to_owned(),
            json!({"name": "New", "scopes": ["*"]}),
            S::PolicyChange,
        ),
        ("GET", plan.clone(), Value::Null, S::PolicyRead),
        (
            "PUT",
            plan.clone(),
            json!({"name": "New", "scopes": ["*"]}),
            S::PolicyChange,
        ),
        ("DELETE", plan, Value::Null, S::PolicyChange),
        (
            "GET",
            "/api/v1/staff/tokens".to_owned(),
            Value::Null,
            S::StaffTokensManage,
        ),
        (
            "POST",
            "/api/v1/staff/tokens".to_owned(),
            json!({"name": "x", "scopes": ["audit:read"]}),
            S::StaffTokensManage,
        ),
        (
            "GET",
            "/api/v1/staff/tokens/Ab12Cd34".to_owned(),
            Value::Null,
            S::StaffTokensManage,
        ),
        (
            "PATCH",
            "/api/v1/staff/tokens/Ab12Cd34".to_owned(),
            json!({"name": "x"}),
            S::StaffTokensManage,
        ),
        (
            "DELETE",
            "/api/v1/staff/tokens/Ab12Cd34".to_owned(),
            Value::Null,
            S::StaffTokensManage,
        ),
    ]
}

#[track_caller]
fn call(api: &Api, (method, path, body, _): &Call) -> Answer {
    send(
        api,
        (method, path),
        if ["PATCH", "PUT"].contains(method) { "*" } else { "" },
        body,
    )
}

/// The end of all that happened: it moves with every change.
fn last_event(world: &World) -> String {
    let head = world.app.store.read_here(store::audit::chain::head).unwrap();
    head.map_or_else(String::new, |head| head.to_string())
}

fn each_missing_scope_is_named(world: &World) {
    let everything = administrator(world);
    let calls = calls(world);
    let before = last_event(world);
    for needed in StaffScope::ALL {
        let others: StaffScopes = StaffScope::ALL
            .iter()
            .copied()
            .filter(|scope| scope != needed)
            .collect();
        let api = program(world, &others.to_string());
        let (about, head) = (calls.iter().filter(|call| call.3 == *needed), last_event(world));
        let mut some = false;
        for one in about {
            some = true;
            let answer = call(&api, one).expect(403);
            assert_eq!(code(&answer), "insufficient-scope", "{} {}", one.0, one.1);
            let said = answer.json();
            assert_eq!(said["required_scopes"], json!([needed.as_str()]));
            assert_eq!(said["missing_scopes"], json!([needed.as_str()]));
            let challenge = answer.header("WWW-Authenticate").unwrap();
            assert!(challenge.contains(&format!("scope=\"{needed}\"")), "{challenge}");
        }
        assert!(some, "{needed} is for no call");
        assert_eq!(last_event(world), head, "{needed}: nothing was changed");
    }
    assert_ne!(last_event(world), before);
    for one in &calls {
        let answer = call(&everything, one);
        assert!(
            ![401, 403].contains(&answer.status()),
            "{} {}: {}",
            one.0,
            one.1,
            answer.text()
        );
    }
}

fn a_support_members_token_gets_no_further(world: &World) {
    let api = support(world);
    let allowed = scopes_of_role(Role::Support);
    for one in calls(world) {
        let answer = call(&api, &one);
        if allowed.contains(one.3) {
            assert_ne!(answer.status(), 403, "{} {}: {}", one.0, one.1, answer.text());
        } else {
            assert_eq!(code(&answer.expect(403)), "role-excludes", "{} {}", one.0, one.1);
        }
    }
    assert!(
        allowed
            .iter()
            .all(|scope| Act::ALL.iter().any(|act| act.staff_scope() == Some(scope)))
    );
}

fn no_other_token_is_let_in(world: &World) {
    let account = world.customer("priya");
    let all = mint(&world.app, account.id, |new| new.scopes = "*".parse().unwrap()).secret;
    let (service, _) = mint_service(world, "Proxy", "*");
    let customer = world.api().with_token(&all);
    for one in calls(world) {
        let refused = call(&customer, &one).expect(401);
        assert_eq!(code(&refused), "invalid-token", "{} {}", one.0, one.1);
        assert!(refused.json()["detail"].as_str().unwrap().contains("begins with lka_"));
        for api in [
            world.api(),
            world.api().with_token(&service),
            world.api().with_token("lka_x"),
        ] {
            call(&api, &one).expect(401);
        }
    }
    // And the other way round.
    let staff = administrator(world);
    for path in [
        "/api/v1/token",
        "/api/v1/tokens",
        "/api/v1/account",
        "/api/v1/catalogue",
    ] {
        assert_eq!(code(&staff.get(path).expect(401)), "invalid-token", "{path}");
    }
    assert!(stored(world, &account).is_some());
}

fn a_refused_token_is_told_why(world: &World) {
    let told = |secret: &str| {
        let answer = world.api().with_token(secret).get("/api/v1/staff/token");
        (answer.status(), code(&answer))
    };
    administrator(world);
    let (expiring, _) = mint_staff(world, "meera", "Expiring", "accounts:read");
    world.clock.advance(Duration::days(30));
    assert_eq!(told(&expiring), (401, "token-expired".to_owned()));
    let (revoked, token) = mint_staff(world, "meera", "Revoked", "accounts:read");
    let shell = latchkey::app::Caller::shell();
    world
        .wait(latchkey::app::staff_tokens::revoke(
            &world.app,
            &shell,
            token.member,
            token.public_id,
        ))
        .unwrap();
    assert_eq!(told(&revoked), (401, "token-revoked".to_owned()));
    support(world);
    let (of_asha, token) = mint_staff(world, "asha", "Tickets", "accounts:read");
    assert_eq!(
        world.api().with_token(&of_asha).get("/api/v1/staff/token").status(),
        200
    );
    let member = world
        .app
        .store
        .read_here(|connection| store::staff::find(connection, token.member));
    let id = member.unwrap().unwrap().public_id;
    world
        .wait(latchkey::app::staff::deactivate(&world.app, &shell, &id))
        .unwrap();
    assert_eq!(told(&of_asha), (401, "member-deactivated".to_owned()));
}

fn calls_are_counted(world: &World) {
    let api = program(world, "accounts:read");
    let first = api.get("/api/v1/staff/token").expect(200);
    assert_eq!(first.header("RateLimit-Policy"), Some("\"calls\";q=600;w=60"));
    assert_eq!(first.header("RateLimit"), Some("\"calls\";r=599;t=1"));
    for _ in 0..599 {
        api.get("/api/v1/staff/token").expect(200);
    }
    let late = api.get("/api/v1/staff/token").expect(429);
    assert_eq!(
        (code(&late).as_str(), late.header("Retry-After")),
        ("rate-limited", Some("1"))
    );
    world.clock.advance(Duration::seconds(1));
    api.get("/api/v1/staff/token").expect(200);
}
