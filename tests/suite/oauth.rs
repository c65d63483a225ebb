//! `/oauth/introspect` and `/oauth/revoke`: who may ask, what is told, and that nothing else is.

mod revoke;

use base64::{Engine, engine::general_purpose::STANDARD};
use latchkey::{
    app::{Caller, services},
    domain::token::{Expiry, PausedBy},
    store::{self, StoreError, tokens},
};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{Answer, Minted, World, mint, mint_service};

on_both!(
    a_service_learns_what_a_token_is_and_may_do,
    what_it_may_really_do_is_told,
    a_site_that_is_the_accounts_no_longer_is_not_told,
    whatever_does_not_work_is_inactive_and_nothing_else,
    both_secrets_of_a_rotation_are_active_until_the_overlap_ends,
    asking_is_no_use_of_the_token,
    whoever_has_no_credential_is_challenged,
    a_credential_is_shown_in_two_ways,
    what_is_not_as_it_must_be_is_told,
    the_document_says_where_the_endpoints_are,
);

const PATH: &str = "/oauth/introspect";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Asks about `token` with `service`.
fn ask(world: &World, service: &str, token: &str) -> Answer {
    let api = world.api().with_token(service);
    api.send(&api.request("POST", PATH).body(FORM, format!("token={token}")))
}

#[track_caller]
fn told(world: &World, service: &str, token: &str) -> Value {
    let answer = ask(world, service, token).expect(200);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("Set-Cookie"), None);
    answer.json()
}

/// The secret of a service credential that may be used from anywhere.
fn service(world: &World) -> String {
    mint_service(world, "Proxy", "*").0
}

fn write(world: &World, change: impl FnOnce(&mut store::DbConnection) -> Result<bool, StoreError>) {
    assert!(world.app.store.write_here(change).unwrap());
}

fn a_service_learns_what_a_token_is_and_may_do(world: &World) {
    let (account, service) = (world.customer("priya"), service(world));
    let minted = mint(&world.app, account.id, |new| {
        new.name = "Nightly backup".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "203.0.113.7 2001:db8::/32".parse().unwrap();
    });
    world.clock.advance(Duration::hours(1));
    assert_eq!(
        told(world, &service, &minted.secret),
        json!({
            "active": true,
            "scope": "backups:create backups:read",
            "client_id": minted.token.public_id,
            "username": "priya",
            "token_type": "Bearer",
            "exp": 1_803_211_200,
            "iat": 1_795_435_200,
            "nbf": 1_795_435_200,
            "sub": account.public_id,
            "iss": world.app.settings.public_url.as_str(),
            "jti": minted.token.public_id,
            "token_name": "Nightly backup",
            "sites": { "all": false, "names": ["priya.example"] },
            "addresses": { "any": false, "ranges": ["203.0.113.7", "2001:db8::/32"] },
        })
    );
}

fn what_it_may_really_do_is_told(world: &World) {
    let (account, service) = (world.customer("priya"), service(world));
    let narrow: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "backups:read files:read".parse().unwrap();
        store::plans::put(connection, &plan)
    });
    narrow.unwrap();
    let full = mint(&world.app, account.id, |new| {
        new.scopes = "*".parse().unwrap();
        new.expiry = Expiry::Never;
    });
    let said = told(world, &service, &full.secret);
    assert_eq!(said["scope"], "backups:read files:read");
    assert!(said.get("exp").is_none(), "{said}");
    let sites = json!({ "all": true, "names": ["priya.example", "shop.priya.example"] });
    assert_eq!(
        (&said["sites"], &said["addresses"]),
        (&sites, &json!({ "any": true, "ranges": [] }))
    );
    let creates = mint(&world.app, account.id, |new| new.scopes = "dns:change".parse().unwrap());
    assert_eq!(told(world, &service, &creates.secret)["scope"], "");
}

