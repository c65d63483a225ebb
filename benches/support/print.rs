//! What the benchmarks print.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Prints a line at once.
pub(crate) fn line(text: &impl Display) {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .expect("somebody reads the output");
}

/// The middle one of some numbers; 0 of none.
pub(crate) fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
