//! Who may ask, and whose word about a client's address counts.

use latchkey::{
    app::{
        Caller,
        services::{self, Created, NewCredential},
    },
    domain::{address::AddressSet, secret::PublicId},
};
use serde_json::json;

use super::{BACKUPS, PROXIES, minted, with_token};
use crate::support::{World, mint};

on_both!(
    only_gateways_are_answered,
    a_service_credential_takes_the_place_of_an_address,
    the_clients_address_is_read_from_the_right,
);

fn only_gateways_are_answered(world: &World) {
    let minted = minted(world);
    let strict = world.join_with(&[("LATCHKEY_GATEWAYS", "192.0.2.0/24, 2001:db8::1")]);
    for proxy in PROXIES {
        let mut said = Vec::new();
        for request in [
            with_token(proxy.asks("POST", BACKUPS), &minted.secret),
            with_token(proxy.asks("POST", BACKUPS), "lk_x"),
            with_token(proxy.asks("POST", BACKUPS), &minted.secret).header("X-Forwarded-For", "192.0.2.7"),
            proxy.asks("POST", "/nothing"),
            proxy.asks("POST", BACKUPS).without("X-Forwarded-For"),
        ] {
            let mut heard = proxy.hears(&strict.api().send(&request));
            assert_eq!(heard.outcome(), (403, "unknown-gateway"), "{proxy:?}");
            assert_eq!(heard.challenge, None);
            heard.problem["instance"] = json!(null);
            said.push(heard.problem.to_string());
        }
        said.dedup();
        assert_eq!(said.len(), 1, "whoever may not ask learns nothing: {said:?}");
        let loopback = world.join_with(&[("LATCHKEY_GATEWAYS", "127.0.0.1")]);
        let request = with_token(proxy.asks("POST", BACKUPS), &minted.secret);
        assert_eq!(proxy.hears(&loopback.api().send(&request)).status, 200);
    }
}

/// A new service credential and its secret.
fn credential(world: &World, name: &str, addresses: &str) -> (PublicId, String) {
    let new = NewCredential {
        name: name.parse().unwrap(),
        addresses: if addresses.is_empty() {
            AddressSet::any()
        } else {
            addresses.parse().unwrap()
        },
    };
    match world
        .wait(services::create(&world.app, &Caller::shell(), new, None))
        .unwrap()
    {
        Created::New(credential, secret) => (credential.public_id, secret.expose().to_owned()),
        Created::Before(_) => panic!("it is new"),
    }
}

fn a_service_credential_takes_the_place_of_an_address(world: &World) {
    let minted = minted(world);
    let strict = world.join_with(&[("LATCHKEY_GATEWAYS", "192.0.2.1")]);
    let (id, secret) = credential(world, "edge-1", "");
    let (_, elsewhere) = credential(world, "edge-2", "192.0.2.7");
    let ask = |secrets: &[&str]| {
        PROXIES.map(|proxy| {
            let asked = with_token(proxy.asks("POST", BACKUPS), &minted.secret);
            let request = secrets.iter().fold(asked, |request, secret| {
                request.and_header("X-Service-Credential", secret)
            });
            let heard = proxy.hears(&strict.api().send(&request));
            (heard.status, heard.code().to_owned())
        })
    };
    let no = [(); 3].map(|()| (403, "unknown-gateway".to_owned()));
    let yes = [(); 3].map(|()| (200, String::new()));
    assert_eq!(ask(&[&secret]), yes);
    for secrets in [
        &[][..],
        &[""],
        &["lks_x"],
        &[&minted.secret],
        &[&elsewhere],
        &[&secret, &secret],
        &[&format!("Bearer {secret}")],
    ] {
        assert_eq!(ask(secrets), no, "{secrets:?}");
    }
    world.wait(services::revoke(&world.app, &Caller::shell(), id)).unwrap();
    assert_eq!(ask(&[&secret]), no, "from the next question on");
}

fn the_clients_address_is_read_from_the_right(world: &World) {
    let minted = mint(&world.app, world.customer("priya").id, |new| {
        new.addresses = "203.0.113.7".parse::<AddressSet>().unwrap();
    });
    // The gateway at 127.0.0.1 is believed without being a trusted proxy.
    let server = world.join_with(&[("LATCHKEY_TRUSTED_PROXIES", "10.0.0.0/8")]);
    for proxy in PROXIES {
        for (lines, status) in [
            (&["203.0.113.7"][..], 200),
            (&["203.0.113.7:4711"], 200),
            (&["::ffff:203.0.113.7"], 200),
            (&["198.51.100.1, 203.0.113.7"], 200),
            (&["198.51.100.1", "203.0.113.7"], 200),
            (&["203.0.113.7, 10.1.2.3"], 200),
            (&["203.0.113.7, 127.0.0.1"], 200),
            (&["203.0.113.7, 198.51.100.1"], 403),
            (&["203.0.113.7", "198.51.100.1"], 403),
            (&["203.0.113.7, 198.51.100.1, 10.1.2.3"], 403),
            (&["198.51.100.1"], 403),
            (&["127.0.0.1"], 403),
        ] {
            let asked = proxy.asks("POST", BACKUPS).without("X-Forwarded-For");
            let request = lines
                .iter()
                .fold(asked, |request, line| request.and_header("X-Forwarded-For", line));
            let request = with_token(request, &minted.secret).header("X-Real-IP", "203.0.113.7");
            let heard = proxy.hears(&server.api().send(&request));
            let code = if status == 200 { "" } else { "ip-not-allowed" };
            assert_eq!(heard.outcome(), (status, code), "{proxy:?} {lines:?}");
        }
    }
}
