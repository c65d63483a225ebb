//! Examples and laws of address sets.

use proptest::{prelude::*, prop_assert, prop_assert_eq, proptest};

use super::*;

fn set(text: &str) -> AddressSet {
    AddressSet::parse_lines(text).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn lists_come_into_canonical_form() {
    for (typed, stored) in [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.77/24", "203.0.113.0/24"),
        ("203.0.113.5, 203.0.113.0/24\n203.0.113.5", "203.0.113.0/24"),
        ("2001:DB8:0:0::1/64 198.51.100.7", "198.51.100.7 2001:db8::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:0:0/95", "::fffe:0:0/95"),
        ("198.51.100.7/32;2001:db8::1/128", "198.51.100.7 2001:db8::1"),
        ("10.0.0.0/9 10.128.0.0/9", "10.0.0.0/9 10.128.0.0/9"),
        ("  \r\n\t", "*"),
        ("::/0\n0.0.0.0/0\n10.0.0.1", "*"),
    ] {
        assert_eq!(set(typed).to_string(), stored, "{typed:?}");
    }
}

#[test]
fn each_refused_entry_is_named_with_its_line() {
    let errors =
        AddressSet::parse_lines("10.0.0.1\n\n10.0.0.256, fine?\n10.0.0.0/33 ::1/129 10.0.0.0/+8 1.1.1.1/").unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|error| (error.line, error.text.as_str(), error.problem))
        .collect();
    assert_eq!(
        found,
        [
            (3, "10.0.0.256", AddressProblem::NotAnAddress),
            (3, "fine?", AddressProblem::NotAnAddress),
            (4, "10.0.0.0/33", AddressProblem::PrefixLength),
            (4, "::1/129", AddressProblem::PrefixLength),
            (4, "10.0.0.0/+8", AddressProblem::PrefixLength),
            (4, "1.1.1.1/", AddressProblem::PrefixLength),
        ]
    );
    for wrong in [
        "010.0.0.1",
        "10.1",
        "fe80::1%eth0",
        "[::1]",
        "10.0.0.1:80",
        "10.0.0.0/255.0.0.0",
        "10.0.0.1-9",
        "*",
        "é",
    ] {
        assert_eq!(AddressSet::parse_lines(wrong).unwrap_err().len(), 1, "{wrong}");
    }
    assert_eq!(
        AddressSet::parse_lines(&"é".repeat(500)).unwrap_err()[0].text,
        "é".repeat(64)
    );
}

#[test]
fn a_hundred_ranges_are_the_most() {
    let lines = |count: u8| {
        (0..count)
            .map(|n| {
                format!(
                    "10.0.{n}.1
10.0.{n}.1"
                )
            })
            .collect::<Vec<_>>()
            .join(
                "
",
            )
    };
    assert_eq!(set(&lines(100)).len(), 100);
    let error = &AddressSet::parse_lines(&lines(101)).unwrap_err()[0];
    assert_eq!((error.line, error.problem), (101, AddressProblem::TooMany));
}

#[test]
fn a_lost_value_is_never_any() {
    for stored in ["", " ", "10.0.0.1 ", "any", "* *", "10.0.0.1,10.0.0.2"] {
        assert_eq!(stored.parse::<AddressSet>(), Err(MalformedAddressSet), "{stored:?}");
    }
    assert!("*".parse::<AddressSet>().unwrap().is_any());
    assert!(!set("0.0.0.0/0").is_any() && !set("::/0").is_any());
}

#[test]
fn mapped_addresses_count_as_ipv4() {
    let listed = set("198.51.100.0/24 2001:db8::/32");
    assert!(listed.contains(ip("198.51.100.255")) && listed.contains(ip("::ffff:198.51.100.7")));
    assert!(listed.contains(ip("2001:db8:ffff::1")));
    assert!(!listed.contains(ip("198.51.101.0")) && !listed.contains(ip("2001:db9::")));
    assert!(AddressSet::any().contains(ip("::1")) && AddressSet::any().contains(ip("::ffff:192.0.2.1")));
}

#[test]
fn neighbours_cover_together() {
    let halves = set("10.0.0.0/9 10.128.0.0/9");
    assert!(halves.includes(&set("10.0.0.0/8")) && set("10.0.0.0/8").includes(&halves));
    assert!(!halves.includes(&set("10.0.0.0/7")) && !halves.includes(&AddressSet::any()));
    assert!(AddressSet::any().includes(&halves));
    assert!(!set("10.0.0.0/8").includes(&set("10.0.0.1 2001:db8::1")));
}

