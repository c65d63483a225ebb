//! What is counted, what is bounded, and that nothing is lost on the way back.

use std::collections::HashMap;

use time::{Duration, PrimitiveDateTime, macros::datetime};

use super::{
    meter::{MAX_CELLS, MAX_CELLS_OF_TOKEN, MAX_TOKENS, SHARDS},
    *,
};
use crate::domain::{
    id::TokenId,
    usage::{SecretGeneration, TokenUse},
};

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

fn take(meter: &UsageMeter) -> Vec<TokenUse> {
    (0..SHARDS).flat_map(|place| meter.take(place)).collect()
}

/// Calls by site and outcome.
fn calls(uses: &[TokenUse]) -> HashMap<(String, String), i64> {
    let mut sums = HashMap::new();
    for cell in uses.iter().flat_map(|used| &used.cells) {
        *sums
            .entry((cell.site.to_string(), cell.outcome.to_owned()))
            .or_default() += cell.calls;
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
    let uses = take(&meter);
    let cells: Vec<_> = uses[0]
        .cells
        .iter()
        .map(|cell| (cell.hour.hour(), &*cell.site, cell.calls))
        .collect();
    assert_eq!(
        cells,
        [(12, "a.example", 3), (12, "b.example", 1), (13, "a.example", 1)]
    );
    let days = uses[0].days();
    assert_eq!((days.len(), days[0].allowed, days[0].refused), (1, 4, 1));
    let seen: Vec<_> = uses[0].seen().collect();
    assert!(matches!(seen[..], [seen] if seen.at == later.at));
    assert_eq!((uses.len(), uses[0].rows()), (1, 5));
    assert!(take(&meter).is_empty());
}

#[test]
fn a_refused_call_is_no_use() {
    let meter = UsageMeter::default();
    meter.count(&call(1, "a.example", "paused"));
    assert_eq!(take(&meter)[0].seen().count(), 0);
}

#[test]
fn each_secret_has_its_own_last_use() {
    let meter = UsageMeter::default();
    let mut old = call(1, "a.example", ALLOWED);
    old.generation = SecretGeneration::Previous;
    meter.count(&old);
    let mut earlier = call(1, "a.example", ALLOWED);
    earlier.at = NOW - Duration::seconds(9);
    meter.count(&earlier);
    let uses = take(&meter);
    let seen: Vec<_> = uses[0].seen().map(|seen| (seen.generation, seen.at)).collect();
    assert_eq!(
        seen,
        [
            (SecretGeneration::Previous, NOW),
            (SecretGeneration::Current, earlier.at)
        ]
    );
}

#[test]
fn endless_variety_takes_neither_memory_nor_counts() {
    let meter = UsageMeter::default();
    // Of a hundred tokens whose counts lie side by side.
    for number in 0..10_000 {
        let token = number % 100 * 16 + 1;
        meter.count(&call(token, &format!("s{number}.example"), "site-not-allowed"));
    }
    let uses = take(&meter);
    let cells: usize = uses.iter().map(|used| used.cells.len()).sum();
    assert_eq!(cells, MAX_CELLS + 100, "and one of each token for the others");
    let counted = calls(&uses);
    assert_eq!(counted.values().sum::<i64>(), 10_000);
    let others = &counted[&(OTHER.to_owned(), "site-not-allowed".to_owned())];
    assert_eq!(usize::try_from(*others).unwrap(), 10_000 - MAX_CELLS);
    assert_eq!(meter.take_lost(), 0);
}

#[test]
fn one_token_that_names_a_new_site_with_each_call_is_counted_by_a_few_of_them() {
    let meter = UsageMeter::default();
    for number in 0..1_000 {
        meter.count(&call(1, &format!("s{number}.example"), "no-such-site"));
    }
    meter.count(&call(1, "s1.example", "no-such-site"));
    let uses = take(&meter);
    assert_eq!(uses[0].cells.len(), MAX_CELLS_OF_TOKEN + 1);
    let counted = calls(&uses);
    let of = |site: &str| counted[&(site.to_owned(), "no-such-site".to_owned())];
    assert_eq!((of("s1.example"), counted.values().sum::<i64>()), (2, 1_001));
    assert_eq!(usize::try_from(of(OTHER)).unwrap(), 1_000 - MAX_CELLS_OF_TOKEN);
}

#[test]
fn more_tokens_than_can_be_written_take_no_memory_and_are_told() {
    let meter = UsageMeter::default();
    for token in 0..200_000 {
        meter.count(&call(token, "a.example", ALLOWED));
    }
    assert_eq!(meter.take_lost(), 200_000 - u64::try_from(SHARDS * MAX_TOKENS).unwrap());
    meter.count(&call(3, "a.example", ALLOWED));
    meter.count(&call(199_999, "a.example", ALLOWED));
    assert_eq!(meter.take_lost(), 1, "a known token is counted, whoever else calls");
    assert_eq!(take(&meter).len(), SHARDS * MAX_TOKENS);
    meter.count(&call(199_999, "a.example", ALLOWED));
    assert_eq!((take(&meter).len(), meter.take_lost()), (1, 0));
}

#[tokio::test]
async fn the_writing_is_woken_before_there_is_no_room() {
    let meter = UsageMeter::default();
    let is_woken = async |meter: &UsageMeter| {
        let woken = tokio::time::timeout(std::time::Duration::ZERO, meter.filling());
        woken.await.is_ok()
    };
    let half = i64::try_from(MAX_TOKENS / 2).unwrap();
    for number in 1..half {
        meter.count(&call(number * 16, "a.example", ALLOWED));
    }
    assert!(!is_woken(&meter).await);
    meter.count(&call(half * 16, "a.example", ALLOWED));
    assert!(is_woken(&meter).await);
    assert!(!is_woken(&meter).await, "once");
}

#[test]
fn what_comes_back_is_added_to_what_came_since() {
    let meter = UsageMeter::default();
    meter.count(&call(1, "a.example", ALLOWED));
    meter.count(&call(2, "a.example", ALLOWED));
    let uses = take(&meter);
    let mut later = call(1, "a.example", ALLOWED);
    later.at = NOW + Duration::milliseconds(1);
    meter.count(&later);
    meter.put_back(&uses);
    let uses = take(&meter);
    assert_eq!(calls(&uses).values().sum::<i64>(), 3);
    assert!(
        uses.iter()
            .flat_map(TokenUse::seen)
            .any(|seen| seen.token == TokenId(1) && seen.at == later.at)
    );
}
