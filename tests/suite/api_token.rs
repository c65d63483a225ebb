//! `/api/v1/token`: what a token says of itself, its end, and every way to be refused.

use latchkey::{
    domain::{
        audit::Action,
        id::TokenId,
        secret::{PublicId, TokenSecret},
        token::{Expiry, PausedBy},
    },
    store::{
        self, StoreError, audit,
        tokens::{self, Outgoing},
    },
};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Minted, Request, World, mint};

on_both!(
    a_token_says_what_it_is_and_may_do,
    what_the_plan_excludes_is_told_apart,
    whoever_has_no_token_is_challenged,
    a_token_is_read_from_one_header_alone,
    strangers_get_one_answer,
    the_holder_learns_why_it_is_refused,
    an_address_outside_the_list_is_refused,
    both_secrets_of_a_rotation_work_until_the_overlap_ends,
    a_token_ends_itself,
    other_methods_and_paths_are_problems,
);

const PATH: &str = "/api/v1/token";

fn minted(world: &World) -> Minted {
    mint(&world.app, world.customer("priya").id, |_| ())
}

/// The problem that a call with that secret is answered with.
#[track_caller]
fn problem(world: &World, secret: &str, status: u16) -> (Value, Option<String>) {
    let answer = world.api().with_token(secret).get(PATH).expect(status);
    assert_eq!(answer.header("Content-Type"), Some("application/problem+json"));
    let challenge = answer.header("WWW-Authenticate").map(str::to_owned);
    (answer.json(), challenge)
}

fn code(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().rsplit('/').next().unwrap()
}

fn a_token_says_what_it_is_and_may_do(world: &World) {
    let account = world.customer("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |new| {
        new.name = "Nightly backup".parse().unwrap();
        new.description = "Runs on the backup server".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "127.0.0.0/8 203.0.113.7".parse().unwrap();
    });
    let answer = world.api().with_token(&secret).get(PATH).expect(200);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("Set-Cookie"), None);
    assert_eq!(
        answer.json(),
        json!({
            "id": token.public_id,
            "name": "Nightly backup",
            "description": "Runs on the backup server",
            "account": { "id": account.public_id, "username": "priya" },
            "status": "active",
            "scopes": {
                "granted": ["backups:create"],
                "effective": [
                    { "scope": "backups:create", "can": "create backups", "risk": "low" },
                    { "scope": "backups:read", "can": "see backups", "risk": "low" },
                ],
                "not_in_plan": [],
            },
            "sites": { "all": false, "names": ["priya.example"] },
            "addresses": { "any": false, "ranges": ["127.0.0.0/8", "203.0.113.7"] },
            "created_at": "2026-11-23T12:00:00Z",
            "expires_at": "2027-02-21T12:00:00Z",
            "last_used": null,
            "secret": {
                "generation": "current",
                "last4": token.last4,
                "issued_at": "2026-11-23T12:00:00Z",
                "valid_until": "2027-02-21T12:00:00Z",
            },
            "now": "2026-11-23T12:00:00Z",
        })
    );
}

fn what_the_plan_excludes_is_told_apart(world: &World) {
    let account = world.customer("priya");
    let narrow: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "backups:read files:read".parse().unwrap();
        store::plans::put(connection, &plan)
    });
    narrow.unwrap();
    let Minted { secret, .. } = mint(&world.app, account.id, |new| new.expiry = Expiry::Never);
    let said = world.api().with_token(&secret).get(PATH).expect(200).json();
    assert_eq!(said["scopes"]["not_in_plan"], json!(["backups:create"]));
    assert_eq!(said["scopes"]["effective"][0]["scope"], "backups:read");
    assert_eq!(
        (&said["expires_at"], &said["secret"]["valid_until"]),
        (&Value::Null, &Value::Null)
    );
    let full = mint(&world.app, account.id, |new| new.scopes = "*".parse().unwrap());
    let said = world.api().with_token(&full.secret).get(PATH).expect(200).json();
    assert_eq!(said["scopes"]["granted"], json!(["*"]));
    assert_eq!(said["scopes"]["effective"].as_array().unwrap().len(), 2);
}

