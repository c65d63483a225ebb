//! A chain of ten events, and everything that can be done to it without its key.

use time::macros::datetime;

use super::*;
use crate::domain::audit::{Action, Party};

fn keys() -> ChainKeys {
    let key = |byte: u8, id: &str| (id.parse().unwrap(), DigestKey::new([byte; 32]));
    ChainKeys::new(vec![key(1, "old")], key(2, "new"))
}

fn event(number: i64) -> NewEvent {
    NewEvent {
        at: datetime!(2026-11-23 12:00),
        account: (number % 2 == 0).then_some(crate::domain::id::AccountId(7)),
        actor: Party::new("account", "x", "priya"),
        action: Action::TokenRenewed,
        target: Party::new("token", number, format!("Token {number}")),
        changes: Vec::new(),
        reason: None,
        address: Some("203.0.113.24".to_owned()),
        browser: None,
        request_id: format!("request-{number}"),
    }
}

/// Three events with the older key and seven with the newer.
fn chain() -> Vec<Stored> {
    let keys = keys();
    let mut previous: Option<Vec<u8>> = None;
    let one = |number| {
        let id: KeyId = if number <= 3 { "old" } else { "new" }.parse().unwrap();
        let entry = Entry::new(EventId(number), &event(number), &id);
        let seal = entry.seal(keys.find(id.as_str()).unwrap(), previous.as_deref());
        previous = Some(seal.to_vec());
        (entry, previous.clone())
    };
    (1..=10).map(one).collect()
}

fn head(rows: &[Stored]) -> Head {
    let last = rows.last().unwrap();
    Head {
        seq: last.0.id,
        mac: last.1.clone(),
    }
}

/// What is found in `rows` when the database's own head is still that of the whole chain.
fn found(rows: &[Stored]) -> Vec<FaultKind> {
    found_with(rows, &head(&chain()), None)
}

fn found_with(rows: &[Stored], own: &Head, kept: Option<Head>) -> Vec<FaultKind> {
    let keys = keys();
    let mut verifier = Verifier::new(&keys, Some(own.clone()), kept);
    for (entry, seal) in rows {
        verifier.take(entry.clone(), seal.clone());
    }
    let report = verifier.finish(Some(own));
    report.faults.into_iter().map(|fault| fault.kind).collect()
}

#[test]
fn an_untouched_chain_over_two_keys_is_sound() {
    assert_eq!(found(&chain()), []);
}

#[test]
fn each_field_of_an_event_is_sealed() {
    let changes: [fn(&mut Entry); 12] = [
        |entry| entry.at = Some(datetime!(2026-11-23 12:00:00.000_001)),
        |entry| entry.at = None,
        |entry| entry.account = Some(8),
        |entry| entry.account = None,
        |entry| entry.actor[2] = "arjun".to_owned(),
        // The same letters, with one of them in the next field.
        |entry| (entry.actor[1], entry.actor[2]) = ("xp".to_owned(), "riya".to_owned()),
        |entry| entry.action = "token.revoked".to_owned(),
        |entry| entry.target[1] = "5".to_owned(),
        |entry| entry.changes = "[ ]".to_owned(),
        |entry| entry.reason = Some(String::new()),
        |entry| entry.address = None,
        |entry| entry.key = Some("old".to_owned()),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut rows = chain();
        change(&mut rows[5].0);
        assert_eq!(found(&rows), [FaultKind::Changed(6)], "change {number}");
    }
}

#[test]
fn a_changed_seal_accuses_its_own_event_alone() {
    let mut rows = chain();
    rows[4].1 = Some(vec![0; 32]);
    assert_eq!(found(&rows), [FaultKind::Changed(5)]);
    rows[4].1 = None;
    rows[4].0.key = None;
    assert_eq!(found(&rows), [FaultKind::Changed(5), FaultKind::Unproven(6)]);
}

