//! The table, and the one place of the benchmark that prints.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::TARGETS;

/// Prints a line at once.
pub(crate) fn line(text: &impl Display) {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .expect("somebody reads the output");
}

/// What one round gave.
struct Round {
    rate: f64,
    bytes: u64,
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
            bytes: format!("{bytes:.0}").parse().unwrap_or_default(),
            half,
            most,
            processor: processor_seconds * 1e6 / requests,
        });
    }

    /// The medians of the rounds, and the share of the fixed text's rate in the same round.
    pub(crate) fn print(&self) {
        let median = |position: usize, of: fn(&Round) -> f64| middle(self.rounds[position].iter().map(of).collect());
        line(&format!(
            "{:<42} {:>8} {:>6} {:>8} {:>8} {:>8} {:>6} {:>7}",
            "", "per s", "share", "cpu us", "share", "p50 ms", "p99 ms", "bytes"
        ));
        for (position, target) in TARGETS.iter().enumerate() {
            let pairs = self.rounds[position].iter().zip(&self.rounds[0]);
            let share = middle(pairs.map(|(own, text)| own.rate / text.rate).collect());
            let bytes = self.rounds[position].last().map_or(0, |round| round.bytes);
            line(&format!(
                "{:<42} {:>8.0} {share:>6.3} {:>8.1} {:>8.3} {:>8.2} {:>6.1} {bytes:>7}",
                target.name,
                median(position, |round| round.rate),
                median(position, |round| round.processor),
                median(0, |round| round.processor) / median(position, |round| round.processor),
                median(position, |round| round.half) / 1_000.0,
                median(position, |round| round.most) / 1_000.0,
            ));
        }
    }
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
