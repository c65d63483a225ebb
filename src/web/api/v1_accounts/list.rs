//! `GET /api/v1/accounts`: accounts, searched and filtered as in the staff area, a page at a time.

use actix_web::{HttpRequest, HttpResponse};

use super::document::ListedDocument;
use crate::{
    app::accounts::list::{self, Wanted},
    domain::{permission::Act, secret::holds_token},
    store::accounts::list::{Place, Which},
    web::{
        api::{
            json::Json,
            members::{At, Members},
            paging::{Page, Paging, write_cursor},
            problem::Problem,
            query,
            staff::StaffHolder,
        },
        cursor,
    },
};

/// Longest text that is looked for, in characters: the longest e-mail address fits.
const LONGEST_SEARCH: usize = 254;

const STATUSES: [(&str, Which); 3] = [
    ("all", Which::All),
    ("active", Which::Active),
    ("suspended", Which::Suspended),
];
const QUIET: [(&str, u16); 3] = [("30", 30), ("90", 90), ("180", 180)];

/// Lists accounts.
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::allowed(&request, Act::ReadAccounts).await?;
    let (wanted, limit) = query::read(&holder.call, &request, wanted)?;
    let asked_after = matches!(wanted.place, Place::After(_));
    let limit = usize::try_from(limit).unwrap_or_default();
    let found = list::page(&holder.call.app, &holder.caller(&request), wanted, limit).await;
    let found = found.map_err(|error| holder.refused(error))?;
    // From a place with nothing behind it the staff area shows the first page; to a program that would be another turn.
    let is_over = asked_after && found.previous == Place::First;
    let next = match &found.next {
        Place::After(key) if !is_over => Some(write_cursor(&cursor::account(key))),
        _ => None,
    };
    let rows = found.rows.into_iter().filter(|_| !is_over);
    Ok(HttpResponse::Ok().json(Page {
        items: rows.map(ListedDocument::from).collect(),
        next,
    }))
}

fn wanted(query: &mut Members<'_>) -> (Wanted, i64) {
    let search = query.optional("q", searched);
    let which = query.optional("status", |at, json| at.word(json, &STATUSES));
    let plan = query.optional("plan", |at, json| at.text(json));
    let expiring = query.optional("expiring", |at, json| {
        at.word(json, &[("true", true), ("false", false)])
    });
    let quiet_days = query.optional("quiet_days", |at, json| at.word(json, &QUIET));
    let paging = Paging::read(query);
    let place = paging.after.and_then(|text| {
        let key = cursor::parse_account(&text);
        if key.is_none() {
            query
                .at("cursor")
                .fault("invalid-cursor", "This must be what the page before gave under next.");
        }
        key
    });
    let wanted = Wanted {
        search: search.unwrap_or_default(),
        which: which.unwrap_or_default(),
        plan,
        expiring: expiring.unwrap_or_default(),
        quiet_days,
        place: place.map_or(Place::First, Place::After),
    };
    (wanted, paging.limit)
}

/// A text to look for, such as a user name.
pub fn searched(at: &mut At<'_>, json: Json) -> Option<String> {
    let text = at.text(json)?;
    let text = text.trim();
    if text.chars().count() > LONGEST_SEARCH {
        at.fault(
            "too-long",
            format!("This must have at most {LONGEST_SEARCH} characters."),
        );
        return None;
    }
    if holds_token(text) || text.chars().any(char::is_control) {
        at.fault(
            "invisible-characters",
            "This must hold no control characters and no token.",
        );
        return None;
    }
    Some(text.to_owned())
}