fn whoever_has_no_token_is_challenged(world: &World) {
    let answer = world.api().get(PATH).expect(401);
    assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer realm=\"panel\""));
    let said = answer.json();
    assert_eq!((code(&said), &said["status"]), ("missing-token", &json!(401)));
    assert_eq!(said["token_id"], Value::Null);
    assert_eq!(said["required_scopes"], json!([]));
    let basic = world
        .api()
        .request("GET", PATH)
        .header("Authorization", "Basic cHJpeWE6eA==");
    assert_eq!(code(&world.api().send(&basic).expect(401).json()), "missing-token");
}

fn a_token_is_read_from_one_header_alone(world: &World) {
    let Minted { secret, .. } = minted(world);
    let api = world.api();
    let asked = |request: Request, status| code(&api.send(&request).expect(status).json()).to_owned();
    let query = api.request("GET", &format!("{PATH}?access_token={secret}"));
    assert_eq!(asked(query.clone(), 400), "invalid-request");
    let both = query.header("Authorization", &format!("Bearer {secret}"));
    assert_eq!(asked(both, 400), "invalid-request");
    let form = api.request("GET", PATH);
    let form = form.body("application/x-www-form-urlencoded", format!("access_token={secret}"));
    assert_eq!(asked(form, 401), "missing-token");
    let cookie = api
        .request("GET", PATH)
        .header("Cookie", &format!("latchkey-session={secret}"));
    assert_eq!(asked(cookie, 401), "missing-token");
    let twice = format!("Bearer {secret}\r\nAuthorization: Bearer {secret}");
    let answer = api
        .send(&api.request("GET", PATH).header("Authorization", &twice))
        .expect(400);
    assert_eq!(
        answer.header("WWW-Authenticate"),
        Some(
            "Bearer realm=\"panel\", error=\"invalid_request\", error_description=\"The token was not sent as it must be\""
        )
    );
    for scheme in ["bearer", "BEARER"] {
        let request = api
            .request("GET", PATH)
            .header("Authorization", &format!("{scheme} {secret}"));
        api.send(&request).expect(200);
    }
}

fn strangers_get_one_answer(world: &World) {
    let Minted { secret, token } = minted(world);
    let other = |id: PublicId, letter: &str| TokenSecret::mint(id, |length| letter.repeat(length));
    let wrong = other(token.public_id, "x");
    let unknown = other("00000000".parse().unwrap(), "x");
    let mistyped = format!("{}!", &secret[..secret.len() - 1]).replace('!', "0");
    let answers: Vec<(Value, Option<String>)> = [wrong.expose(), unknown.expose(), &mistyped, "lk_x", "a.b.c"]
        .into_iter()
        .map(|presented| {
            let (mut said, challenge) = problem(world, presented, 401);
            assert!(said["instance"].take().as_str().unwrap().starts_with("urn:request:"));
            (said, challenge)
        })
        .collect();
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");
    let (said, challenge) = &answers[0];
    assert_eq!((code(said), &said["token_id"]), ("invalid-token", &Value::Null));
    assert_eq!(
        challenge.as_deref(),
        Some("Bearer realm=\"panel\", error=\"invalid_token\", error_description=\"The token is not valid\"")
    );
}

fn the_holder_learns_why_it_is_refused(world: &World) {
    let account = world.customer("priya");
    let app = &world.app;
    let soon = Expiry::At(world.clock.now() + Duration::minutes(5));
    let expired = mint(app, account.id, |new| new.expiry = soon);
    let [paused, revoked] = [(); 2].map(|()| mint(app, account.id, |_| ()));
    world.clock.advance(Duration::minutes(5));
    let now = world.clock.now();
    let change: Result<(), StoreError> = app.store.write_here(|connection| {
        assert!(tokens::pause(connection, paused.token.id, PausedBy::Staff, now)?);
        assert!(tokens::revoke(connection, revoked.token.id, now)?);
        Ok(())
    });
    change.unwrap();
    for (minted, expected, fix) in [
        (&expired, "token-expired", Some("/renew")),
        (&paused, "token-paused", Some("")),
        (&revoked, "token-revoked", None),
    ] {
        let (said, challenge) = problem(world, &minted.secret, 401);
        assert_eq!(code(&said), expected);
        assert!(
            challenge
                .unwrap()
                .contains("error=\"invalid_token\", error_description=\"The token ")
        );
        let id = minted.token.public_id;
        assert_eq!(said["token_id"], json!(id));
        assert!(
            said["detail"].as_str().unwrap().contains(&format!("(lk_{id})")),
            "{said}"
        );
        let page = fix.map(|rest| format!("{}/tokens/{id}{rest}", app.settings.public_url.as_str()));
        assert_eq!(said["fix_url"], json!(page));
    }
    let live = mint(app, account.id, |_| ());
    let suspend = |suspension| {
        let done: Result<_, StoreError> = app
            .store
            .write_here(|connection| store::accounts::put_suspension(connection, account.id, suspension));
        assert!(done.unwrap());
    };
    suspend(Some((now, "unpaid")));
    assert_eq!(code(&problem(world, &live.secret, 401).0), "account-suspended");
    assert_eq!(code(&problem(world, &revoked.secret, 401).0), "token-revoked");
    suspend(None);
    world.api().with_token(&live.secret).get(PATH).expect(200);
}

