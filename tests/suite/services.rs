//! Service credentials: how many there may be, who may make them, and when one is recognised.

use std::sync::Barrier;

use latchkey::{
    app::{
        AppError, Caller, Rule,
        services::{self, Created, NewCredential, Unrecognised},
    },
    domain::{
        audit::{Action, NewEvent},
        permission::{Actor, Denied},
        service::{MAX_LIVE, ServiceCredential},
        staff::Role,
    },
    keyring::Keyring,
    store::{self, audit::search::Filter},
};
use time::Duration;

use crate::support::{World, mint, mint_service};

on_both!(
    a_credential_is_recognised_until_it_is_revoked,
    it_is_recognised_from_its_addresses_alone,
    neither_kind_passes_for_the_other,
    a_use_is_written_once_a_minute,
    names_are_unique_among_the_live_ones,
    eight_at_once_make_one,
    eight_at_once_keep_to_the_limit,
    eight_at_once_revoke_it_once,
    only_administrators_reach_them_and_with_the_password,
    without_its_key_nobody_is_recognised,
    the_command_line_makes_lists_and_revokes_them,
);

fn new(name: &str) -> NewCredential {
    NewCredential {
        name: name.parse().unwrap(),
        addresses: "*".parse().unwrap(),
    }
}

fn create(world: &World, caller: &Caller, name: &str, key: Option<&str>) -> Result<Created, AppError> {
    world.wait(services::create(&world.app, caller, new(name), key.map(str::to_owned)))
}

fn list(world: &World) -> Vec<ServiceCredential> {
    world.wait(services::list(&world.app, &Caller::shell())).unwrap()
}

/// The public id of whom a secret shows, from `address`.
fn recognised(world: &World, secret: &str, address: &str) -> Option<String> {
    let address = address.parse().unwrap();
    match world.wait(services::verify(&world.app, secret, address)) {
        Ok(service) => Some(service.public_id.to_string()),
        Err(Unrecognised::Nobody) => None,
        Err(Unrecognised::Unchecked(error)) => panic!("{error}"),
    }
}

/// How often `action` stands in the audit.
pub(crate) fn events(world: &World, action: Action) -> usize {
    written(world, action).len()
}

/// Every event of an action, the latest first.
pub(crate) fn written(world: &World, action: Action) -> Vec<NewEvent> {
    let filter = Filter {
        actions: vec![action],
        ..Filter::default()
    };
    let found = world
        .app
        .store
        .read_here(|connection| store::audit::search::search(connection, &filter, None, 500));
    found.unwrap().into_iter().map(|found| found.event.event).collect()
}

fn staff(world: &World, username: &str, role: Role) -> Caller {
    world.staff(username, role);
    let all = world.app.store.read_here(store::staff::list).unwrap();
    let member = all.iter().find(|member| member.username.as_str() == username).unwrap();
    Caller {
        actor: Actor::from(member),
        password_at: Some(world.clock.now()),
        ..Caller::system()
    }
}

fn a_credential_is_recognised_until_it_is_revoked(world: &World) {
    let (secret, credential) = mint_service(world, "Proxy", "*");
    let id = credential.public_id;
    assert!(secret.starts_with(&format!("lks_{id}_")) && secret.ends_with(&credential.last4));
    assert_eq!(recognised(world, &secret, "203.0.113.9"), Some(id.to_string()));
    let (other, _) = mint_service(world, "Another", "*");
    // Well formed, with the id of one and the secret of the other.
    let foreign = latchkey::domain::secret::ServiceSecret::mint(id, |_| other[13..45].to_owned());
    for wrong in ["", "lks_", &secret[..50], &format!("{secret}0"), foreign.expose()] {
        assert_eq!(recognised(world, wrong, "203.0.113.9"), None, "{wrong}");
    }
    let second = world.join();
    world.wait(services::revoke(&second.app, &Caller::shell(), id)).unwrap();
    assert_eq!(recognised(world, &secret, "203.0.113.9"), None);
    assert!(list(world).iter().all(|credential| credential.public_id != id));
    let again = world.wait(services::revoke(&world.app, &Caller::shell(), id));
    assert!(matches!(again, Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_))));
}

