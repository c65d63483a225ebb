//! The pages of one account in the staff area, and what they all begin with.

pub mod activity;
pub mod change;
pub(super) mod fields;
pub mod link;
pub mod new;
pub mod notes;
pub mod overview;
pub mod remove;
pub mod sessions;
pub mod suspend;
pub mod tokens;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use crate::{
    app::accounts,
    domain::{
        account::{Account, Standing},
        audit::Action,
    },
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{self, When},
        words::{self, Badge, Reader},
    },
};

/// Which of an account's pages it is: what its address ends with.
pub(super) const OVERVIEW: &str = "";
pub(super) const SESSIONS: &str = "/sessions";
pub(super) const ACTIVITY: &str = "/activity";
pub(super) const NOTES: &str = "/notes";

/// What every page of one account begins with; `templates/staff/account/head.html` shows it.
pub(super) struct AccountHead {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) badge: Badge,
    /// Since when and why it is suspended.
    pub(super) suspended: Option<(When, String)>,
    pub(super) tab: &'static str,
}

impl AccountHead {
    pub(super) fn of(staff: &Staff, account: &Account, tab: &'static str) -> Self {
        Self {
            id: account.public_id.clone(),
            username: account.username.to_string(),
            badge: standing(&account.standing),
            suspended: match &account.standing {
                Standing::Active => None,
                Standing::Suspended { at, reason } => Some((times::when(&staff.zone(), *at), reason.clone())),
            },
            tab,
        }
    }
}

/// Whether an account may be used, as a badge.
pub(super) fn standing(standing: &Standing) -> Badge {
    standing_badge(matches!(standing, Standing::Suspended { .. }))
}

/// [`standing`], where only the word for it is known.
pub(in crate::web::pages::staff) fn standing_badge(suspended: bool) -> Badge {
    let (kind, symbol, text) = if suspended {
        ("danger", "circle-pause", "Suspended")
    } else {
        ("ok", "circle-check", "Active")
    };
    Badge {
        kind,
        symbol,
        text: text.to_owned(),
    }
}

/// The account that an address names.
pub(super) async fn find(staff: &Staff, id: &str) -> Result<Account, WebError> {
    let found = accounts::find_by_public_id(&staff.visit.app, &staff.caller, id).await?;
    found.ok_or(WebError::NotFound)
}

/// The address of one of an account's pages.
fn address(account: &Account, tab: &str) -> String {
    format!("/staff/accounts/{}{tab}", account.public_id)
}

/// What somebody else has done already.
struct Faster {
    who: String,
    at: When,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/account/already.html")]
struct AlreadySo {
    page: Layout,
    /// `suspended`, `removed`, `not suspended`.
    state: &'static str,
    username: String,
    faster: Option<Faster>,
    back: String,
}

/// The page for something that is as it was asked for already: who was faster, and when.
async fn already(
    staff: &Staff,
    account: &Account,
    action: Action,
    state: &'static str,
) -> Result<HttpResponse, WebError> {
    let (app, caller) = (&staff.visit.app, &staff.caller);
    let event = accounts::latest(app, caller, account.id, &[action]).await?;
    let page = AlreadySo {
        page: staff.layout(&format!("Already {state}"), "accounts"),
        state,
        username: account.username.to_string(),
        faster: event.map(|event| Faster {
            who: words::actor_words(Reader::Staff, &event.event.actor),
            at: times::when(&staff.zone(), event.event.at),
            reason: event.event.reason,
        }),
        back: match action {
            Action::AccountRemoved => "/staff/accounts".to_owned(),
            _ => address(account, OVERVIEW),
        },
    };
    staff.visit.page(StatusCode::OK, &page)
}