fn an_address_outside_the_list_is_refused(world: &World) {
    let account = world.customer("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |new| {
        new.addresses = "203.0.113.0/24".parse().unwrap();
    });
    let (said, challenge) = problem(world, &secret, 403);
    assert_eq!((code(&said), challenge), ("ip-not-allowed", None));
    assert_eq!(said["token_id"], json!(token.public_id));
    assert!(
        said["detail"]
            .as_str()
            .unwrap()
            .ends_with("may not be used from 127.0.0.1."),
        "{said}"
    );
    let api = world.api().with_token(&secret);
    api.clone().at_address("203.0.113.9").get(PATH).expect(200);
    api.at_address("198.51.100.7").get(PATH).expect(403);
}

fn both_secrets_of_a_rotation_work_until_the_overlap_ends(world: &World) {
    let Minted { secret: old, token } = minted(world);
    let new = rotate(world, token.id, token.public_id, Duration::hours(1));
    let said = |secret: &str| world.api().with_token(secret).get(PATH).expect(200).json();
    assert_eq!(said(&new)["secret"]["generation"], "current");
    let outgoing = said(&old);
    assert_eq!(outgoing["secret"]["generation"], "outgoing");
    assert_eq!(outgoing["secret"]["valid_until"], "2026-11-23T13:00:00Z");
    assert_eq!(outgoing["status"], "replaced");
    world.clock.advance(Duration::hours(1));
    let (refused, _) = problem(world, &old, 401);
    assert_eq!(code(&refused), "secret-replaced");
    assert_eq!(said(&new)["status"], "active");
}

/// Gives a token that was never changed a new secret; the old one works on for `overlap`.
pub(crate) fn rotate(world: &World, id: TokenId, public_id: PublicId, overlap: Duration) -> String {
    let secret = TokenSecret::mint(public_id, |length| world.clock.random_base62(length));
    let now = world.clock.now();
    let keyring = world.app.keyring();
    let (key, digest_key) = keyring.current();
    let new = Outgoing {
        digest: latchkey::domain::secret::digest(digest_key, &secret),
        key: key.clone(),
        last4: secret.last4().to_owned(),
        at: now,
        until: now + overlap,
    };
    let rotated: Result<bool, StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::rotate(connection, id, 0, &new));
    assert!(rotated.unwrap());
    secret.expose().to_owned()
}

fn a_token_ends_itself(world: &World) {
    let Minted { secret, token } = minted(world);
    let api = world.api().with_token(&secret);
    api.delete(PATH).expect(204);
    assert_eq!(code(&api.delete(PATH).expect(401).json()), "token-revoked");
    api.get(PATH).expect(401);
    let query = audit::Query {
        actions: vec![Action::TokenRevoked],
        limit: 10,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, token.account, &query));
    let events = events.unwrap();
    assert_eq!(events.len(), 1);
    let event = &events[0].event;
    assert_eq!(
        (event.actor.kind.as_str(), &event.actor.id),
        ("token", &event.target.id)
    );
    assert_eq!(event.address.as_deref(), Some("127.0.0.1"));
    assert_eq!(event.browser.as_deref(), Some("curl/8.5.0"));
}

fn other_methods_and_paths_are_problems(world: &World) {
    let answer = world.api().post(PATH, &json!({})).expect(405);
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, DELETE"));
    assert_eq!(code(&answer.json()), "method-not-allowed");
    for path in ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/token"] {
        let answer = world.api().get(path).expect(404);
        assert_eq!(code(&answer.json()), "not-found");
        assert_eq!(answer.header("Set-Cookie"), None, "{path}");
    }
}
