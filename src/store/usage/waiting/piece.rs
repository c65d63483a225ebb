//! How a piece of usage is written in its row: JSON in which each text stands once.

use std::{borrow::Cow, collections::HashMap, hash::Hash, net::IpAddr};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::{
    domain::{
        decision::Reason,
        id::TokenId,
        token::LastUse,
        usage::{ALLOWED, TokenUse, UsageCell, hour_of},
    },
    store::StoreError,
};

/// What some tokens were used for, as it is stored.
#[derive(Clone, Debug)]
pub struct Piece(Vec<u8>);

#[derive(Deserialize, Serialize)]
struct Written<'a> {
    texts: Vec<Cow<'a, str>>,
    addresses: Vec<IpAddr>,
    uses: Vec<Use>,
}

/// A token, its calls, and its last use with either secret: when, and the place of the address.
#[derive(Deserialize, Serialize)]
struct Use(i64, Vec<Cell>, Option<(i64, usize)>, Option<(i64, usize)>);

/// The places of route, scopes and site among the texts, that of the address, that of the outcome among the texts, how
/// many calls, and when the last of them was, which tells the hour too.
#[derive(Deserialize, Serialize)]
struct Cell(usize, usize, usize, Option<usize>, usize, i64, i64);

impl Piece {
    /// Writes what was used.
    pub fn pack(uses: &[TokenUse]) -> Self {
        let (mut texts, mut addresses) = (Places::default(), Places::default());
        let seen = |last: &LastUse, addresses: &mut Places<IpAddr>| (micros(last.at), addresses.of(last.from));
        let uses = uses.iter().map(|used| {
            let cells = used.cells.iter().map(|cell| {
                Cell(
                    texts.of(&*cell.route),
                    texts.of(&*cell.scope),
                    texts.of(&*cell.site),
                    cell.address.map(|address| addresses.of(address)),
                    texts.of(cell.outcome),
                    cell.calls,
                    micros(cell.last_at),
                )
            });
            let cells = cells.collect();
            let current = used.current.as_ref().map(|last| seen(last, &mut addresses));
            let previous = used.previous.as_ref().map(|last| seen(last, &mut addresses));
            Use(used.token.0, cells, current, previous)
        });
        let uses = uses.collect();
        let written = Written {
            texts: texts.list.into_iter().map(Cow::Borrowed).collect(),
            addresses: addresses.list,
            uses,
        };
        Self(serde_json::to_vec(&written).expect("texts and numbers can be written as JSON"))
    }

    /// What stands in the row.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was packed.
    pub(super) fn unpack(&self) -> Result<Vec<TokenUse>, StoreError> {
        let mut written: Written<'_> = serde_json::from_slice(&self.0).map_err(|error| damaged(error.to_string()))?;
        let uses = std::mem::take(&mut written.uses);
        uses.into_iter().map(|used| written.unpack(used)).collect()
    }
}

impl From<Vec<u8>> for Piece {
    fn from(row: Vec<u8>) -> Self {
        Self(row)
    }
}

/// Things, each once, by the places where they stand.
struct Places<T> {
    list: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> Places<T> {
    fn of(&mut self, thing: T) -> usize {
        *self.places.entry(thing).or_insert_with(|| {
            self.list.push(thing);
            self.list.len() - 1
        })
    }
}

impl Written<'_> {
    fn text(&self, place: usize) -> Result<&str, StoreError> {
        let found = self.texts.get(place);
        found
            .map(|text| &**text)
            .ok_or_else(|| damaged(format!("text {place}")))
    }

    fn address(&self, place: usize) -> Result<IpAddr, StoreError> {
        let found = self.addresses.get(place);
        found.copied().ok_or_else(|| damaged(format!("address {place}")))
    }

