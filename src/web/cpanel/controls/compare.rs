//! Comparing the columns of rows. Whatever a caller writes, a comparison takes time that grows with the texts and no
//! faster: regular expressions run in linear time, and are bounded in size.

use std::{cmp::Ordering, net::Ipv4Addr};

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::super::envelope::Refused;

/// Longest text that is compared with, in bytes.
const LONGEST_TERM: usize = 255;
/// Most bytes that a compiled regular expression may take.
const LARGEST_EXPRESSION: usize = 256 * 1024;

/// A regular expression of a caller's, for texts in any case.
pub fn expression(text: &str) -> Result<Regex, Refused> {
    let built = RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(LARGEST_EXPRESSION)
        .dfa_size_limit(LARGEST_EXPRESSION)
        .build();
    match built {
        Ok(expression) if text.len() <= LONGEST_TERM => Ok(expression),
        _ => Err(Refused::new(
            "The regular expression cannot be used: it is not one, is too large, or needs look-around or back references.",
        )),
    }
}

/// Which rows stay.
#[derive(Debug)]
pub(super) struct Filter {
    column: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Contains(String),
    Begins(String),
    Ends(String),
    Matches(Regex),
    Is { term: String, not: bool },
    Number { than: f64, less: bool, unlimited: bool },
    Defined(bool),
}

impl Filter {
    /// `kind` is what the interfaces call a filter's type.
    pub(super) fn new(column: &str, kind: &str, term: &str) -> Result<Self, Refused> {
        if term.len() > LONGEST_TERM {
            return Err(Refused::new(format!(
                "What a column is compared with has at most {LONGEST_TERM} bytes."
            )));
        }
        let folded = term.to_lowercase();
        let number = |less, unlimited| match term.trim().parse::<f64>() {
            Ok(than) if than.is_finite() => Ok(Test::Number { than, less, unlimited }),
            _ => Err(Refused::new("“lt” and “gt” compare with a number.")),
        };
        let test = match kind {
            "contains" => Test::Contains(folded),
            "begins" => Test::Begins(folded),
            "ends" => Test::Ends(folded),
            "matches" => Test::Matches(expression(term)?),
            "eq" | "==" => Test::Is {
                term: folded,
                not: false,
            },
            "ne" | "!=" => Test::Is {
                term: folded,
                not: true,
            },
            "lt" => number(true, false)?,
            "gt" => number(false, false)?,
            "lt_handle_unlimited" => number(true, true)?,
            "gt_handle_unlimited" => number(false, true)?,
            "defined" => Test::Defined(true),
            "undefined" => Test::Defined(false),
            _ => {
                return Err(Refused::new(
                    "A filter's type is contains, begins, ends, matches, eq, ne, lt, gt, lt_handle_unlimited, \
                     gt_handle_unlimited, defined or undefined.",
                ));
            }
        };
        Ok(Self {
            column: column.to_owned(),
            test,
        })
    }

    /// Whether a row stays.
    pub(super) fn holds(&self, row: &Value) -> bool {
        let value = row.get(&self.column).filter(|value| !value.is_null());
        let text = || value.map(text).unwrap_or_default().to_lowercase();
        match &self.test {
            Test::Contains(term) => text().contains(term),
            Test::Begins(term) => text().starts_with(term),
            Test::Ends(term) => text().ends_with(term),
            Test::Matches(expression) => expression.is_match(&value.map(self::text).unwrap_or_default()),
            Test::Is { term, not } => (text() == *term) != *not,
            Test::Number { than, less, unlimited } => {
                let found = value.and_then(|value| number(value, *unlimited));
                found.is_some_and(|found| if *less { found < *than } else { found > *than })
            }
            Test::Defined(wanted) => value.is_some() == *wanted,
        }
    }
}

/// How columns are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Text,
    Number,
    /// Zero means "no limit".
    NumberZeroLast,
    Address,
}

/// By which column rows are ordered.
#[derive(Debug)]
pub(super) struct Sort {
    column: String,
    reverse: bool,
    method: Method,
}

impl Sort {
    /// `method` is what the interfaces call it; empty: as texts.
    pub(super) fn new(column: &str, reverse: bool, method: &str) -> Result<Self, Refused> {
        let method = match method {
            "" | "lexicographic" | "lexicographic_caseless" => Method::Text,
            "numeric" => Method::Number,
            "numeric_zero_as_max" => Method::NumberZeroLast,
            "ipv4" => Method::Address,
            _ => {
                return Err(Refused::new(
                    "A list is sorted by lexicographic, lexicographic_caseless, numeric, numeric_zero_as_max or ipv4.",
                ));
            }
        };
        Ok(Self {
            column: column.to_owned(),
            reverse,
            method,
        })
    }

