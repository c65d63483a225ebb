//! `/staff/accounts/{account}/tokens`: an account's tokens as staff see them, never a secret; and what staff may do to
//! them: pause, resume what staff paused, let end sooner, revoke. Each with a reason that the customer reads.

pub mod all;
pub mod bulk;
pub mod shorten;
pub mod stop;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;

use super::{AccountHead, fields::reason as read_reason, find};
use crate::{
    app::tokens::list,
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        pages::tokens::{
            head, history,
            list::{parameters::Parameters, table::Table},
            one, usage,
            viewer::Viewer,
        },
    },
};

/// What the tab's address ends with.
const TOKENS: &str = "/tokens";

#[derive(Template)]
#[template(path = "staff/tokens/list.html")]
struct ListPage {
    page: Layout,
    head: AccountHead,
    table: Table,
    /// Whether there is anything to revoke.
    any: bool,
}

/// `GET ../tokens`
pub async fn list(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let viewer = Viewer::of_staff(&staff, &account);
    let parameters = Parameters::read(request.query_string());
    let (selection, page) = (parameters.selection.clone(), parameters.page);
    let listing = list::page(&staff.visit.app, &staff.caller, &account, selection, page).await?;
    let page = ListPage {
        page: viewer.layout(&format!("Tokens of {}", account.username)),
        head: AccountHead::of(&staff, &account, TOKENS),
        table: Table::of(&viewer, &parameters.on_page(listing.page), &listing),
        any: listing.all.all > 0,
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// The account and the token that an address names.
type Names = Path<(String, String)>;

/// `GET ../tokens/{token}`
pub async fn show(staff: Staff, path: Names) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    one::answer(&Viewer::of_staff(&staff, &account), head::id(&path.1)?).await
}

/// `GET ../tokens/{token}/usage`
pub async fn usage(staff: Staff, path: Names, parameters: Query<usage::Parameters>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    usage::answer(&Viewer::of_staff(&staff, &account), head::id(&path.1)?, &parameters).await
}

/// `GET ../tokens/{token}/history`
pub async fn history(
    staff: Staff,
    path: Names,
    parameters: Query<history::Parameters>,
) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    history::answer(&Viewer::of_staff(&staff, &account), head::id(&path.1)?, &parameters).await
}
