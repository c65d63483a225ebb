//! "No": every reason at every address, as RFC 6750 and RFC 9457 want it said; from the next call on; and what cannot be
//! found out is never a "yes".

use latchkey::{
    domain::{
        draft::Draft,
        token::{Expiry, PausedBy},
    },
    keyring::Keyring,
    store::{self, tokens},
};
use serde_json::json;
use time::Duration;

use super::{BACKUPS, Heard, PROXIES, Proxy, minted, with_token, write};
use crate::support::{Minted, Request, World, mint};

on_both!(
    whoever_brings_no_token_is_asked_for_one,
    what_is_not_sent_as_it_must_is_no_token,
    strangers_get_one_answer,
    the_holder_learns_why,
    everything_that_is_missing_is_named,
    what_changes_counts_from_the_next_call_on,
    too_many_calls_are_told_when_to_come_again,
    long_refusals_fit_into_a_header,
    without_its_key_nothing_is_allowed,
);

fn ask(world: &World, secret: &str) -> [Heard; 3] {
    PROXIES.map(|proxy| proxy.ask(world, secret, "POST", BACKUPS))
}

#[track_caller]
fn all(heard: &[Heard; 3], status: u16, code: &str) {
    for heard in heard {
        assert_eq!(heard.outcome(), (status, code), "{:?}", heard.problem);
    }
}

fn whoever_brings_no_token_is_asked_for_one(world: &World) {
    for proxy in PROXIES {
        let asked = proxy.asks("POST", BACKUPS);
        for request in [
            asked.clone(),
            asked.clone().header("Authorization", "Basic bGtfeDo="),
            asked.clone().header("Authorization", "lk_EXAMPLE1"),
            asked.header("Cookie", "token=lk_EXAMPLE1_0000000000000000000000000000000019WjLP"),
        ] {
            let heard = proxy.hears(&world.api().send(&request));
            assert_eq!(heard.outcome(), (401, "missing-token"));
            assert_eq!(
                heard.challenge.as_deref(),
                Some("Bearer realm=\"panel\""),
                "without an error code"
            );
            assert_eq!(heard.problem["token_id"], json!(null));
        }
    }
}

fn what_is_not_sent_as_it_must_is_no_token(world: &World) {
    let good = format!("Bearer {}", minted(world).secret);
    for proxy in PROXIES {
        for lines in [
            &[good.as_str(), good.as_str()][..],
            &[&good, "Basic bGtfeDo="],
            &["Bearer"],
            &["Bearer a b"],
            &["Bearer \"a\""],
            &[&format!("{good}, {good}")],
        ] {
            let request = lines.iter().fold(proxy.asks("POST", BACKUPS), |request, line| {
                request.and_header("Authorization", line)
            });
            let heard = proxy.hears(&world.api().send(&request));
            assert_eq!(heard.outcome(), (400, "invalid-request"), "{proxy:?} {lines:?}");
            assert!(heard.challenge.unwrap().contains("error=\"invalid_request\""));
        }
    }
}

