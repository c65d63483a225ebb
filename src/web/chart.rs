//! The geometry of the two figures: a sparkline and the bars of a month. Whole numbers only; knows no colours and no words.

/// Width of the sparkline's drawing area; `data::spark` in `templates/partials/data.html` has the same number.
const SPARK_WIDTH: u64 = 960;
/// Height of the sparkline's drawing area.
const SPARK_HEIGHT: u64 = 240;
/// Height of the bars' drawing area; `data::bars` has the same number.
const BARS_HEIGHT: u64 = 200;
/// From the left edge of one bar to that of the next; `data::bars` has the same number.
const BAR_STEP: u64 = 20;
/// A day with any call at all is drawn at least this high, so that it can be seen.
const BAR_LEAST: u64 = 3;

/// The `d` attribute of a line through `values`, oldest first, the highest at the top; a flat line at the bottom when all are 0.
///
/// Fewer than two values give an empty path.
pub fn spark_path(values: &[u64]) -> String {
    use std::fmt::Write as _;
    let Some(gaps) = values.len().checked_sub(1).filter(|gaps| *gaps > 0) else {
        return String::new();
    };
    let gaps = u64::try_from(gaps).unwrap_or(u64::MAX);
    let highest = values.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::with_capacity(values.len() * 8);
    for (i, value) in (0u64..).zip(values) {
        let x = i * SPARK_WIDTH / gaps;
        let y = SPARK_HEIGHT - scaled(*value, highest, SPARK_HEIGHT);
        let command = if i == 0 { 'M' } else { 'L' };
        write!(path, "{command}{x} {y}").expect("writing to a String cannot fail");
    }
    path
}

/// One day of the chart: the allowed calls stand on the ground, the refused ones on top of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Left edge.
    pub x: u64,
    /// Height of the allowed part.
    pub allowed: u64,
    /// Upper edge of the allowed part.
    pub allowed_y: u64,
    /// Height of the refused part, 0 when nothing was refused.
    pub refused: u64,
    /// Upper edge of the refused part.
    pub refused_y: u64,
}

/// The bars of `days`, each (allowed, refused), oldest first, scaled to the highest day.
pub fn bars(days: &[(u64, u64)]) -> Vec<Bar> {
    let highest = days
        .iter()
        .map(|(allowed, refused)| allowed.saturating_add(*refused))
        .max()
        .unwrap_or(0)
        .max(1);
    // Room above for the least heights, which would otherwise push the highest bar out of the picture.
    let room = BARS_HEIGHT - 2 * BAR_LEAST;
    let height = |value: u64| {
        if value == 0 {
            0
        } else {
            scaled(value, highest, room).max(BAR_LEAST)
        }
    };
    (0u64..)
        .zip(days)
        .map(|(i, (allowed, refused))| {
            let (allowed, refused) = (height(*allowed), height(*refused));
            let allowed_y = BARS_HEIGHT - allowed;
            Bar {
                x: i * BAR_STEP + 3,
                allowed,
                allowed_y,
                refused,
                refused_y: allowed_y - refused,
            }
        })
        .collect()
}

/// `value` of `highest`, as a part of `size`; in 128 bits, since counts may be large.
fn scaled(value: u64, highest: u64, size: u64) -> u64 {
    let part = u128::from(value) * u128::from(size) / u128::from(highest.max(1));
    u64::try_from(part).unwrap_or(size).min(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_runs_from_edge_to_edge_and_touches_the_top() {
        assert_eq!(spark_path(&[0, 5, 10]), "M0 240L480 120L960 0");
    }

    #[test]
    fn nothing_used_is_a_flat_line_and_one_day_is_no_line() {
        assert_eq!(spark_path(&[0, 0]), "M0 240L960 240");
        assert_eq!(spark_path(&[7]), "");
        assert_eq!(spark_path(&[]), "");
    }

    #[test]
    fn bars_stay_inside_the_picture_and_small_days_can_be_seen() {
        let drawn = bars(&[(0, 0), (1, 1), (u64::MAX, 0), (10, u64::MAX)]);
        assert_eq!(drawn[0].allowed + drawn[0].refused, 0);
        assert_eq!((drawn[1].allowed, drawn[1].refused), (BAR_LEAST, BAR_LEAST));
        assert!(drawn.iter().all(|bar| bar.refused_y + bar.refused == bar.allowed_y));
        assert!(drawn.iter().all(|bar| bar.allowed_y + bar.allowed == BARS_HEIGHT));
    }
}
