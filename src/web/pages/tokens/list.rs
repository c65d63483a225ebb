//! `/tokens`: the list.

pub mod export;
pub(super) mod parameters;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use self::parameters::{FILTERS, Parameters, SORTS};
use crate::{
    app::tokens::list::{self, Listing, PAGE},
    domain::{secret::PREFIX, token::Token},
    store::tokens::{Filter, Order, Sort},
    web::{
        chart,
        error::WebError,
        guard::Customer,
        layout::Layout,
        times::When,
        words::{self, Badge, Brief, UseWords, counted},
    },
};

/// A filter above the list.
struct FilterLink {
    href: String,
    label: &'static str,
    count: i64,
    current: bool,
}

/// A column that sorts.
struct SortLink {
    href: String,
    state: &'static str,
}

/// A token in the list.
struct Row {
    id: String,
    name: String,
    hint: String,
    can: Brief,
    places: Brief,
    from: String,
    badge: Badge,
    expires: Option<When>,
    used: Option<UseWords>,
    spark: String,
    spark_label: String,
    /// Whether anything can still be done with it.
    live: bool,
}

/// The warning that tokens stop working soon.
struct Expiring {
    count: i64,
    id: String,
    name: String,
    at: When,
}

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct ListPage {
    page: Layout,
    filters: Vec<FilterLink>,
    filter_label: &'static str,
    status: &'static str,
    search: String,
    sort: &'static str,
    sorts: Vec<(&'static str, &'static str)>,
    by_name: SortLink,
    by_expiry: SortLink,
    by_use: SortLink,
    heading: String,
    order_words: &'static str,
    rows: Vec<Row>,
    back: String,
    previous: String,
    next: String,
    range: String,
    csv: String,
    unsearched: String,
    expiring: Option<Expiring>,
    /// Whether the account has no token at all, and had none in the last 90 days.
    is_new: bool,
    suspended: bool,
    /// Why no token can be created; empty when one can.
    create_why: String,
    /// Whether any row can be ticked.
    can_tick: bool,
}

/// `GET /tokens`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(request.query_string());
    let (app, selection) = (&customer.visit.app, parameters.selection.clone());
    let listing = list::page(app, &customer.caller, &customer.account, selection, parameters.page).await?;
    let page = ListPage::new(&customer, &parameters.on_page(listing.page), &listing);
    customer.visit.page(StatusCode::OK, &page)
}

/// How a list names a token's secret: `lk_Ab12Cd34…19Wj`.
pub(super) fn hint(token: &Token) -> String {
    format!("{PREFIX}{}…{}", token.public_id, token.last4)
}

impl ListPage {
    fn new(customer: &Customer, parameters: &Parameters, listing: &Listing) -> Self {
        let address = |parameters: &Parameters| parameters.address("/tokens");
        let selection = &parameters.selection;
        let found = listing.counts.of(selection.filter);
        let suspended = customer.account.is_suspended();
        let on_page = |page: i64| {
            if (1..=listing.pages).contains(&page) {
                address(&parameters.on_page(page))
            } else {
                String::new()
            }
        };
        let rows: Vec<Row> = listing
            .rows
            .iter()
            .map(|(token, calls)| Row::new(customer, listing, token, calls))
            .collect();
        let known = SORTS.iter().find(|(_, _, code, _)| *code == parameters.sort_code());
        Self {
            page: customer.layout("API tokens", "tokens"),
            filters: FILTERS
                .iter()
                .map(|known| filter_link(known, parameters, listing))
                .collect(),
            filter_label: FILTERS
                .iter()
                .find(|(filter, ..)| *filter == selection.filter)
                .map_or("", |known| known.2),
            status: parameters.filter_code(),
            search: selection.search.clone(),
            sort: parameters.sort_code(),
            sorts: SORTS.iter().map(|(_, _, code, words)| (*code, *words)).collect(),
            by_name: sort_link(parameters, Sort::Name),
            by_expiry: sort_link(parameters, Sort::Expiry),
            by_use: sort_link(parameters, Sort::LastUse),
            heading: counted(found, "token"),
            order_words: known.map_or("", |(.., words)| words),
            can_tick: rows.iter().any(|row| row.live) && !suspended,
            rows,
            back: parameters.query(),
            previous: on_page(listing.page - 1),
            next: on_page(listing.page + 1),
            range: range(listing.page, found),
            csv: parameters.on_page(1).address("/tokens.csv"),
            unsearched: address(&parameters.unsearched()),
            expiring: expiring(customer, listing).filter(|_| !suspended),
            is_new: listing.all.all == 0 && listing.all.revoked == 0,
            suspended,
            create_why: create_why(listing, suspended),
        }
    }
}

