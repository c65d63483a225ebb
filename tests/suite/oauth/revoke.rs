//! `/oauth/revoke`: to have the secret is all that it takes, and nobody learns whether there was such a token.

use std::sync::Barrier;

use latchkey::{
    domain::{
        audit::Action,
        secret::TokenSecret,
        token::{PausedBy, Token},
    },
    settings,
    store::{self, audit, tokens},
};
use time::Duration;

use super::{FORM, write};
use crate::support::{Answer, Api, Database, Gate, Minted, World, mint, mint_service};

on_both!(
    a_token_is_ended_by_whoever_has_it,
    nobody_learns_whether_there_was_such_a_token,
    whatever_state_it_is_in_it_is_ended,
    either_secret_of_a_rotation_ends_all_of_it,
    eight_at_once_end_it_once,
    too_many_from_one_place_wait,
    what_cannot_be_ended_is_told,
);

const PATH: &str = "/oauth/revoke";

fn send(api: &Api, token: &str) -> Answer {
    api.send(
        &api.request("POST", PATH)
            .body(FORM, format!("token={token}&token_type_hint=refresh_token")),
    )
}

fn stored(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn revocations(world: &World, token: &Token) -> Vec<latchkey::domain::audit::Event> {
    let query = audit::Query {
        actions: vec![Action::TokenRevoked],
        limit: 50,
        ..audit::Query::default()
    };
    let events = world
        .app
        .store
        .read_here(|connection| audit::list(connection, token.account, &query))
        .unwrap();
    let of = |event: &latchkey::domain::audit::Event| event.event.target.id == token.public_id.as_str();
    events.into_iter().filter(of).collect()
}

fn a_token_is_ended_by_whoever_has_it(world: &World) {
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |new| {
        new.addresses = "203.0.113.7".parse().unwrap();
    });
    let answer = send(&world.api(), &secret).expect(200);
    assert_eq!(
        (answer.header("Set-Cookie"), answer.header("Cache-Control")),
        (None, Some("no-store"))
    );
    assert_eq!(answer.header("Content-Length"), Some("0"));
    assert!(stored(world, &token).is_revoked());
    let events = revocations(world, &token);
    let event = &events[0].event;
    assert_eq!(
        (events.len(), event.actor.kind.as_str(), &event.actor.id),
        (1, "token", &event.target.id)
    );
    assert_eq!(event.address.as_deref(), Some("127.0.0.1"));
    world
        .api()
        .with_token(&secret)
        .at_address("203.0.113.7")
        .get("/api/v1/token")
        .expect(401);
    send(&world.api(), &secret).expect(200);
    assert_eq!(revocations(world, &token).len(), 1);
}

fn nobody_learns_whether_there_was_such_a_token(world: &World) {
    let live = mint(&world.app, world.customer("priya").id, |_| ());
    let mint_other = |id| TokenSecret::mint(id, |length| "x".repeat(length));
    let (wrong, unknown) = (
        mint_other(live.token.public_id),
        mint_other("00000000".parse().unwrap()),
    );
    let shape = |answer: Answer| {
        let header = |name| answer.header(name).map(str::to_owned);
        (
            answer.status(),
            header("Content-Length"),
            header("Content-Type"),
            header("Cache-Control"),
        )
    };
    let answers: Vec<_> = ["lk_x", wrong.expose(), unknown.expose(), &live.secret[..49]]
        .map(|presented| shape(send(&world.api(), presented)))
        .into();
    assert!(!stored(world, &live.token).is_revoked());
    let real = shape(send(&world.api(), &live.secret));
    assert!(answers.iter().all(|answer| *answer == real), "{answers:?} {real:?}");
    assert!(stored(world, &live.token).is_revoked());
}