    fn unpack(&self, Use(token, cells, current, previous): Use) -> Result<TokenUse, StoreError> {
        let cell = |Cell(route, scope, site, address, outcome, calls, last_at): Cell| {
            let last_at = instant(last_at)?;
            Ok::<_, StoreError>(UsageCell {
                hour: hour_of(last_at),
                route: self.text(route)?.into(),
                scope: self.text(scope)?.into(),
                site: self.text(site)?.into(),
                address: address.map(|place| self.address(place)).transpose()?,
                outcome: outcome_of(self.text(outcome)?)?,
                calls,
                last_at,
            })
        };
        let seen = |(at, from): (i64, usize)| {
            Ok::<_, StoreError>(LastUse {
                at: instant(at)?,
                from: self.address(from)?,
            })
        };
        Ok(TokenUse {
            token: TokenId(token),
            cells: cells.into_iter().map(cell).collect::<Result<_, _>>()?,
            current: current.map(seen).transpose()?,
            previous: previous.map(seen).transpose()?.map(Box::new),
        })
    }
}

fn damaged(value: String) -> StoreError {
    StoreError::Column {
        column: "usage_waiting.uses",
        value,
    }
}

fn outcome_of(code: &str) -> Result<&'static str, StoreError> {
    if code == ALLOWED {
        return Ok(ALLOWED);
    }
    let reason: Result<Reason, _> = code.parse();
    reason.map(Reason::code).map_err(|_| damaged(code.to_owned()))
}

/// Microseconds since 1970; more exactly no clock of ours tells the time.
fn micros(at: PrimitiveDateTime) -> i64 {
    let at = at.assume_utc();
    at.unix_timestamp() * 1_000_000 + i64::from(at.microsecond())
}

fn instant(micros: i64) -> Result<PrimitiveDateTime, StoreError> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000);
    let at = at.map_err(|_| damaged(micros.to_string()))?;
    Ok(PrimitiveDateTime::new(at.date(), at.time()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, macros::datetime};

    use super::*;

    fn at(micros: i64) -> PrimitiveDateTime {
        datetime!(2026-11-23 12:00) + Duration::microseconds(micros)
    }

    fn last_use() -> impl Strategy<Value = LastUse> {
        (0_i64..10_000_000_000, any::<IpAddr>()).prop_map(|(micros, from)| LastUse { at: at(micros), from })
    }

    fn cell() -> impl Strategy<Value = UsageCell> {
        let outcome = prop_oneof![
            Just(ALLOWED),
            proptest::sample::select(Reason::ALL.to_vec()).prop_map(Reason::code)
        ];
        let texts = ("[A-Z /{}a-z]{0,9}", "[a-z: ]{0,9}", "\\PC{0,9}");
        let rest = (any::<Option<IpAddr>>(), outcome, 1_i64..9, 0_i64..10_000_000_000);
        (texts, rest).prop_map(|((route, scope, site), (address, outcome, calls, micros))| UsageCell {
            hour: hour_of(at(micros)),
            route: route.into(),
            scope: scope.into(),
            site: site.into(),
            address,
            outcome,
            calls,
            last_at: at(micros),
        })
    }

    fn used() -> impl Strategy<Value = TokenUse> {
        let last = || proptest::option::of(last_use());
        let cells = proptest::collection::vec(cell(), 0..5);
        (any::<i64>(), cells, last(), last()).prop_map(|(token, cells, current, previous)| TokenUse {
            token: TokenId(token),
            cells,
            current,
            previous: previous.map(Box::new),
        })
    }

    proptest! {
        #[test]
        fn every_piece_comes_back_as_it_was(uses in proptest::collection::vec(used(), 0..9)) {
            prop_assert_eq!(Piece::pack(&uses).unpack().unwrap(), uses);
        }
    }

    #[test]
    fn what_is_no_piece_is_an_error() {
        for damaged in [
            "",
            "{}",
            r#"{"texts":[],"uses":[[1,[[0,0,0,null,0,1,0]],null,null]]}"#,
            r#"{"texts":["?"],"uses":[[1,[[0,0,0,null,0,1,0]],null,null]]}"#,
            r#"{"texts":["?"],"uses":[[1,[],[0,0],null]]}"#,
        ] {
            assert!(Piece::from(damaged.as_bytes().to_vec()).unpack().is_err(), "{damaged}");
        }
    }
}
