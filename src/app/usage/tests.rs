//! What is counted, what is bounded, and that nothing is lost on the way back.

use std::collections::HashMap;

use time::{Duration, PrimitiveDateTime, macros::datetime};

use super::{
    meter::{Counted, Entry, OTHER},
    *,
};
use crate::domain::{id::TokenId, usage::SecretGeneration};

const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:59:59);

fn call<'a>(token: i64, site: &'a str, outcome: &'static str) -> Counted<'a> {
    Counted {
        token: TokenId(token),
        generation: SecretGeneration::Current,
        at: NOW,
        route: "POST /sites/{site}/backups",
        scope: "backups:create",
        site,
        from: "203.0.113.7".parse().unwrap(),
        outcome,
    }
}

/// Calls by site and outcome.
fn calls(entries: &[Entry]) -> HashMap<(String, String), i64> {
    let mut sums = HashMap::new();
    for entry in entries {
        if let Entry::Hour(slot, count) = entry {
            let row = slot.row(*count);
            *sums.entry((row.key.site, row.key.outcome)).or_default() += row.calls;
        }
    }
    sums
}

#[test]
fn calls_are_counted_by_what_they_have_in_common() {
    let meter = UsageMeter::default();
    for _ in 0..3 {
        meter.count(&call(1, "a.example", ALLOWED));
    }
    meter.count(&call(1, "b.example", "missing-scopes"));
    let mut later = call(1, "a.example", ALLOWED);
    later.at = NOW + Duration::seconds(1);
    meter.count(&later);
    let entries = meter.take();
    let hours: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Hour(slot, count) => Some(slot.row(*count)),
            _ => None,
        })
        .map(|row| (row.key.hour.hour(), row.key.site, row.calls))
        .collect();
    assert_eq!(
        hours,
        [
            (12, "a.example".to_owned(), 3),
            (12, "b.example".to_owned(), 1),
            (13, "a.example".to_owned(), 1)
        ]
    );
    let days: Vec<_> = entries.iter().filter(|entry| matches!(entry, Entry::Day(_))).collect();
    assert!(matches!(days[..], [Entry::Day(day)] if (day.allowed, day.refused) == (4, 1)));
    let seen: Vec<_> = entries.iter().filter(|entry| matches!(entry, Entry::Seen(_))).collect();
    assert!(matches!(seen[..], [Entry::Seen(seen)] if seen.at == later.at));
    assert!(meter.take().is_empty());
}

#[test]
fn a_refused_call_is_no_use() {
    let meter = UsageMeter::default();
    meter.count(&call(1, "a.example", "paused"));
    assert!(!meter.take().iter().any(|entry| matches!(entry, Entry::Seen(_))));
}

#[test]
fn endless_variety_takes_neither_memory_nor_counts() {
    let meter = UsageMeter::default();
    // Of ten tokens whose counts lie side by side.
    for number in 0..10_000 {
        let token = number % 10 * 16 + 1;
        meter.count(&call(token, &format!("s{number}.example"), "site-not-allowed"));
    }
    meter.count(&call(17, "s1.example", "site-not-allowed"));
    let counted = calls(&meter.take());
    assert_eq!(counted.len(), 4_097);
    assert_eq!(counted.values().sum::<i64>(), 10_001);
    let of = |site: &str| counted[&(site.to_owned(), "site-not-allowed".to_owned())];
    assert_eq!((of(OTHER), of("s1.example")), (10_000 - 4_096, 2));
}

#[test]
fn what_comes_back_is_added_to_what_came_since() {
    let meter = UsageMeter::default();
    meter.count(&call(1, "a.example", ALLOWED));
    meter.count(&call(2, "a.example", ALLOWED));
    let entries = meter.take();
    let mut later = call(1, "a.example", ALLOWED);
    later.at = NOW + Duration::milliseconds(1);
    meter.count(&later);
    meter.put_back(&entries);
    let entries = meter.take();
    assert_eq!(calls(&entries).values().sum::<i64>(), 3);
    assert!(
        entries
            .iter()
            .any(|entry| matches!(entry, Entry::Seen(seen) if seen.at == later.at))
    );
}

#[test]
fn a_token_that_names_a_new_site_with_each_call_fills_nothing() {
    let meter = UsageMeter::default();
    let mut rows = 0;
    let mut sums = HashMap::new();
    for part in 0..5 {
        for number in 0..500 {
            meter.count(&call(1, &format!("s{part}-{number}.example"), "no-such-site"));
        }
        meter.count(&call(1, "s0-1.example", "no-such-site"));
        let entries = meter.take();
        rows += entries.iter().filter(|entry| matches!(entry, Entry::Hour(..))).count();
        for ((site, _), count) in calls(&entries) {
            *sums.entry(site).or_insert(0) += count;
        }
    }
    assert!(rows <= 1_000 + 5 + 5, "{rows} rows");
    assert_eq!(sums.values().sum::<i64>(), 5 * 501, "no call is lost");
    assert_eq!(sums["s0-1.example"], 6, "what was known stays known");
    meter.count(&call(17, "s9.example", ALLOWED));
    let mut later = call(1, "s4-499.example", ALLOWED);
    later.at = NOW + Duration::seconds(1);
    meter.count(&later);
    let entries = meter.take();
    let sites = calls(&entries);
    assert!(
        sites.keys().all(|(site, _)| site != OTHER),
        "another token, and another hour: {sites:?}"
    );
}
