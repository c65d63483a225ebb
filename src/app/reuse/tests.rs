//! What is noted is bounded, and nothing of it is lost or counted twice.

use std::net::{IpAddr, Ipv4Addr};

use time::{Duration, PrimitiveDateTime, macros::datetime};

use super::*;
use crate::{
    app::reuse::meter::{MOST_SEEN, MOST_SOUGHT},
    domain::{reuse::OTHERS, secret::SecretDigest},
};

const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);
const TOKEN: TokenId = TokenId(1);

fn address(number: usize) -> IpAddr {
    Ipv4Addr::from_bits(u32::try_from(number).unwrap()).into()
}

fn see(meter: &ReuseMeter, token: TokenId, from: IpAddr, at: PrimitiveDateTime) {
    meter.see(token, Ended::Revoked, Some(from), Count::one(at));
}

#[test]
fn calls_from_one_address_are_one_row() {
    let meter = ReuseMeter::default();
    for minutes in [5, 0, 9] {
        see(&meter, TOKEN, address(7), NOW + Duration::minutes(minutes));
    }
    let rows = meter.take();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].calls, rows[0].address.as_str()), (3, "0.0.0.7"));
    assert_eq!((rows[0].first_at, rows[0].last_at), (NOW, NOW + Duration::minutes(9)));
    assert!(meter.take().is_empty());
    meter.put_back(&rows);
    see(&meter, TOKEN, address(7), NOW);
    assert_eq!(meter.take()[0].calls, 4);
}

#[test]
fn what_is_noted_has_a_bound() {
    let meter = ReuseMeter::default();
    for number in 0..MOST_SEEN + 100 {
        see(&meter, TOKEN, address(number), NOW);
    }
    see(&meter, TokenId(2), address(1), NOW);
    let rows = meter.take();
    assert_eq!(rows.len(), MOST_SEEN + 1);
    let others: Vec<&Reuse> = rows.iter().filter(|row| row.address == OTHERS).collect();
    assert_eq!((others.len(), others[0].calls), (1, 100));
    meter.put_back(&rows);
    let again = meter.take();
    let calls = |rows: &[Reuse]| rows.iter().map(|row| row.calls).sum::<i64>();
    assert!(again.len() <= MOST_SEEN + 1 && calls(&again) == calls(&rows));
}

#[test]
fn what_is_looked_up_has_a_bound() {
    let meter = ReuseMeter::default();
    let sought = |number: usize| Sought {
        id: "EXAMPLE1".parse().unwrap(),
        digests: vec![("k1".parse().unwrap(), SecretDigest::NOBODY)],
        from: address(number),
    };
    for number in 0..MOST_SOUGHT + 100 {
        meter.seek(sought(number), Count::one(NOW));
    }
    meter.seek(sought(0), Count::one(NOW));
    assert_eq!(meter.take_sought().len(), MOST_SOUGHT);
    assert!(meter.take_sought().is_empty());
}