fn a_site_that_is_the_accounts_no_longer_is_not_told(world: &World) {
    let (account, service) = (world.customer("priya"), service(world));
    let minted = mint(&world.app, account.id, |new| {
        new.sites = "elsewhere.example priya.example".parse().unwrap();
    });
    assert_eq!(
        told(world, &service, &minted.secret)["sites"]["names"],
        json!(["priya.example"])
    );
}

fn whatever_does_not_work_is_inactive_and_nothing_else(world: &World) {
    let (account, service) = (world.customer("priya"), service(world));
    let (app, now) = (&world.app, world.clock.now());
    let made = || mint(app, account.id, |_| ());
    let soon = Expiry::At(now + Duration::minutes(1));
    let expired = mint(app, account.id, |new| new.expiry = soon);
    let (paused, revoked, live) = (made(), made(), made());
    write(world, |connection| {
        tokens::pause(connection, paused.token.id, PausedBy::Owner, now)
    });
    write(world, |connection| tokens::revoke(connection, revoked.token.id, now));
    let suspended = mint(app, world.customer("lena").id, |_| ());
    write(world, |connection| {
        store::accounts::put_suspension(connection, suspended.token.account, Some((now, "unpaid")))
    });
    world.clock.advance(Duration::minutes(1));
    let wrong = latchkey::domain::secret::TokenSecret::mint(live.token.public_id, |length| "x".repeat(length));
    for token in [
        "lk_x",
        "nothing",
        &live.secret[..49],
        wrong.expose(),
        &expired.secret,
        &paused.secret,
        &revoked.secret,
        &suspended.secret,
        &service,
    ] {
        let answer = ask(world, &service, token).expect(200);
        assert_eq!(answer.json(), json!({ "active": false }), "{token}");
        assert_eq!(answer.header("Content-Length"), Some("16"));
    }
    assert_eq!(told(world, &service, &live.secret)["active"], true);
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")))
    });
    assert_eq!(told(world, &service, &live.secret), json!({ "active": false }));
}

fn both_secrets_of_a_rotation_are_active_until_the_overlap_ends(world: &World) {
    let service = service(world);
    let Minted { secret: old, token } = mint(&world.app, world.customer("priya").id, |_| ());
    let new = crate::api_token::rotate(world, token.id, token.public_id, Duration::hours(1));
    let ends = (world.clock.now() + Duration::hours(1)).assume_utc().unix_timestamp();
    assert_eq!(told(world, &service, &old)["exp"], json!(ends));
    assert_eq!(told(world, &service, &new)["exp"], 1_803_211_200);
    world.clock.advance(Duration::hours(1));
    assert_eq!(told(world, &service, &old), json!({ "active": false }));
    assert_eq!(told(world, &service, &new)["active"], true);
}

fn asking_is_no_use_of_the_token(world: &World) {
    let service = service(world);
    let minted = mint(&world.app, world.customer("priya").id, |new| {
        new.addresses = "203.0.113.7".parse().unwrap();
    });
    for token in [&minted.secret, "lk_x"] {
        ask(world, &service, token).expect(200);
    }
    assert_eq!(world.wait(world.app.usage.flush(&world.app)).unwrap(), 0);
    let token = &minted.token;
    let stored = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    let stored = stored.unwrap().unwrap();
    assert!(stored.last_use.is_none() && stored.secret_use.is_none() && stored.revision == token.revision);
}