fn strangers_get_one_answer(world: &World) {
    let Minted { secret, token } = minted(world);
    write(world, |connection| {
        tokens::revoke(connection, token.id, token.created_at)
    });
    let mut other = secret.clone().into_bytes();
    other[20] = if other[20] == b'a' { b'b' } else { b'a' };
    let bad_checksum = String::from_utf8(other).unwrap();
    for proxy in PROXIES {
        let mut said = Vec::new();
        for text in [
            "x",
            "lk_EXAMPLE1_0000000000000000000000000000000019WjLP",
            &bad_checksum,
            &"a".repeat(3000),
        ] {
            let mut heard = proxy.ask(world, text, "POST", BACKUPS);
            assert_eq!(heard.outcome(), (401, "invalid-token"), "{text:.60}");
            heard.problem["instance"] = json!(null);
            said.push((heard.problem.to_string(), heard.challenge.clone()));
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        let challenge = said[0].1.clone().unwrap();
        assert_eq!(
            challenge,
            "Bearer realm=\"panel\", error=\"invalid_token\", error_description=\"The token is not valid\""
        );
    }
}

fn the_holder_learns_why(world: &World) {
    let account = world.customer("priya");
    let now = world.clock.now();
    let make = |change: fn(&mut store::tokens::NewToken)| mint(&world.app, account.id, change);
    let (revoked, paused, by_staff) = (make(|_| ()), make(|_| ()), make(|_| ()));
    let expired = make(|new| new.expiry = Expiry::At(new.created_at));
    let elsewhere = make(|new| new.addresses = "203.0.113.0/24".parse().unwrap());
    let other_site = make(|new| new.sites = "shop.priya.example".parse().unwrap());
    let other_scope = make(|new| new.scopes = "files:read".parse().unwrap());
    write(world, |connection| tokens::revoke(connection, revoked.token.id, now));
    write(world, |connection| {
        tokens::pause(connection, paused.token.id, PausedBy::Owner, now)
    });
    write(world, |connection| {
        tokens::pause(connection, by_staff.token.id, PausedBy::Staff, now)
    });
    let ended = |why: &str| Some(format!("error=\"invalid_token\", error_description=\"{why}\""));
    let lacks = Some("error=\"insufficient_scope\", scope=\"backups:create\"".to_owned());
    for (minted, status, code, error) in [
        (&revoked, 401, "token-revoked", ended("The token was revoked")),
        (&paused, 401, "token-paused", ended("The token is paused")),
        (&by_staff, 401, "token-paused", ended("The token is paused")),
        (&expired, 401, "token-expired", ended("The token has expired")),
        (&other_scope, 403, "insufficient-scope", lacks.clone()),
        (&other_site, 403, "site-not-allowed", lacks),
        (&elsewhere, 403, "ip-not-allowed", None),
    ] {
        let heard = ask(world, &minted.secret);
        all(&heard, status, code);
        for heard in heard {
            assert_eq!(heard.problem["token_id"], json!(minted.token.public_id));
            let wanted = error.as_ref().map(|error| format!("Bearer realm=\"panel\", {error}"));
            assert_eq!(heard.challenge, wanted);
        }
    }
    for proxy in PROXIES {
        let heard = proxy.ask(world, &other_scope.secret, "POST", "/nothing/here");
        assert_eq!(heard.outcome(), (403, "no-such-route"));
        assert_eq!(heard.challenge, None);
    }
}

fn everything_that_is_missing_is_named(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |new| {
        new.name = "deploy-ci".parse().unwrap();
        new.scopes = "files:read".parse().unwrap();
    });
    let target = "/sites/priya.example/databases/blog/backups";
    let (panel, id) = (world.app.settings.public_url.as_str(), minted.token.public_id);
    for proxy in PROXIES {
        let heard = proxy.ask(world, &minted.secret, "POST", target);
        assert_eq!(heard.outcome(), (403, "insufficient-scope"));
        let challenge = heard.challenge.clone().unwrap();
        assert!(
            challenge.ends_with("scope=\"backups:create databases:read\""),
            "{challenge}"
        );
        assert_eq!(
            heard.problem["missing_scopes"],
            json!(["backups:create", "databases:read"])
        );
        assert_eq!(heard.problem["resource"], "site:priya.example");
        let fix = format!("{panel}/tokens/{id}/edit?add=backups:create&add=databases:read");
        assert_eq!(heard.problem["fix_url"], json!(fix));
    }
}