/// `26 to 50 of 240`.
fn range(page: i64, found: i64) -> String {
    let first = (page - 1) * PAGE + 1;
    format!("{first} to {} of {found}", (first + PAGE - 1).min(found))
}

fn create_why(listing: &Listing, suspended: bool) -> String {
    let live = listing.all.all;
    if suspended {
        "Not while the account is suspended.".to_owned()
    } else if live >= i64::from(listing.limit) {
        format!(
            "You have {live} of {} tokens. Revoke one to create another.",
            listing.limit
        )
    } else {
        String::new()
    }
}

fn filter_link(
    (filter, _, label): &(Filter, &'static str, &'static str),
    parameters: &Parameters,
    listing: &Listing,
) -> FilterLink {
    FilterLink {
        href: parameters.filtered(*filter).address("/tokens"),
        label,
        count: listing.counts.of(*filter),
        current: parameters.selection.filter == *filter,
    }
}

fn sort_link(parameters: &Parameters, by: Sort) -> SortLink {
    let state = match parameters.selection.order {
        _ if parameters.selection.sort != by => "",
        Order::Ascending => "ascending",
        Order::Descending => "descending",
    };
    SortLink {
        href: parameters.sorted(by).address("/tokens"),
        state,
    }
}

fn expiring(customer: &Customer, listing: &Listing) -> Option<Expiring> {
    let next = listing.expiring_next.as_ref()?;
    Some(Expiring {
        count: listing.all.expiring,
        id: next.public_id.to_string(),
        name: next.name.to_string(),
        at: words::expiry(&customer.zone, next.expiry)?,
    })
}

impl Row {
    fn new(customer: &Customer, listing: &Listing, token: &Token, calls: &[u64]) -> Self {
        let (zone, catalogue) = (&customer.zone, &customer.visit.app.catalogue);
        let suspended = customer.account.is_suspended();
        Self {
            id: token.public_id.to_string(),
            name: token.name.to_string(),
            hint: hint(token),
            can: words::permissions_in_brief(catalogue, &token.scopes),
            places: words::sites_in_brief(&token.sites),
            from: match token.addresses.len() {
                _ if token.addresses.is_any() => String::new(),
                1 => format!("Only from {}", token.addresses),
                many => format!("Only from {many} addresses"),
            },
            badge: words::status(token.status(suspended, listing.now), zone, listing.now),
            expires: words::expiry(zone, token.expiry),
            used: words::last_use(zone, token.last_use),
            spark: chart::spark_path(calls),
            spark_label: spark_label(calls),
            live: !token.is_revoked() && !suspended,
        }
    }
}

/// `61 calls in 14 days, peak 6 in a day`.
fn spark_label(calls: &[u64]) -> String {
    let total = calls.iter().fold(0, |sum: u64, day| sum.saturating_add(*day));
    let days = calls.len();
    match (total, calls.iter().max()) {
        (0, _) | (_, None) => format!("No calls in {days} days"),
        (total, Some(peak)) => {
            let total = counted(i64::try_from(total).unwrap_or(i64::MAX), "call");
            format!("{total} in {days} days, peak {peak} in a day")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_in_words() {
        assert_eq!(spark_label(&[0, 0, 0]), "No calls in 3 days");
        assert_eq!(spark_label(&[0, 1]), "1 call in 2 days, peak 1 in a day");
        assert_eq!(spark_label(&[2, 4]), "6 calls in 2 days, peak 4 in a day");
        assert_eq!(
            (range(1, 7), range(2, 26)),
            ("1 to 7 of 7".to_owned(), "26 to 26 of 26".to_owned())
        );
    }
}
