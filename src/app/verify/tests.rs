//! What every presented text costs, and that none of them is too much.

use std::cell::Cell;

use proptest::prelude::*;
use time::{Duration, PrimitiveDateTime, macros::datetime};

use super::*;
use crate::{
    domain::{
        address::AddressSet,
        id::{AccountId, PlanId, TokenId},
        scope::ScopeSet,
        secret::PublicId,
        site::SiteSet,
        token::{Expiry, Life},
    },
    store::tokens::OutgoingSecret,
};

const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);

fn secret(letter: &str) -> TokenSecret {
    let id: PublicId = "EXAMPLE1".parse().unwrap();
    TokenSecret::mint(id, |length| letter.repeat(length))
}

fn known(keyring: &Keyring, outgoing: Option<(&TokenSecret, &str, Duration)>) -> TokenStanding {
    let (key, digest_key) = keyring.current();
    TokenStanding {
        id: TokenId(1),
        public_id: "EXAMPLE1".parse().unwrap(),
        account: AccountId(1),
        name: "deploy".parse().unwrap(),
        scopes: ScopeSet::full(),
        sites: SiteSet::All,
        addresses: AddressSet::any(),
        expiry: Expiry::Never,
        life: Life::Live,
        digest: digest(digest_key, &secret("a")),
        key: key.clone(),
        outgoing: outgoing.map(|(secret, key, left)| OutgoingSecret {
            digest: digest(digest_key, secret),
            key: key.parse().unwrap(),
            until: NOW + left,
        }),
        account_public_id: "ACCOUNT12345".to_owned(),
        username: "priya".to_owned(),
        suspended: false,
        removed: false,
        plan: PlanId(1),
        plan_scopes: ScopeSet::full(),
        owns_site: false,
    }
}

/// The secret that was found, and how many digests were made to find it.
fn found(known: Option<&TokenStanding>, presented: &TokenSecret) -> (Option<SecretGeneration>, u32) {
    let keyring = Keyring::for_tests();
    let made = Cell::new(0);
    let expected = Expected::of(known, &keyring, NOW).unwrap();
    let generation = expected.generation(|key| {
        made.set(made.get() + 1);
        digest(key, presented)
    });
    (generation, made.get())
}

#[test]
fn unknown_wrong_right_and_outgoing_cost_the_same() {
    let keyring = Keyring::for_tests();
    let (plain, hour) = (known(&keyring, None), Duration::hours(1));
    let rotated = known(&keyring, Some((&secret("b"), "test", hour)));
    assert_eq!(found(None, &secret("a")), (None, 2));
    assert_eq!(found(Some(&plain), &secret("x")), (None, 2));
    assert_eq!(found(Some(&rotated), &secret("x")), (None, 2));
    assert_eq!(found(Some(&plain), &secret("a")), (Some(SecretGeneration::Current), 2));
    assert_eq!(
        found(Some(&rotated), &secret("b")),
        (Some(SecretGeneration::Previous), 2)
    );
}

#[test]
fn a_missing_key_is_no_answer_while_its_secret_counts() {
    let keyring = Keyring::for_tests();
    let mut lost = known(&keyring, None);
    lost.key = "gone".parse().unwrap();
    assert!(Expected::of(Some(&lost), &keyring, NOW).is_none());
    let running = known(&keyring, Some((&secret("b"), "gone", Duration::hours(1))));
    assert!(Expected::of(Some(&running), &keyring, NOW).is_none());
    let over = known(&keyring, Some((&secret("b"), "gone", Duration::ZERO)));
    assert_eq!(
        found(Some(&over), &secret("a")),
        (Some(SecretGeneration::Current), 2),
        "what no longer counts needs no key"
    );
    assert_eq!(found(Some(&over), &secret("b")), (None, 2));
}

fn any_presented() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,80}",
        "lk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}",
        "[0-9A-Za-z]{32}".prop_map(|random| {
            let id: PublicId = "EXAMPLE1".parse().unwrap();
            TokenSecret::mint(id, |_| random).expose().to_owned()
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_presented_is_nobodys(text in any_presented()) {
        let keyring = Keyring::for_tests();
        let token = known(&keyring, Some((&secret("b"), "test", Duration::hours(1))));
        if let Ok(presented) = TokenSecret::parse(&text) {
            prop_assert_eq!(found(Some(&token), &presented), (None, 2));
            prop_assert_eq!(found(None, &presented), (None, 2));
        }
    }
}
