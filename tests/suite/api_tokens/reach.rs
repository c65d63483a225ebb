//! Who reaches what: every call, for every kind of token and every kind of object.

use latchkey::{
    app::{
        Caller,
        accounts::suspend,
        staff_tokens::{self, Created},
    },
    domain::{
        account::Account,
        permission::Actor,
        secret::{PublicId, TokenSecret},
        staff::Role,
        staff_token::StaffDraft,
        token::{Expiry, PausedBy, Token},
    },
    store::{StoreError, audit, tokens},
};
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, code, errors, manager, path, send};
use crate::{
    staff_own_tokens::member,
    support::{Answer, Api, World, mint},
};

on_both!(
    every_call_for_every_token,
    nobody_reaches_what_is_somebody_elses,
    a_missing_scope_is_told_with_the_way_to_mend_it,
    an_outgoing_secret_manages_nothing,
    what_lies_outside_is_told_whole,
);

/// Every call about one token, and what it needs.
const CALLS: [(&str, &str, &str, &str); 11] = [
    ("GET", "", "", "tokens:read"),
    ("GET", "/usage", "", "tokens:read"),
    ("GET", "/history", "", "tokens:read"),
    ("PATCH", "", r#"{"description": "changed"}"#, "tokens:manage"),
    ("POST", "/renew", r#"{"expires": {"days": 7}}"#, "tokens:manage"),
    ("POST", "/rotate", r#"{"overlap": "day"}"#, "tokens:manage"),
    ("POST", "/retire", "{}", "tokens:manage"),
    ("POST", "/pause", "{}", "tokens:manage"),
    ("POST", "/resume", "{}", "tokens:manage"),
    ("DELETE", "", "", "tokens:manage"),
    ("DELETE", "", "", "tokens:manage"),
];
/// Those about none.
const OTHERS: [(&str, &str, &str, &str); 4] = [
    ("GET", PATH, "", "tokens:read"),
    ("GET", "/api/v1/account", "", "tokens:read"),
    (
        "POST",
        PATH,
        r#"{"name": "new", "scopes": ["tokens:read"]}"#,
        "tokens:manage",
    ),
    ("GET", "/api/v1/catalogue", "", ""),
];

fn call(api: &Api, method: &str, path: &str, body: &str) -> Answer {
    if body.is_empty() {
        return api.send(&api.request(method, path));
    }
    send(api, (method, path), "*", &serde_json::from_str::<Value>(body).unwrap())
}

/// Every call about `target` and every other one, with what it needs.
fn calls(target: &Token) -> Vec<(&'static str, String, &'static str, &'static str)> {
    let about = CALLS.map(|(method, rest, body, needs)| (method, format!("{}{rest}", path(target)), body, needs));
    let others = OTHERS.map(|(method, path, body, needs)| (method, path.to_owned(), body, needs));
    others.into_iter().chain(about).collect()
}

/// The end of all that happened: it moves with every change.
fn head(world: &World) -> String {
    let head: Result<_, StoreError> = world.app.store.read_here(audit::chain::head);
    head.unwrap().map_or_else(String::new, |head| head.to_string())
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn every_call_for_every_token(world: &World) {
    let account = world.customer("priya");
    let api = |change: &dyn Fn(&mut tokens::NewToken)| {
        let minted = mint(&world.app, account.id, |new| {
            new.scopes = "tokens:manage".parse().unwrap();
            change(new);
        });
        (world.api().with_token(&minted.secret), minted.token)
    };
    let (paused, to_pause) = api(&|_| ());
    let (revoked, to_revoke) = api(&|_| ());
    let ended: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let now = world.app.now();
        assert!(tokens::pause(connection, to_pause.id, PausedBy::Owner, now)?);
        assert!(tokens::revoke(connection, to_revoke.id, now)?);
        Ok(())
    });
    ended.unwrap();
    let (expired, _) = api(&|new| new.expiry = Expiry::At(world.app.now()));
    let (elsewhere, _) = api(&|new| new.addresses = "203.0.113.0/24".parse().unwrap());
    let (nothing, _) = api(&|new| new.scopes = "backups:create".parse().unwrap());
    let (reads, _) = api(&|new| new.scopes = "tokens:read".parse().unwrap());
    let unknown = TokenSecret::mint(PublicId::mint(|length| world.clock.random_base62(length)), |length| {
        world.clock.random_base62(length)
    });
    let cast: [(&str, Api, u16, &str); 9] = [
        ("nobody", world.api(), 401, "missing-token"),
        ("a stranger", world.api().with_token("lk_x"), 401, "invalid-token"),
        (
            "a guess",
            world.api().with_token(unknown.expose()),
            401,
            "invalid-token",
        ),
        (
            "a staff member's token",
            world.api().with_token(&of_staff(world)),
            401,
            "invalid-token",
        ),
        ("paused", paused, 401, "token-paused"),
        ("revoked", revoked, 401, "token-revoked"),
        ("expired", expired, 401, "token-expired"),
        ("elsewhere", elsewhere, 403, "ip-not-allowed"),
        ("a token of other things", nothing, 403, "insufficient-scope"),
    ];
    let target = mint(&world.app, account.id, |new| {
        new.scopes = "tokens:read".parse().unwrap();
    })
    .token;
    let before = head(world);
    for (method, path, body, needs) in calls(&target) {
        for (who, api, status, why) in &cast {
            let answer = call(api, method, &path, body);
            if needs.is_empty() && *why == "insufficient-scope" {
                assert_eq!(answer.status(), 200, "{method} {path} as {who}");
                continue;
            }
            assert_eq!(
                (answer.status(), code(&answer).as_str()),
                (*status, *why),
                "{method} {path} as {who}"
            );
        }
        let answer = call(&reads, method, &path, body);
        let wanted = if needs == "tokens:manage" { 403 } else { 200 };
        assert_eq!(
            answer.status(),
            wanted,
            "{method} {path} with tokens:read: {}",
            answer.text()
        );
    }
    assert_eq!(head(world), before, "nothing was changed");
    let (manages, _) = api(&|_| ());
    let wanted = [
        200, 200, 201, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 204, 204,
    ];
    for ((method, path, body, _), status) in calls(&target).into_iter().zip(wanted) {
        let answer = call(&manages, method, &path, body);
        assert_eq!(
            answer.status(),
            status,
            "{method} {path} with tokens:manage: {}",
            answer.text()
        );
    }
    suspended(world, &account, &manages, &target);
}

/// The secret of a token of an administrator, whose scopes cover what accounts have.
fn of_staff(world: &World) -> String {
    world.staff("meera", Role::Admin);
    let member = member(world, "meera");
    let caller = Caller {
        actor: Actor::from(&member),
        password_at: Some(world.clock.now()),
        ..Caller::system()
    };
    let draft = StaffDraft {
        name: "billing".parse().unwrap(),
        scopes: "accounts:read tokens:read tokens:stop".parse().unwrap(),
        addresses: "*".parse().unwrap(),
        expires_at: world.clock.now() + Duration::days(30),
    };
    match world
        .wait(staff_tokens::create(&world.app, &caller, member.id, draft, None))
        .unwrap()
    {
        Created::New(_, secret) => secret.expose().to_owned(),
        Created::Before(token) => panic!("{token:?}"),
    }
}

fn suspended(world: &World, account: &Account, api: &Api, target: &Token) {
    let caller = Caller::shell().because("The invoice is open".parse().unwrap());
    world.wait(suspend::suspend(&world.app, &caller, account.id)).unwrap();
    let before = head(world);
    for (method, path, body, _) in calls(target) {
        let answer = call(api, method, &path, body);
        assert_eq!(
            (answer.status(), code(&answer).as_str()),
            (401, "account-suspended"),
            "{method} {path}"
        );
    }
    assert_eq!(head(world), before);
}

fn nobody_reaches_what_is_somebody_elses(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let theirs = mint(&world.app, world.customer("mallory").id, |_| ()).token;
    let before = head(world);
    for id in [
        theirs.public_id.as_str(),
        "AAAAAAAA",
        "x",
        "%00",
        "..%2ftoken",
        &"A".repeat(300),
    ] {
        for (method, rest, body, _) in CALLS {
            let answer = call(&api, method, &format!("{PATH}/{id}{rest}"), body);
            assert_eq!(
                (answer.status(), code(&answer).as_str()),
                (404, "not-found"),
                "{method} {id}{rest}"
            );
        }
    }
    assert_eq!(head(world), before);
}

fn a_missing_scope_is_told_with_the_way_to_mend_it(world: &World) {
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| {
        new.scopes = "tokens:read".parse().unwrap();
    });
    let api = world.api().with_token(&minted.secret);
    let refused = api.post(PATH, &json!({})).expect(403);
    assert_eq!(
        refused.header("WWW-Authenticate"),
        Some("Bearer realm=\"panel\", error=\"insufficient_scope\", scope=\"tokens:manage\"")
    );
    let said = refused.json();
    let id = minted.token.public_id;
    assert_eq!(said["token_id"], json!(id));
    assert_eq!(
        (&said["required_scopes"], &said["missing_scopes"]),
        (&json!(["tokens:manage"]), &json!(["tokens:manage"]))
    );
    let fix = format!("/tokens/{id}/edit?add=tokens:manage");
    assert!(said["fix_url"].as_str().unwrap().ends_with(&fix), "{}", said["fix_url"]);
}

fn an_outgoing_secret_manages_nothing(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let minted = mint(&world.app, account.id, |new| {
        new.scopes = "tokens:manage".parse().unwrap();
    });
    let rotate = format!("{}/rotate", path(&minted.token));
    send(&api, ("POST", &rotate), "*", &json!({"overlap": "day"})).expect(200);
    let old = world.api().with_token(&minted.secret);
    let target = mint(&world.app, account.id, |_| ()).token;
    let before = head(world);
    for (method, path, body, needs) in calls(&target) {
        let answer = call(&old, method, &path, body);
        if needs == "tokens:manage" {
            assert_eq!(
                (answer.status(), code(&answer).as_str()),
                (403, "outgoing-secret"),
                "{method} {path}"
            );
        } else {
            assert_eq!(answer.status(), 200, "{method} {path}");
        }
    }
    assert_eq!(head(world), before);
    old.delete("/api/v1/token").expect(204);
}

fn what_lies_outside_is_told_whole(world: &World) {
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| {
        new.scopes = "tokens:manage dns:read".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "127.0.0.0/8".parse().unwrap();
        new.expiry = Expiry::At(world.app.now() + Duration::days(3));
    });
    let api = world.api().with_token(&minted.secret);
    let wide = json!({
        "name": "a", "scopes": ["files:read"], "sites": ["shop.priya.example"], "addresses": ["203.0.113.0/24"],
        "expires": {"at": "2027-01-01T00:00:00Z"},
    });
    let refused = api.post(PATH, &wide).expect(403);
    assert_eq!(code(&refused), "beyond-this-token");
    let members = ["/scopes", "/sites", "/addresses", "/expires"];
    assert_eq!(
        errors(&refused),
        members.map(|member| (member.to_owned(), "beyond-this-token".to_owned()))
    );
    let said = refused.json();
    let detail = said["detail"].as_str().unwrap();
    for word in [
        "files:read",
        "shop.priya.example",
        "203.0.113.0/24",
        "2027-01-01T00:00:00Z",
        "2026-11-26T12:00:00Z",
    ] {
        assert!(detail.contains(word), "{word}: {detail}");
    }
    assert_eq!(said["missing_scopes"], json!(["files:read"]));
    let fix = format!(
        "/tokens/{}/edit?add=files:read&add_site=shop.priya.example",
        minted.token.public_id
    );
    assert!(said["fix_url"].as_str().unwrap().ends_with(&fix), "{}", said["fix_url"]);
    let all = json!({"name": "a", "scopes": ["*"], "sites": "all", "addresses": "any", "expires": "never"});
    let refused = api.post(PATH, &all).expect(403);
    assert_eq!((errors(&refused).len(), &refused.json()["fix_url"]), (4, &Value::Null));
}