#[test]
fn what_is_missing_is_counted() {
    let mut rows = chain();
    rows.drain(3..5);
    assert_eq!(found(&rows), [FaultKind::Missing(4, 5), FaultKind::Unproven(6)]);
    let mut rows = chain();
    rows.remove(0);
    assert_eq!(found(&rows), [FaultKind::Missing(1, 1), FaultKind::Unproven(2)]);
}

#[test]
fn a_swap_names_both_and_nobody_else() {
    for (one, other) in [(2, 7), (4, 5), (0, 9), (3, 5)] {
        for whole in [true, false] {
            let mut rows = chain();
            let (mut first, mut second) = (rows[one].clone(), rows[other].clone());
            std::mem::swap(&mut first.0.id, &mut second.0.id);
            if !whole {
                std::mem::swap(&mut first.1, &mut second.1);
            }
            (rows[one], rows[other]) = (second, first);
            let (one, other) = (rows[one].0.id, rows[other].0.id);
            let own = head(&rows);
            let mut kinds = found_with(&rows, &own, None);
            kinds.retain(|kind| !matches!(kind, FaultKind::HeadChanged(_)));
            assert_eq!(kinds, [FaultKind::Swapped(one, other)], "{one} {other} {whole}");
        }
    }
}

#[test]
fn a_cut_is_seen_by_the_head_and_a_changed_head_by_the_kept_one() {
    let whole = chain();
    let mut rows = chain();
    rows.truncate(7);
    assert_eq!(found(&rows), [FaultKind::CutOff(8, 10)]);
    let rewritten = head(&rows);
    assert_eq!(found_with(&rows, &rewritten, None), []);
    let kept = Head {
        seq: 9,
        ..head(&whole[..9])
    };
    assert_eq!(
        found_with(&rows, &rewritten, Some(kept.clone())),
        [FaultKind::CutOff(8, 9)]
    );
    assert_eq!(found_with(&whole, &head(&whole), Some(kept.clone())), []);
    let other = Head {
        mac: Some(vec![7; 32]),
        ..kept
    };
    assert_eq!(
        found_with(&whole, &head(&whole), Some(other.clone())),
        [FaultKind::NotTheKeptHead(other)]
    );
    let behind = Head {
        seq: 8,
        mac: whole[7].1.clone(),
    };
    assert_eq!(
        found_with(&whole, &behind, None),
        [FaultKind::HeadChanged(Some(behind))]
    );
}

#[test]
fn events_before_the_chain_are_not_covered_and_later_ones_without_a_seal_are_changed() {
    let mut rows: Vec<Stored> = vec![];
    for id in [3, 9] {
        let mut entry = Entry::new(EventId(id), &event(id), &"old".parse().unwrap());
        entry.key = None;
        rows.push((entry, None));
    }
    let keys = keys();
    let next = Entry::new(EventId(10), &event(10), &"new".parse().unwrap());
    let seal = next.seal(keys.current().1, None).to_vec();
    rows.push((next, Some(seal)));
    assert_eq!(found_with(&rows, &head(&rows), None), []);
    rows.remove(1);
    assert_eq!(found_with(&rows, &head(&rows), None), [FaultKind::Missing(4, 9)]);
}

#[test]
fn an_event_under_a_key_that_is_not_here_is_named() {
    let mut rows = chain();
    rows[8].0.key = Some("lost".to_owned());
    assert_eq!(found(&rows), [FaultKind::KeyMissing(9, "lost".to_owned())]);
}

#[test]
fn a_head_is_read_as_it_is_written() {
    let head = head(&chain());
    assert_eq!(head.to_string().parse(), Ok(head));
    let empty = Head { seq: 0, mac: None };
    assert_eq!(empty.to_string().parse(), Ok(empty));
    for text in ["", "1", "x:", "-1:", "3:abcd", "3:zz"] {
        assert_eq!(text.parse::<Head>(), Err(MalformedHead), "{text}");
    }
}
