//! Examples and laws of the token format and its digest.

use proptest::{collection::vec, prelude::*, prop_assert, prop_assert_eq, prop_assume, proptest};

use super::*;

/// The dummy value of the published format; its checksum is right.
const DUMMY: &str = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";

fn id() -> PublicId {
    "EXAMPLE1".parse().unwrap()
}

fn key(byte: u8) -> DigestKey {
    DigestKey::new([byte; 32])
}

#[test]
fn the_published_dummy_is_well_formed() {
    let secret = TokenSecret::parse(DUMMY).unwrap();
    assert_eq!(
        (secret.public_id(), secret.last4(), secret.expose()),
        (id(), "WjLP", DUMMY)
    );
    assert_eq!(TokenSecret::mint(id(), |count| "0".repeat(count)).expose(), DUMMY);
}

#[test]
fn the_first_failed_check_is_named() {
    let spoilt = |from: usize, with: &str| {
        let mut text = DUMMY.to_owned();
        text.replace_range(from..from + with.len(), with);
        TokenSecret::parse(&text).unwrap_err()
    };
    for text in [
        "",
        "lk_",
        &DUMMY[1..],
        &format!("{DUMMY}0"),
        &format!(" {DUMMY}"),
        &"é".repeat(50),
    ] {
        assert_eq!(TokenSecret::parse(text).unwrap_err(), FormatError::Length, "{text}");
    }
    assert_eq!(spoilt(0, "LK_"), FormatError::Form);
    assert_eq!(spoilt(11, "-"), FormatError::Form);
    assert_eq!(spoilt(12, "_"), FormatError::Character);
    assert_eq!(spoilt(20, "é"), FormatError::Character);
    assert_eq!(spoilt(12, "1"), FormatError::Checksum);
    assert_eq!(spoilt(49, "Q"), FormatError::Checksum);
}

#[test]
fn nothing_secret_is_printed() {
    let secret = TokenSecret::parse(DUMMY).unwrap();
    let service = ServiceSecret::mint(id(), |count| "0".repeat(count));
    assert_eq!(
        format!("{secret:?} {service:?} {:?} {:?}", key(1), digest(&key(1), &secret)),
        "TokenSecret ServiceSecret DigestKey SecretDigest"
    );
}

#[test]
fn the_digest_of_a_service_credential_is_the_one_that_is_stored() {
    // Computed apart from this code; a change would make every stored service credential unknown.
    let service = ServiceSecret::mint(id(), |count| "0".repeat(count));
    assert_eq!(service.expose(), "lks_EXAMPLE1_0000000000000000000000000000000012nD5s");
    let hex: Vec<String> = digest(&key(0x0b), &service)
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex.concat(),
        "0e4178a68a5b45ba042d333538bab673a62a9fcd85f56b4f7a0a6d9c16820ef3"
    );
}

#[test]
#[should_panic(expected = "32 base62 characters")]
fn weak_randomness_is_not_accepted() {
    let _ = TokenSecret::mint(id(), |_| String::new());
}

#[test]
fn the_digest_is_the_one_that_is_stored() {
    // Computed apart from this code; a change would make every stored token unknown.
    let expected = "8ffe9558c856d9545f75b4f3c61febccae2215f1c5eaa1ad8a6e694831e9a2ad";
    let digest = digest(&key(0x0b), &TokenSecret::parse(DUMMY).unwrap());
    let hex: Vec<String> = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex.concat(), expected);
    assert_eq!(SecretDigest::try_from(&digest.as_bytes()[..]), Ok(digest));
    assert_eq!(SecretDigest::try_from(&digest.as_bytes()[1..]), Err(MalformedDigest));
    assert_ne!(digest, SecretDigest::NOBODY);
}

#[test]
fn ids_are_read_strictly() {
    for wrong in ["", "EXAMPLE", "EXAMPLE12", "EXAMPL_1", "EXAMPLÉ", " XAMPLE1"] {
        assert_eq!(wrong.parse::<PublicId>(), Err(MalformedPublicId), "{wrong}");
    }
    assert_eq!(serde_json::to_string(&id()).unwrap(), "\"EXAMPLE1\"");
    assert_eq!(serde_json::from_str::<PublicId>("\"EXAMPLE1\"").unwrap(), id());
    assert_eq!(PublicId::mint(|count| "x".repeat(count)).to_string(), "xxxxxxxx");
    for wrong in ["", "K1", "k_1", "a2345678901234567"] {
        assert_eq!(wrong.parse::<KeyId>(), Err(MalformedKeyId), "{wrong}");
    }
    assert_eq!("k-1".parse::<KeyId>().unwrap().to_string(), "k-1");
}

proptest! {
    #[test]
    fn what_is_minted_can_be_read(id in "[0-9A-Za-z]{8}", secret in "[0-9A-Za-z]{32}") {
        let minted = TokenSecret::mint(id.parse().unwrap(), |_| secret.clone());
        let read = TokenSecret::parse(minted.expose()).unwrap();
        prop_assert_eq!(read.expose(), minted.expose());
        prop_assert_eq!(read.public_id().to_string(), id);
        prop_assert!(read.expose().contains(&secret));
        prop_assert!(read.expose().ends_with(read.last4()));
    }

    #[test]
    fn one_changed_character_is_refused(secret in "[0-9A-Za-z]{32}", at in 0_usize..50, with in "[0-9A-Za-z_]") {
        let mut text = TokenSecret::mint(id(), |_| secret).expose().to_owned();
        prop_assume!(text[at..=at] != with);
        text.replace_range(at..=at, &with);
        prop_assert!(TokenSecret::parse(&text).is_err());
    }

    #[test]
    fn neither_kind_passes_for_the_other(secret in "[0-9A-Za-z]{32}", bytes in any::<[u8; 32]>()) {
        let token = TokenSecret::mint(id(), |_| secret.clone());
        let service = ServiceSecret::mint(id(), |_| secret);
        let read = ServiceSecret::parse(service.expose()).unwrap();
        prop_assert_eq!(read.expose(), service.expose());
        prop_assert!(TokenSecret::parse(service.expose()).is_err());
        prop_assert!(ServiceSecret::parse(token.expose()).is_err());
        let key = DigestKey::new(bytes);
        prop_assert!(digest(&key, &token) != digest(&key, &service));
    }

    #[test]
    fn another_key_or_secret_gives_another_digest(one in any::<[u8; 32]>(), other in any::<[u8; 32]>(), secret in "[0-9A-Za-z]{32}") {
        prop_assume!(one != other);
        let (one, other) = (DigestKey::new(one), DigestKey::new(other));
        let (ours, dummy) = (TokenSecret::mint(id(), |_| secret), TokenSecret::parse(DUMMY).unwrap());
        prop_assert_eq!(digest(&one, &ours), digest(&one, &ours));
        prop_assert!(digest(&one, &ours) != digest(&other, &ours));
        prop_assert_eq!(digest(&one, &ours) == digest(&one, &dummy), ours.expose() == dummy.expose());
    }

    #[test]
    fn arbitrary_text_is_read_or_refused_without_a_panic(text in "\\PC*", bytes in vec(any::<char>(), 50)) {
        prop_assert!(TokenSecret::parse(&text).is_err());
        prop_assert!(TokenSecret::parse(&bytes.into_iter().collect::<String>()).is_err());
    }
}