    pub(super) fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let (one, other) = (one.get(&self.column), other.get(&self.column));
        let order = match self.method {
            Method::Text => folded(one).cmp(&folded(other)),
            Method::Number => rank(one, false).total_cmp(&rank(other, false)),
            Method::NumberZeroLast => rank(one, true).total_cmp(&rank(other, true)),
            Method::Address => address(one).cmp(&address(other)),
        };
        if self.reverse { order.reverse() } else { order }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn folded(value: Option<&Value>) -> String {
    value
        .filter(|value| !value.is_null())
        .map(text)
        .unwrap_or_default()
        .to_lowercase()
}

fn number(value: &Value, unlimited: bool) -> Option<f64> {
    let text = text(value);
    if unlimited && text == "unlimited" {
        return Some(f64::INFINITY);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    digits.trim().parse().ok().filter(|number: &f64| !number.is_nan())
}

fn rank(value: Option<&Value>, zero_is_most: bool) -> f64 {
    match value.and_then(|value| number(value, true)) {
        Some(0.0) if zero_is_most => f64::INFINITY,
        Some(number) => number,
        None => f64::NEG_INFINITY,
    }
}

fn address(value: Option<&Value>) -> Option<Ipv4Addr> {
    value?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn kept(kind: &str, term: &str) -> Vec<&'static str> {
        let filter = Filter::new("v", kind, term).unwrap();
        let rows = [
            ("text", json!({"v": "Backup"})),
            ("five", json!({"v": 5})),
            ("text five", json!({"v": "5M"})),
            ("unlimited", json!({"v": "unlimited"})),
            ("null", json!({"v": null})),
            ("none", json!({})),
        ];
        let holds = rows.into_iter().filter(|(_, row)| filter.holds(row));
        holds.map(|(name, _)| name).collect()
    }

    #[test]
    fn each_type_keeps_what_it_says() {
        assert_eq!(kept("contains", "ACK"), ["text"]);
        assert_eq!(kept("begins", "b"), ["text"]);
        assert_eq!(kept("ends", "P"), ["text"]);
        assert_eq!(kept("matches", "^(backup|5)$"), ["text", "five"]);
        assert_eq!(kept("eq", "5"), ["five"]);
        assert_eq!(kept("ne", "backup"), ["five", "text five", "unlimited", "null", "none"]);
        assert_eq!(kept("lt", "6"), ["five", "text five"]);
        assert_eq!(kept("gt", "6"), [""; 0]);
        assert_eq!(kept("gt_handle_unlimited", "6"), ["unlimited"]);
        assert_eq!(kept("defined", ""), ["text", "five", "text five", "unlimited"]);
        assert_eq!(kept("undefined", ""), ["null", "none"]);
    }

    #[test]
    fn what_cannot_be_compared_with_is_refused() {
        for (kind, term) in [
            ("between", ""),
            ("lt", "x"),
            ("gt", "inf"),
            ("lt", "NaN"),
            ("matches", "("),
            ("matches", r"(a)\1"),
            ("matches", "((a{100}){100}){100}"),
            ("contains", &"a".repeat(256)),
        ] {
            assert!(Filter::new("v", kind, term).is_err(), "{kind} {term}");
        }
        assert!(Sort::new("v", false, "random").is_err());
    }

    #[test]
    fn an_expression_that_others_drown_in_is_soon_answered() {
        let filter = Filter::new("v", "matches", "^(a+)+$").unwrap();
        let row = json!({"v": format!("{}!", "a".repeat(50_000))});
        assert!(!filter.holds(&row));
    }

    #[test]
    fn columns_are_ordered_as_they_are_meant() {
        let sorted = |method: &str, reverse: bool, values: &[Value]| {
            let sort = Sort::new("v", reverse, method).unwrap();
            let mut rows: Vec<Value> = values.iter().map(|value| json!({"v": value})).collect();
            rows.sort_by(|one, other| sort.compare(one, other));
            let texts: Vec<String> = rows.iter().map(|row| text(&row["v"])).collect();
            texts.join(" ")
        };
        let numbers = [json!(10), json!("9M"), json!(0), json!("unlimited")];
        assert_eq!(sorted("", false, &numbers), "0 10 9M unlimited");
        assert_eq!(sorted("numeric", false, &numbers), "0 9M 10 unlimited");
        assert_eq!(sorted("numeric", true, &numbers), "unlimited 10 9M 0");
        assert_eq!(
            sorted("numeric_zero_as_max", false, &[json!(0), json!(7), json!(3)]),
            "3 7 0"
        );
        let addresses = [json!("10.0.0.9"), json!("9.0.0.1"), json!("x")];
        assert_eq!(sorted("ipv4", false, &addresses), "x 9.0.0.1 10.0.0.9");
    }

    proptest! {
        #[test]
        fn nothing_that_is_compared_is_too_odd(kind in "contains|begins|ends|matches|eq|ne|lt|gt|defined", term in ".{0,40}", value in ".{0,40}") {
            if let Ok(filter) = Filter::new("v", &kind, &term) {
                let _ = filter.holds(&json!({"v": value}));
            }
        }
    }
}
