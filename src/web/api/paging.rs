//! Lists, a page at a time: the parameters that every list has, and how a page is answered.
//!
//! A page begins after the last row of the one before, not after so many rows: whatever is added meanwhile, no row is
//! passed over and none comes twice.

use schemars::JsonSchema;
use serde::Serialize;

use super::{json::Json, members::Members, reference::shape::Cursor};
use crate::web::packed::hex;

/// Rows of a page when nothing is said.
pub const USUAL: i64 = 25;
/// Most rows of a page.
pub const MOST: i64 = 100;
/// Longest cursor, in characters: the longest name, each character of four bytes, and room for what else tells a place.
const LONGEST_CURSOR: usize = 600;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Rows at most.
    pub limit: i64,
    /// What [`write_cursor`] was given for the last row of the page before; none: the first page.
    pub after: Option<String>,
}

impl Paging {
    /// Reads `limit` and `cursor`.
    pub fn read(query: &mut Members<'_>) -> Self {
        let limit = query.optional("limit", |at, json| {
            let number = match &json {
                Json::Text(text) => text.parse().ok(),
                _ => None,
            };
            at.whole(&Json::Number(number), 1, MOST)
        });
        let after = query.optional("cursor", |at, json| {
            let read = read_cursor(&at.text(json)?);
            if read.is_none() {
                at.fault("invalid-cursor", "This must be what the page before gave under next.");
            }
            read
        });
        Self {
            limit: limit.unwrap_or(USUAL),
            after,
        }
    }
}

/// A place in a list, as programs get it: a text that means nothing to them, and that nobody can take for a token, as
/// shorter ways to write it could by chance.
pub fn write_cursor(place: &str) -> String {
    hex(place.as_bytes())
}

/// The place that [`write_cursor`] wrote.
fn read_cursor(text: &str) -> Option<String> {
    if text.len() > LONGEST_CURSOR || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.filter(|pair| pair.len() == 2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// What to send as cursor for the next page; null on the last one.
    #[schemars(with = "Option<Cursor>")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page of the first `limit` of `rows`, of which one more was read where there is one. `place` is a row's place in
    /// the list.
    pub fn of<R>(mut rows: Vec<R>, limit: i64, place: impl FnOnce(&R) -> String, show: impl FnMut(R) -> T) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self {
            next: rows.last().filter(|_| more).map(|last| write_cursor(&place(last))),
            items: rows.into_iter().map(show).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::api::members::Faults;

    fn read(pairs: &[(&str, &str)]) -> (Paging, usize) {
        let mut faults = Faults::default();
        let members = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Json::Text((*value).to_owned())));
        let mut query = Members::new("?", members.collect(), &mut faults);
        let paging = Paging::read(&mut query);
        query.finish();
        (paging, faults.into_list().len())
    }

    #[test]
    fn a_page_is_asked_for_by_its_size_and_the_one_before() {
        let place = write_cursor("a b");
        let (paging, faults) = read(&[("limit", "100"), ("cursor", &place)]);
        assert_eq!((paging.limit, paging.after.as_deref(), faults), (100, Some("a b"), 0));
        assert_eq!(read(&[]).0.limit, USUAL);
        for wrong in ["0", "101", "-1", "ten", "", "99999999999999999999"] {
            assert_eq!(read(&[("limit", wrong)]).1, 1, "{wrong}");
        }
        for wrong in ["%", "xy", "+1", "ff", &"61".repeat(301)] {
            assert_eq!(read(&[("cursor", wrong)]).1, 1, "{wrong}");
        }
        assert_eq!(read(&[("page", "2")]).1, 1);
    }

    #[test]
    fn the_last_page_has_no_next() {
        let page = |rows: Vec<u8>| Page::of(rows, 2, u8::to_string, |row| row);
        assert_eq!((page(vec![1, 2]).next, page(vec![]).next), (None, None));
        let first = page(vec![1, 2, 3]);
        assert_eq!((first.items, first.next), (vec![1, 2], Some(write_cursor("2"))));
    }
}