fn it_is_recognised_from_its_addresses_alone(world: &World) {
    let (secret, credential) = mint_service(world, "Proxy", "10.0.0.0/24 2001:db8::1");
    for (address, expected) in [
        ("10.0.0.9", true),
        ("::ffff:10.0.0.9", true),
        ("2001:db8::1", true),
        ("10.0.1.9", false),
        ("2001:db8::2", false),
    ] {
        let found = recognised(world, &secret, address);
        assert_eq!(found.is_some(), expected, "{address}");
    }
    world.wait(world.app.services.flush(&world.app)).unwrap();
    let last = list(world)[0].last_use.unwrap();
    assert_eq!(
        (credential.last_use, last.from.to_string()),
        (None, "2001:db8::1".to_owned())
    );
}

fn neither_kind_passes_for_the_other(world: &World) {
    let (service, _) = mint_service(world, "Proxy", "*");
    let token = mint(&world.app, world.customer("priya").id, |_| ()).secret;
    assert_eq!(recognised(world, &token, "127.0.0.1"), None);
    assert_eq!(recognised(world, &token.replacen("lk_", "lks_", 1), "127.0.0.1"), None);
    world.api().with_token(&service).get("/api/v1/token").expect(401);
    let dressed = service.replacen("lks_", "lk_", 1);
    world.api().with_token(&dressed).get("/api/v1/token").expect(401);
}

fn a_use_is_written_once_a_minute(world: &World) {
    let (secret, _) = mint_service(world, "Proxy", "*");
    let used = |from: &str| {
        assert!(recognised(world, &secret, from).is_some());
        world.wait(world.app.services.flush(&world.app)).unwrap();
        let last = list(world)[0].last_use.unwrap();
        (last.at, last.from.to_string())
    };
    let start = world.clock.now();
    assert_eq!(used("203.0.113.1"), (start, "203.0.113.1".to_owned()));
    world.clock.advance(Duration::seconds(59));
    assert_eq!(used("203.0.113.2"), (start, "203.0.113.1".to_owned()));
    world.clock.advance(Duration::seconds(1));
    assert_eq!(used("203.0.113.3"), (world.clock.now(), "203.0.113.3".to_owned()));
}

fn names_are_unique_among_the_live_ones(world: &World) {
    let (_, first) = mint_service(world, "Proxy", "*");
    let taken = create(world, &Caller::shell(), "PROXY", None).unwrap_err();
    assert!(matches!(taken, AppError::Rule(rule) if matches!(*rule, Rule::NameTaken)));
    world
        .wait(services::revoke(&world.app, &Caller::shell(), first.public_id))
        .unwrap();
    assert!(matches!(
        create(world, &Caller::shell(), "proxy", None),
        Ok(Created::New(..))
    ));
}

