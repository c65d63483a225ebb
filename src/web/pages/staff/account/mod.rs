//! The pages of one account in the staff area: what they all begin with, and the first of them.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use crate::{
    app::accounts,
    domain::account::{Account, Standing},
    web::{error::WebError, guard::Staff, layout::Layout, words::Badge},
};

/// Which of an account's pages it is: what its address ends with.
pub(super) const OVERVIEW: &str = "";

/// What every page of one account begins with; `templates/staff/account/head.html` shows it.
pub(super) struct AccountHead {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) badge: Badge,
    pub(super) tab: &'static str,
}

impl AccountHead {
    pub(super) fn of(account: &Account, tab: &'static str) -> Self {
        Self {
            id: account.public_id.clone(),
            username: account.username.to_string(),
            badge: standing(&account.standing),
            tab,
        }
    }
}

/// Whether an account may be used, as a badge.
pub(super) fn standing(standing: &Standing) -> Badge {
    match standing {
        Standing::Active => Badge {
            kind: "ok",
            symbol: "circle-check",
            text: "Active".to_owned(),
        },
        Standing::Suspended { .. } => Badge {
            kind: "danger",
            symbol: "circle-pause",
            text: "Suspended".to_owned(),
        },
    }
}

/// The account that an address names.
pub(super) async fn find(staff: &Staff, id: &str) -> Result<Account, WebError> {
    let found = accounts::find_by_public_id(&staff.visit.app, &staff.caller, id).await?;
    found.ok_or(WebError::NotFound)
}

#[derive(Template)]
#[template(path = "staff/account/overview.html")]
struct Overview {
    page: Layout,
    head: AccountHead,
    email: String,
    plan: String,
}

/// `GET /staff/accounts/{id}`
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let page = Overview {
        page: staff.layout(account.username.as_str(), "accounts"),
        head: AccountHead::of(&account, OVERVIEW),
        email: account.email.to_string(),
        plan: account.plan_name.clone(),
    };
    staff.visit.page(StatusCode::OK, &page)
}
