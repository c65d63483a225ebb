//! An account's tokens from a place in their order on: whatever is added or changed before that place, none is passed over
//! and none comes twice.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    list::{Boxed, Order, Query, Sort, ordered},
    row::TokenRow,
};
use crate::{
    domain::{
        id::{AccountId, TokenId},
        token::Token,
    },
    store::{DbConnection, StoreError, schema::tokens},
};

/// What a token is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Its name, folded.
    Name(String),
    /// An instant; none comes last.
    At(Option<PrimitiveDateTime>),
}

/// Where a token stands in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it is sorted by.
    pub key: Key,
    /// Its row, which settles ties.
    pub id: TokenId,
}

impl Place {
    /// Where a token stands among tokens in this order.
    pub fn of(token: &Token, sort: Sort) -> Self {
        let key = match sort {
            Sort::Name => Key::Name(token.name.folded()),
            Sort::Expiry => Key::At(token.expiry.instant()),
            Sort::LastUse => Key::At(token.last_use.map(|last| last.at)),
            Sort::Created => Key::At(Some(token.created_at)),
        };
        Self { key, id: token.id }
    }
}

/// The tokens that `query` asks for and that come after `after`, `query.limit` at most. The key of `after` must be of the
/// kind that `query` sorts by; with another one there are none.
pub fn walk(
    connection: &mut DbConnection,
    account: AccountId,
    query: &Query,
    after: Option<&Place>,
    now: PrimitiveDateTime,
) -> Result<Vec<Token>, StoreError> {
    let select = ordered(account, query, now);
    let select = match after {
        None => select,
        Some(place) => match beyond(select, query, place) {
            None => return Ok(Vec::new()),
            Some(select) => select,
        },
    };
    let rows: Vec<TokenRow> = select
        .select(TokenRow::as_select())
        .limit(query.limit)
        .load(connection)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// What stands behind a key, or at it and behind a row.
macro_rules! behind {
    ($select:expr, $order:expr, $column:expr, $key:expr, $id:expr) => {
        match $order {
            Order::Ascending => $select.filter($column.gt($key.clone()).or($column.eq($key).and(tokens::id.gt($id)))),
            Order::Descending => $select.filter($column.lt($key.clone()).or($column.eq($key).and(tokens::id.lt($id)))),
        }
    };
}

/// The same for a column in which nothing comes last.
macro_rules! behind_or_none {
    ($select:expr, $order:expr, $column:expr, $key:expr, $id:expr) => {
        match ($key, $order) {
            (Some(key), Order::Ascending) => $select.filter(
                $column
                    .is_null()
                    .or($column.gt(key))
                    .or($column.eq(key).and(tokens::id.gt($id))),
            ),
            (Some(key), Order::Descending) => $select.filter(
                $column
                    .is_null()
                    .or($column.lt(key))
                    .or($column.eq(key).and(tokens::id.lt($id))),
            ),
            (None, Order::Ascending) => $select.filter($column.is_null().and(tokens::id.gt($id))),
            (None, Order::Descending) => $select.filter($column.is_null().and(tokens::id.lt($id))),
        }
    };
}

fn beyond(select: Boxed, query: &Query, Place { key, id }: &Place) -> Option<Boxed> {
    Some(match (query.sort, key) {
        (Sort::Name, Key::Name(name)) => behind!(select, query.order, tokens::name_folded, name.clone(), id.0),
        (Sort::Created, Key::At(Some(at))) => behind!(select, query.order, tokens::created_at, *at, id.0),
        (Sort::Expiry, Key::At(at)) => behind_or_none!(select, query.order, tokens::expires_at, *at, id.0),
        (Sort::LastUse, Key::At(at)) => behind_or_none!(select, query.order, tokens::last_used_at, *at, id.0),
        _ => return None,
    })
}
