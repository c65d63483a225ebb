//! `GET /api/v1/tokens`: the tokens of the account, searched, filtered and sorted as in the panel, a page at a time.

use actix_web::{HttpRequest, HttpResponse};

use super::{document::TokenDocument, reader};
use crate::{
    app::{
        App,
        tokens::list::{Selection, walk},
    },
    domain::id::{EventId, TokenId},
    store::tokens::{Key, Place, Sort},
    web::{
        api::{
            json::Json,
            members::{At, Members},
            paging::{Page, Paging},
            problem::Problem,
            query,
        },
        cursor::Cursors,
        pages::tokens::list::parameters::{FILTERS, LONGEST_SEARCH, SORTS},
        times::{iso_micro, parse_iso_micro},
    },
};

const ROUTE: &str = "GET /api/v1/tokens";
/// Stands in a cursor for an instant that is none.
const NEVER: &str = "-";

/// What is asked for.
pub struct Wanted {
    /// Which tokens, in which order.
    pub selection: Selection,
    /// The order as it was asked for.
    pub sort: &'static str,
    /// Which page.
    pub paging: Paging,
}

/// Lists tokens.
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = reader(&request, ROUTE).await?;
    let (call, known) = (&holder.call, holder.verified.token());
    let places = Places::of(&call.app, &known.account_public_id);
    let (wanted, after) = query::read(call, &request, |query| {
        let wanted = wanted(query);
        let after = after(&places, &wanted, &mut query.at("cursor"));
        (wanted, after)
    })?;
    let (sort, limit) = (wanted.selection.sort, wanted.paging.limit);
    let (caller, account, selection) = (holder.caller(&request), known.account, wanted.selection);
    let found = walk(&call.app, &caller, account, selection, after, limit + 1).await;
    let tokens = found.map_err(|error| holder.refused(error))?;
    let place = |token: &_| places.write(wanted.sort, &Place::of(token, sort));
    let page = Page::of(tokens, limit, place, |token| TokenDocument::new(&holder, &token));
    Ok(HttpResponse::Ok().json(page))
}

/// Reads what is asked for.
pub fn wanted(query: &mut Members<'_>) -> Wanted {
    let filters = FILTERS.map(|(filter, word, _)| (word, filter));
    let sorts = SORTS.map(|(sort, order, word, _)| (word, (sort, order, word)));
    let filter = query.optional("status", |at, json| at.word(json, &filters));
    let (sort, order, word) = query
        .optional("sort", |at, json| at.word(json, &sorts))
        .unwrap_or(sorts[0].1);
    let search = query.optional("q", searched);
    Wanted {
        selection: Selection {
            filter: filter.unwrap_or_default(),
            search: search.unwrap_or_default(),
            sort,
            order,
        },
        sort: word,
        paging: Paging::read(query),
    }
}

fn searched(at: &mut At<'_>, json: Json) -> Option<String> {
    let text = at.text(json)?;
    let text = text.trim();
    if text.chars().count() > LONGEST_SEARCH {
        at.fault(
            "too-long",
            format!("This must have at most {LONGEST_SEARCH} characters."),
        );
        return None;
    }
    if text.chars().any(char::is_control) {
        at.fault("invisible-characters", "This must hold no control characters.");
        return None;
    }
    Some(text.to_owned())
}

/// The place after which the page begins. A cursor of another order is none of this one.
pub fn after(places: &Places, wanted: &Wanted, at: &mut At<'_>) -> Option<Place> {
    let text = wanted.paging.after.as_deref()?;
    let place = places.read(wanted.sort, wanted.selection.sort, text);
    if place.is_none() {
        at.fault(
            "invalid-cursor",
            "This must be what the page before gave under next, with the same sort.",
        );
    }
    place
}

/// Writes places: the order, the row's number masked, and what it is sorted by. Numbers of rows go through all accounts.
pub struct Places(Cursors);

impl Places {
    /// For the account with that public id.
    pub fn of(app: &App, account: &str) -> Self {
        Self(Cursors::of(app, account))
    }

    /// A place in that order.
    pub fn write(&self, sort: &str, place: &Place) -> String {
        let key = match &place.key {
            Key::Name(name) => name.clone(),
            Key::At(None) => NEVER.to_owned(),
            Key::At(Some(at)) => iso_micro(*at),
        };
        format!("{sort} {} {key}", self.0.write(EventId(place.id.0)))
    }

    fn read(&self, sort: &str, by: Sort, text: &str) -> Option<Place> {
        let mut parts = text.splitn(3, ' ');
        let (Some(order), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        if order != sort {
            return None;
        }
        Some(Place {
            id: TokenId(self.0.read(id)?.0),
            key: match by {
                Sort::Name => Key::Name(key.to_owned()),
                Sort::Expiry | Sort::LastUse if key == NEVER => Key::At(None),
                Sort::Created | Sort::Expiry | Sort::LastUse => Key::At(Some(parse_iso_micro(key)?)),
            },
        })
    }
}