fn whatever_state_it_is_in_it_is_ended(world: &World) {
    let (account, now) = (world.customer("priya"), world.clock.now());
    let paused = mint(&world.app, account.id, |_| ());
    write(world, |connection| {
        tokens::pause(connection, paused.token.id, PausedBy::Owner, now)
    });
    let blocked = mint(&world.app, account.id, |_| ());
    write(world, |connection| {
        store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")))
    });
    for minted in [&paused, &blocked] {
        send(&world.api(), &minted.secret).expect(200);
        assert!(stored(world, &minted.token).is_revoked());
    }
}

fn either_secret_of_a_rotation_ends_all_of_it(world: &World) {
    let account = world.customer("priya");
    let made = || mint(&world.app, account.id, |_| ());
    let (first, second, third) = (made(), made(), made());
    let rotated = |minted: &Minted| {
        let token = &minted.token;
        crate::api_token::rotate(world, token.id, token.public_id, Duration::hours(1))
    };
    let (_, new, _) = (rotated(&first), rotated(&second), rotated(&third));
    send(&world.api(), &first.secret).expect(200);
    send(&world.api(), &new).expect(200);
    assert!(stored(world, &first.token).is_revoked() && stored(world, &second.token).is_revoked());
    world.clock.advance(Duration::hours(1));
    send(&world.api(), &third.secret).expect(200);
    assert!(
        !stored(world, &third.token).is_revoked(),
        "a secret that works no longer ends nothing"
    );
}

fn eight_at_once_end_it_once(world: &World) {
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |_| ());
    let gate = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let api = world.api();
                gate.wait();
                send(&api, &secret).expect(200);
            });
        }
    });
    assert_eq!(revocations(world, &token).len(), 1);
}

fn too_many_from_one_place_wait(world: &World) {
    let unknown = TokenSecret::mint("00000000".parse().unwrap(), |length| "x".repeat(length));
    let live = mint(&world.app, world.customer("priya").id, |_| ());
    let here = world.api().at_address("203.0.113.7");
    for _ in 0..60 {
        send(&here, unknown.expose()).expect(200);
    }
    let refused = send(&here, &live.secret).expect(429);
    assert_eq!(refused.header("Retry-After"), Some("10"));
    assert_eq!(refused.json()["error"], "temporarily_unavailable");
    assert!(!stored(world, &live.token).is_revoked());
    // What is no token costs nothing, and others do not wait.
    send(&here, "lk_x").expect(200);
    send(&world.api().at_address("203.0.113.8"), unknown.expose()).expect(200);
    world.clock.advance(Duration::seconds(10));
    send(&here, &live.secret).expect(200);
    assert!(stored(world, &live.token).is_revoked());
}

fn what_cannot_be_ended_is_told(world: &World) {
    let (service, _) = mint_service(world, "Proxy", "*");
    let said = send(&world.api(), &service).expect(400).json();
    assert_eq!(said["error"], "unsupported_token_type");
    let api = world.api();
    let twice = api.request("POST", PATH).body(FORM, "token=lk_x&token=lk_x");
    assert_eq!(api.send(&twice).expect(400).json()["error"], "invalid_request");
    api.get(PATH).expect(405);
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_database_that_is_out_of_reach_is_no_answer() {
    let world = World::from(Database::postgres());
    let settings::Database::Postgres(url) = &world.app.settings.database else {
        panic!("the world is on PostgreSQL")
    };
    let gate = Gate::to(url.expose());
    let (service, _) = mint_service(&world, "Proxy", "*");
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |_| ());
    let second = world.join_with(&[("LATCHKEY_DATABASE", gate.url())]);
    let introspect = |api: Api| {
        let api = api.with_token(&service);
        api.send(
            &api.request("POST", "/oauth/introspect")
                .body(FORM, format!("token={secret}")),
        )
    };
    assert_eq!(introspect(second.api()).expect(200).json()["active"], true);
    gate.close();
    for answer in [introspect(second.api()), send(&second.api(), &secret)] {
        let answer = answer.expect(503);
        assert_eq!(answer.header("Retry-After"), Some("5"));
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
    }
    gate.open();
    assert!(!stored(&world, &token).is_revoked());
}