fn whoever_has_no_credential_is_challenged(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).secret;
    let (good, credential) = mint_service(world, "Proxy", "*");
    let (elsewhere, _) = mint_service(world, "Elsewhere", "203.0.113.0/24");
    let api = world.api();
    let asked = |authorization: Option<&str>| {
        let request = api.request("POST", PATH).body(FORM, format!("token={token}"));
        let request = match authorization {
            Some(line) => request.header("Authorization", line),
            None => request,
        };
        let answer = api.send(&request).expect(401);
        assert_eq!(answer.json()["error"], "invalid_client", "{authorization:?}");
        answer.header("WWW-Authenticate").unwrap().to_owned()
    };
    assert_eq!(asked(None), "Bearer realm=\"services\"");
    assert_eq!(asked(Some("Digest a=b")), "Bearer realm=\"services\"");
    let id = credential.public_id;
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for line in [
        basic(&format!("{id}:{token}")),
        basic(&format!("priya:{good}")),
        basic("a:b"),
    ] {
        assert_eq!(asked(Some(&line)), "Basic realm=\"services\", charset=\"UTF-8\"");
    }
    let wrong = "Bearer realm=\"services\", error=\"invalid_token\"";
    for secret in [&token, &elsewhere, "lks_x", ""] {
        assert_eq!(asked(Some(&format!("Bearer {secret}"))), wrong);
    }
    ask(world, &good, &token).expect(200);
    let there = world.api().with_token(&elsewhere).at_address("203.0.113.9");
    there
        .send(&there.request("POST", PATH).body(FORM, format!("token={token}")))
        .expect(200);
    world.wait(services::revoke(&world.app, &Caller::shell(), id)).unwrap();
    assert_eq!(asked(Some(&format!("Bearer {good}"))), wrong);
}

fn a_credential_is_shown_in_two_ways(world: &World) {
    let token = mint(&world.app, world.customer("priya").id, |_| ()).secret;
    let (secret, credential) = mint_service(world, "Proxy", "*");
    let basic = STANDARD.encode(format!("{}:{secret}", credential.public_id));
    let api = world.api();
    for line in [format!("Basic {basic}"), format!("bearer {secret}")] {
        let request = api.request("POST", PATH).header("Authorization", &line);
        let answer = api.send(&request.body(FORM, format!("token={token}&token_type_hint=access_token")));
        assert_eq!(answer.expect(200).json()["active"], true);
    }
}

fn what_is_not_as_it_must_be_is_told(world: &World) {
    let (service, api) = (service(world), world.api());
    let api = api.with_token(&service);
    let refused = |request| {
        let answer = api.send(&request).expect(400);
        let said = answer.json();
        assert_eq!(said["error"], "invalid_request");
        said["error_description"].as_str().unwrap().to_owned()
    };
    let post = |body: &str| api.request("POST", PATH).body(FORM, body.to_owned());
    for body in ["", "token=", "Token=lk_x"] {
        assert_eq!(refused(post(body)), "Send the token as the parameter token.");
    }
    assert_eq!(refused(post("token=lk_x&token=lk_x")), "Send each parameter once.");
    let long = format!("token=lk_x&more={}", "x".repeat(17_000));
    assert_eq!(refused(post(&long)), "A body has at most 16384 bytes.");
    let kind = "Send the parameters as application/x-www-form-urlencoded.";
    assert_eq!(
        refused(
            api.request("POST", PATH)
                .body("application/json", "{\"token\":\"lk_x\"}")
        ),
        kind
    );
    assert_eq!(refused(api.request("POST", PATH)), kind);
    let query = api
        .request("POST", &format!("{PATH}?token=lk_x"))
        .body(FORM, "token=lk_x");
    assert_eq!(
        refused(query),
        "Send the parameters in the body and none in the address."
    );
    let twice = format!("Bearer {service}\r\nAuthorization: Bearer {service}");
    let twice = world.api().request("POST", PATH).header("Authorization", &twice);
    assert_eq!(
        refused(twice.body(FORM, "token=lk_x")),
        "Send one Authorization header."
    );
    let answer = api.get(PATH).expect(405);
    assert_eq!(answer.header("Allow"), Some("POST"));
    answer.json();
}

fn the_document_says_where_the_endpoints_are(world: &World) {
    let said = world
        .api()
        .get("/.well-known/oauth-authorization-server")
        .expect(200)
        .json();
    let url = world.app.settings.public_url.as_str();
    assert_eq!(said["issuer"], url);
    assert_eq!(said["introspection_endpoint"], format!("{url}{PATH}"));
    assert_eq!(said["revocation_endpoint"], format!("{url}/oauth/revoke"));
    assert_eq!(said["grant_types_supported"], json!([]));
}