#[test]
fn a_difference_lists_what_was_written_anew() {
    let (old, new) = (set("10.0.0.0/8 192.0.2.1"), set("10.1.0.0/16 192.0.2.1"));
    assert_eq!(new.difference(&old).to_string(), "10.1.0.0/16");
    assert_eq!(old.difference(&new).to_string(), "10.0.0.0/8");
    assert!(AddressSet::any().difference(&old).is_any() && old.difference(&old).is_empty());
}

#[test]
fn tries_are_counted_by_address_or_by_64() {
    assert_eq!(network_of(ip("198.51.100.7")).to_string(), "198.51.100.7");
    assert_eq!(network_of(ip("::ffff:198.51.100.7")).to_string(), "198.51.100.7");
    assert_eq!(network_of(ip("2001:db8:1:2:3:4:5:6")).to_string(), "2001:db8:1:2::/64");
}

/// Ranges in a small corner of both families, so that they often touch and overlap.
fn range() -> impl Strategy<Value = String> {
    let v4 =
        (0_u8..8, 26_u8..=32).prop_map(|(host, length)| format!("{}/{length}", Ipv4Addr::new(192, 0, 2, host * 32)));
    let v6 = (0_u16..8, 120_u8..=128)
        .prop_map(|(host, length)| format!("{}/{length}", Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host * 32)));
    prop_oneof![v4, v6]
}

fn sets() -> impl Strategy<Value = AddressSet> {
    prop_oneof![
        1 => Just(AddressSet::any()),
        9 => proptest::collection::vec(range(), 1..9).prop_map(|ranges| set(&ranges.join("\n"))),
    ]
}

/// Every address of the corner in which [`range`] lies.
fn corner() -> impl Iterator<Item = IpAddr> {
    (0..=255).flat_map(|host| {
        [
            IpAddr::from(Ipv4Addr::new(192, 0, 2, host)),
            IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(host))),
        ]
    })
}

proptest! {
    #[test]
    fn the_stored_form_comes_back(set in sets()) {
        prop_assert_eq!(set.to_string().parse::<AddressSet>(), Ok(set.clone()));
        if !set.is_any() {
            prop_assert_eq!(AddressSet::parse_lines(&set.to_string()), Ok(set));
        }
    }

    #[test]
    fn includes_agrees_with_contains(ours in sets(), theirs in sets()) {
        let each = corner().filter(|ip| theirs.contains(*ip)).all(|ip| ours.contains(ip));
        let nothing_outside = !theirs.is_any() || ours.is_any();
        prop_assert_eq!(ours.includes(&theirs), each && nothing_outside);
    }

    #[test]
    fn what_was_added_and_what_was_kept_make_the_whole(ours in sets(), theirs in sets()) {
        let added = ours.difference(&theirs);
        for ip in corner().filter(|ip| ours.contains(*ip)) {
            prop_assert!(added.contains(ip) || theirs.contains(ip));
        }
    }

    #[test]
    fn arbitrary_text_is_read_or_refused_without_a_panic(text in "[\\PC\n]*") {
        let _ = text.parse::<AddressSet>();
        if let Err(errors) = AddressSet::parse_lines(&text) {
            prop_assert!(errors.iter().all(|error| error.line >= 1 && error.line <= text.lines().count()));
        }
    }
}

#[test]
fn what_all_addresses_of_a_range_are_written_with_first() {
    for (range, prefix) in [
        ("10.0.0.0/8", "10."),
        ("10.1.0.0/20", "10.1."),
        ("10.1.2.3", "10.1.2."),
        ("0.0.0.0/0", ""),
        ("2001:db8::/32", "2001:db8:"),
        ("2001:db8::/48", "2001:db8:"),
        ("2001:db8:0:5::/64", "2001:db8:"),
        ("2001:db8:1:2::/60", "2001:db8:1:"),
        ("2001:db8:a:b:c:d:e:f", "2001:db8:a:b:c:d:e:"),
        ("::/16", ""),
    ] {
        let range: AddressRange = range.parse().unwrap();
        assert_eq!(range.written_prefix(), prefix, "{range}");
        assert!(range.first().to_string().starts_with(prefix), "{range}");
    }
}

proptest! {
    #[test]
    fn every_address_of_a_range_begins_as_the_range_says(bits in any::<u128>(), noise in any::<u128>(), length in 0_u8..=128) {
        let sparse = bits & bits.rotate_left(16);
        for address in [bits, sparse] {
            let range: AddressRange = format!("{}/{length}", Ipv6Addr::from(address)).parse().unwrap();
            let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
            let inside = Ipv6Addr::from((address & !host) | (noise & host));
            if range.contains(inside.into()) && inside.to_ipv4_mapped().is_none() {
                prop_assert!(inside.to_string().starts_with(&range.written_prefix()), "{inside} in {range}");
            }
        }
    }
}
