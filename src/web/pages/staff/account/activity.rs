//! What happened in an account, as staff read it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{ACTIVITY, AccountHead, address, find};
use crate::{
    domain::account::Account,
    web::{
        error::WebError,
        exports,
        guard::Staff,
        layout::Layout,
        pages::activity::{Listing, View, export},
        words::Reader,
    },
};

#[derive(Template)]
#[template(path = "staff/account/activity.html")]
struct ActivityPage {
    page: Layout,
    head: AccountHead,
    list: Listing,
}

fn view(staff: &Staff, account: &Account) -> View {
    View {
        app: Arc::clone(&staff.visit.app),
        caller: staff.caller.clone(),
        zone: staff.zone(),
        reader: Reader::Staff,
        path: address(account, ACTIVITY),
        account: account.clone(),
    }
}

/// `GET /staff/accounts/{id}/activity`
pub async fn show(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let page = ActivityPage {
        page: staff.layout(&format!("{}: activity", account.username), "accounts"),
        head: AccountHead::of(&staff, &account, ACTIVITY),
        list: view(&staff, &account).listing(request.query_string()).await?,
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// `GET /staff/accounts/{id}/activity.csv`
pub async fn download(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let turn = match exports::turn(&staff, "accounts")? {
        Ok(turn) => turn,
        Err(full) => return Ok(full),
    };
    let name = format!("activity-{}.csv", account.username);
    Ok(export::download(
        view(&staff, &account),
        turn,
        request.query_string(),
        &name,
    ))
}
