//! `/tokens`: the list.

pub mod export;
pub(in crate::web) mod parameters;
pub(in crate::web::pages) mod table;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use self::{parameters::Parameters, table::Table};
use super::viewer::Viewer;
use crate::{
    app::tokens::list::{self, Listing},
    domain::{secret::PREFIX, token::Token},
    web::{error::WebError, guard::Customer, layout::Layout, times::When, words},
};

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
    table: Table,
    csv: String,
    expiring: Option<Expiring>,
    /// Whether the account has no token at all, and had none in the last 90 days.
    is_new: bool,
    suspended: bool,
    /// Why no token can be created; empty when one can.
    create_why: String,
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
pub(in crate::web::pages) fn hint(token: &Token) -> String {
    format!("{PREFIX}{}…{}", token.public_id, token.last4)
}

impl ListPage {
    fn new(customer: &Customer, parameters: &Parameters, listing: &Listing) -> Self {
        let suspended = customer.account.is_suspended();
        Self {
            page: customer.layout("API tokens", "tokens"),
            table: Table::of(&Viewer::from(customer), parameters, listing),
            csv: parameters.on_page(1).address("/tokens.csv"),
            expiring: expiring(customer, listing).filter(|_| !suspended),
            is_new: listing.all.all == 0 && listing.all.revoked == 0,
            suspended,
            create_why: create_why(listing, suspended),
        }
    }
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

fn expiring(customer: &Customer, listing: &Listing) -> Option<Expiring> {
    let next = listing.expiring_next.as_ref()?;
    Some(Expiring {
        count: listing.all.expiring,
        id: next.public_id.to_string(),
        name: next.name.to_string(),
        at: words::expiry(&customer.zone, next.expiry)?,
    })
}
