//! The table.

use crate::{TARGETS, Wanted, print};

/// What one round gave.
struct Round {
    rate: f64,
    bytes: f64,
    half: f64,
    most: f64,
    /// Microseconds of processor time for one request.
    processor: f64,
}

/// All rounds of each target.
#[derive(Default)]
pub(crate) struct Report {
    rounds: [Vec<Round>; TARGETS.len()],
}

impl Report {
    /// Notes what the load generator measured.
    pub(crate) fn add(&mut self, position: usize, answer: &str, processor_seconds: f64) {
        let numbers: Vec<f64> = answer.split(' ').filter_map(|number| number.parse().ok()).collect();
        let [requests, seconds, bytes, half, most] = numbers[..] else {
            panic!("the load generator answered {answer:?}");
        };
        self.rounds[position].push(Round {
            rate: requests / seconds,
            bytes,
            half,
            most,
            processor: processor_seconds * 1e6 / requests,
        });
    }

    /// The median rate of one target, in answers a second.
    pub(crate) fn rate(&self, wanted: Wanted) -> f64 {
        let of = TARGETS
            .iter()
            .zip(&self.rounds)
            .find(|(target, _)| target.wanted == wanted);
        of.map_or(0.0, |(_, rounds)| {
            print::middle(rounds.iter().map(|round| round.rate).collect())
        })
    }

    /// The medians of the rounds, and the shares of the fixed text's in the same round. The 99th percentile of the waits
    /// during sign-ins is beside that of the decisions alone, every other one beside that of the fixed text.
    pub(crate) fn print(&self, connections: u64) {
        let median =
            |position: usize, of: fn(&Round) -> f64| print::middle(self.rounds[position].iter().map(of).collect());
        print::line(&format!(
            "{:<32} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8} {:>6} {:>7}",
            format!("{connections} connections"),
            "per s",
            "share",
            "cpu us",
            "share",
            "p50 ms",
            "p99 ms",
            "times",
            "bytes"
        ));
        for (position, target) in TARGETS.iter().enumerate() {
            let pairs = self.rounds[position].iter().zip(&self.rounds[0]);
            let share = print::middle(pairs.map(|(own, text)| own.rate / text.rate).collect());
            let beside = match target.wanted {
                Wanted::Crowded => place_of(Wanted::Decision),
                _ => 0,
            };
            print::line(&format!(
                "{:<32} {:>8.0} {share:>6.3} {:>8.1} {:>8.3} {:>8.2} {:>8.2} {:>6.1} {:>7.0}",
                target.name,
                median(position, |round| round.rate),
                median(position, |round| round.processor),
                median(0, |round| round.processor) / median(position, |round| round.processor),
                median(position, |round| round.half) / 1_000.0,
                median(position, |round| round.most) / 1_000.0,
                median(position, |round| round.most) / median(beside, |round| round.most),
                median(position, |round| round.bytes),
            ));
        }
    }
}

fn place_of(wanted: Wanted) -> usize {
    let place = TARGETS.iter().position(|target| target.wanted == wanted);
    place.expect("every kind is in the table")
}