fn what_changes_counts_from_the_next_call_on(world: &World) {
    let account = world.customer("priya");
    let soon = Expiry::At(world.clock.now() + Duration::hours(1));
    let minted = mint(&world.app, account.id, |new| new.expiry = soon);
    let (id, now) = (minted.token.id, world.clock.now());
    let yes = || all(&ask(world, &minted.secret), 200, "");
    let no = |status, code| all(&ask(world, &minted.secret), status, code);
    yes();
    write(world, |connection| tokens::pause(connection, id, PausedBy::Owner, now));
    no(401, "token-paused");
    write(world, |connection| tokens::resume(connection, id, &[PausedBy::Owner]));
    yes();
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")))
    });
    no(401, "account-suspended");
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, None)
    });
    yes();
    let narrower = Draft {
        scopes: "backups:read".parse().unwrap(),
        ..Draft::from(&minted.token)
    };
    write(world, |connection| tokens::update(connection, id, 2, &narrower));
    no(403, "insufficient-scope");
    write(world, |connection| {
        tokens::update(connection, id, 3, &Draft::from(&minted.token))
    });
    yes();
    world.clock.advance(Duration::minutes(59) + Duration::seconds(59));
    yes();
    world.clock.advance(Duration::seconds(1));
    no(401, "token-expired");
    write(world, |connection| tokens::revoke(connection, id, now));
    no(401, "token-revoked");
}

fn too_many_calls_are_told_when_to_come_again(world: &World) {
    let account = world.customer("priya");
    write(world, |connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.policy.calls_per_minute = Some(1);
        store::plans::put(connection, &plan).map(|()| true)
    });
    world.wait(latchkey::app::usage::reread_limits(&world.app)).unwrap();
    for proxy in PROXIES {
        let minted = mint(&world.app, account.id, |_| ());
        let ask = || proxy.ask(world, &minted.secret, "POST", BACKUPS);
        let heard = (0..3).map(|_| ask()).find(|heard| heard.status != 200).unwrap();
        assert_eq!(
            (heard.outcome(), heard.challenge.as_deref()),
            ((429, "rate-limited"), None)
        );
        let seconds: u64 = heard.retry_after.unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
}

fn long_refusals_fit_into_a_header(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |new| {
        new.name = "\u{1f984}".repeat(50).parse().unwrap();
        new.scopes = "dns:challenge".parse().unwrap();
    });
    let every: Vec<String> = world
        .app
        .catalogue
        .areas()
        .iter()
        .flat_map(|area| area.scopes.iter().map(|entry| entry.scope.to_string()))
        .filter(|scope| scope != "dns:challenge")
        .collect();
    for count in [1, 8, 20, every.len()] {
        let target = format!("/authz/nginx?scope={}&site=priya.example", every[..count].join("+"));
        let request = Request::new("GET", &target).header("X-Forwarded-For", super::CLIENT);
        let answer = world.api().send(&with_token(request, &minted.secret));
        let heard = Proxy::Nginx.hears(&answer);
        assert_eq!(heard.outcome(), (403, "insufficient-scope"), "{count} scopes");
    }
}

fn without_its_key_nothing_is_allowed(world: &World) {
    let minted = minted(world);
    let keys = world.app.keyring().clone();
    Keyring::open_or_create(&world.app.settings.key_file(), &world.clock).unwrap();
    world.app.reread_keys().unwrap();
    let heard = ask(world, &minted.secret);
    all(&heard, 503, "unavailable");
    assert!(heard.iter().all(|heard| heard.retry_after.is_some()));
    world.app.replace_keyring(keys);
    all(&ask(world, &minted.secret), 200, "");
}

mod outage {
    use latchkey::settings;

    use super::*;
    use crate::support::{Database, Gate};

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn without_its_database_no_proxy_is_told_yes() {
        let world = World::from(Database::postgres());
        let minted = minted(&world);
        let settings::Database::Postgres(url) = &world.app.settings.database else {
            panic!("the world is on PostgreSQL")
        };
        let gate = Gate::to(url.expose());
        let behind = world.join_with(&[("LATCHKEY_DATABASE", gate.url())]);
        let ask = |proxy: Proxy| {
            let request = with_token(proxy.asks("POST", BACKUPS), &minted.secret);
            proxy.hears(&behind.api().send(&request))
        };
        assert!(PROXIES.iter().all(|proxy| ask(*proxy).status == 200));
        gate.close();
        for proxy in PROXIES {
            let heard = ask(proxy);
            assert_eq!(
                (heard.outcome(), heard.retry_after.is_some()),
                ((503, "unavailable"), true)
            );
        }
        gate.open();
        while ask(Proxy::Nginx).status != 200 {}
    }
}