/// What eight threads made of `work`, each told its number.
pub(crate) fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let gate = Barrier::new(8);
    std::thread::scope(|scope| {
        let (work, gate) = (&work, &gate);
        let one = |number| {
            scope.spawn(move || {
                gate.wait();
                work(number)
            })
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn eight_at_once_make_one(world: &World) {
    let made = at_once(|_| create(world, &Caller::shell(), "Proxy", Some("the same form")).unwrap());
    let new = made.iter().filter(|made| matches!(made, Created::New(..))).count();
    let events = events(world, Action::ServiceCredentialCreated);
    assert_eq!((new, list(world).len(), events), (1, 1, 1));
    let ids = made.iter().map(|made| match made {
        Created::New(credential, _) | Created::Before(credential) => credential.public_id,
    });
    assert_eq!(ids.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

fn eight_at_once_keep_to_the_limit(world: &World) {
    for number in 0..MAX_LIVE - 3 {
        mint_service(world, &format!("Proxy {number}"), "*");
    }
    let made = at_once(|number| create(world, &Caller::shell(), &format!("Late {number}"), None));
    let stored = made.iter().filter(|made| made.is_ok()).count();
    assert_eq!(stored, 3);
    for refused in made.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, AppError::Rule(rule) if matches!(*rule, Rule::TooManyServices { limit: MAX_LIVE })));
    }
}

fn eight_at_once_revoke_it_once(world: &World) {
    let (_, credential) = mint_service(world, "Proxy", "*");
    let done = at_once(|_| world.wait(services::revoke(&world.app, &Caller::shell(), credential.public_id)));
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(events(world, Action::ServiceCredentialRevoked), 1);
}

fn only_administrators_reach_them_and_with_the_password(world: &World) {
    let (admin, support) = (staff(world, "meera", Role::Admin), staff(world, "asha", Role::Support));
    let (_, credential) = mint_service(world, "Proxy", "*");
    let customer = Caller {
        actor: Actor::from(&world.customer("priya")),
        ..support.clone()
    };
    for caller in [&support, &customer] {
        let denied = |error: AppError| assert!(matches!(error, AppError::Denied(Denied::Role)), "{error}");
        denied(world.wait(services::list(&world.app, caller)).unwrap_err());
        denied(create(world, caller, "Other", None).unwrap_err());
        denied(
            world
                .wait(services::revoke(&world.app, caller, credential.public_id))
                .unwrap_err(),
        );
    }
    world.clock.advance(Duration::minutes(11));
    let stale = create(world, &admin, "Other", None).unwrap_err();
    assert!(matches!(stale, AppError::PasswordNeeded), "{stale}");
    assert_eq!(list(world).len(), 1);
    world
        .wait(services::revoke(&world.app, &admin, credential.public_id))
        .unwrap();
}

fn without_its_key_nobody_is_recognised(world: &World) {
    let (secret, _) = mint_service(world, "Proxy", "*");
    let other = "other b1946ac92492d2347c6235b4d2611184f2a9c0d76e35b8f01a4c7d2e95b6083f 2026-07-01T12:00:00Z";
    world.app.replace_keyring(Keyring::from_text(other).unwrap());
    let address = "127.0.0.1".parse().unwrap();
    let unchecked = world.wait(services::verify(&world.app, &secret, address));
    assert!(
        matches!(unchecked, Err(Unrecognised::Unchecked(AppError::Key(_)))),
        "{unchecked:?}"
    );
    let missing = latchkey::app::upkeep::missing_keys(&world.app).unwrap();
    assert_eq!(missing.len(), 1);
}

fn the_command_line_makes_lists_and_revokes_them(world: &World) {
    let run = |arguments: &[&str]| {
        let output = world.latchkey(&[&["service"], arguments].concat(), "");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (_, made, _) = run(&["create", "edge-1", "--address", "203.0.113.7", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!(recognised(world, secret, "203.0.113.7").as_deref(), Some(id));
    assert_eq!(recognised(world, secret, "203.0.113.8"), None);

    let (done, _, said) = run(&["create", "EDGE-1"]);
    assert!(!done && said.contains("another one has that name"), "{said}");
    let (done, _, said) = run(&["create", "edge-2", "--address", "nowhere"]);
    assert!(!done && said.contains("nowhere is no address"), "{said}");

    let (_, listed, _) = run(&["list"]);
    assert!(listed.contains(id) && listed.contains("203.0.113.7"), "{listed}");
    let (_, as_json, _) = run(&["list", "--json"]);
    assert!(!(listed + &as_json).contains(secret), "nothing keeps the secret");

    assert!(run(&["revoke", id]).0);
    assert_eq!(recognised(world, secret, "203.0.113.7"), None);
    let (done, _, said) = run(&["revoke", id]);
    assert!(!done && said.contains("revoked already"), "{said}");
    assert_eq!(run(&["list", "--json"]).1, "[]\n");
}
