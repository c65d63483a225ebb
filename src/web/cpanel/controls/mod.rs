//! What callers want done to a list on its way out: filtered, sorted, cut into pages, with some columns only. Knows no
//! list, and neither how the two interfaces name this ([`uapi`], [`whm`]).

mod compare;
pub mod uapi;
pub mod whm;

use serde_json::Value;

pub use self::compare::expression;
use self::compare::{Filter, Sort};

/// Most filters, and most columns to sort by, that one call may name.
const MOST: usize = 16;

/// What is to be done to a list.
#[derive(Debug, Default)]
pub struct Controls {
    filters: Vec<Filter>,
    sorts: Vec<Sort>,
    page: Option<Page>,
    columns: Vec<String>,
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    /// The first row, from 1.
    start: usize,
    /// Rows at most, at least 1.
    size: usize,
}

/// What became of a list.
#[derive(Debug, PartialEq)]
struct Applied {
    rows: Vec<Value>,
    /// How many rows there were before they were filtered, where they were.
    before: Option<usize>,
    /// How many there are on all pages.
    found: usize,
}

impl Page {
    fn number(self) -> usize {
        (self.start - 1) / self.size + 1
    }

    fn pages(self, found: usize) -> usize {
        found.div_ceil(self.size)
    }
}

impl Controls {
    fn apply(&self, mut rows: Vec<Value>) -> Applied {
        let before = (!self.filters.is_empty()).then_some(rows.len());
        rows.retain(|row| self.filters.iter().all(|filter| filter.holds(row)));
        // The last one first: a stable sort keeps the order of the one before where it sees no difference.
        for sort in self.sorts.iter().rev() {
            rows.sort_by(|one, other| sort.compare(one, other));
        }
        let found = rows.len();
        if let Some(page) = self.page {
            rows = rows.into_iter().skip(page.start - 1).take(page.size).collect();
        }
        if !self.columns.is_empty() {
            for row in &mut rows {
                if let Value::Object(members) = row {
                    members.retain(|name, _| self.columns.contains(name));
                }
            }
        }
        Applied { rows, before, found }
    }
}
