//! What every page of one token begins with: its name, its status, and what can be done with it; and what every page
//! that changes one asks first.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::viewer::Viewer;
use crate::{
    app::tokens::one,
    domain::{
        secret::PublicId,
        token::{Life, PausedBy, Token},
    },
    web::{
        error::WebError,
        guard::Customer,
        layout::Layout,
        words::{self, Badge},
    },
};

/// Which of a token's pages it is: what its address ends with.
pub(in crate::web::pages) const DETAILS: &str = "";
/// See [`DETAILS`].
pub(super) const USAGE: &str = "/usage";
/// See [`DETAILS`].
pub(super) const HISTORY: &str = "/history";

/// What can be done with a token now.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::web::pages) struct Offers {
    /// It can be edited, renewed and revoked.
    pub(in crate::web::pages) change: bool,
    pub(in crate::web::pages) rotate: bool,
    /// `pause` or `resume`, or empty.
    pub(in crate::web::pages) switch: &'static str,
    /// Staff can let it end sooner.
    pub(in crate::web::pages) shorten: bool,
}

/// The head of a token's pages.
pub(in crate::web::pages) struct Head {
    pub(in crate::web::pages) id: PublicId,
    /// Address of the token's page.
    pub(in crate::web::pages) address: String,
    /// Address of the list, and what it is called.
    pub(in crate::web::pages) back: String,
    pub(in crate::web::pages) back_text: String,
    pub(in crate::web::pages) is_staff: bool,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) description: String,
    pub(in crate::web::pages) badge: Badge,
    pub(in crate::web::pages) tab: &'static str,
    pub(in crate::web::pages) offers: Offers,
    /// The main action is to renew it.
    pub(in crate::web::pages) is_expired: bool,
    /// It is neither expired nor revoked.
    pub(in crate::web::pages) is_live: bool,
}

impl Head {
    pub(super) fn of(customer: &Customer, token: &Token, tab: &'static str) -> Self {
        Self::seen_by(&Viewer::from(customer), token, tab)
    }

    pub(in crate::web::pages) fn seen_by(viewer: &Viewer<'_>, token: &Token, tab: &'static str) -> Self {
        let (now, suspended) = (viewer.visit.app.now(), viewer.account.is_suspended());
        let is_expired = token.is_expired(now);
        let (list, is_staff) = (viewer.list(), viewer.is_staff());
        Self {
            id: token.public_id,
            address: format!("{list}/{}", token.public_id),
            back: list,
            back_text: viewer.list_name(),
            is_staff,
            name: token.name.to_string(),
            description: token.description.to_string(),
            badge: words::status(token.status(suspended, now), &viewer.zone, now),
            tab,
            offers: offers(viewer, token, is_expired),
            is_expired,
            is_live: !is_expired && !token.is_revoked(),
        }
    }
}

/// What somebody can do with a token now. Staff stop tokens of suspended accounts too.
fn offers(viewer: &Viewer<'_>, token: &Token, is_expired: bool) -> Offers {
    let (is_staff, suspended) = (viewer.is_staff(), viewer.account.is_suspended());
    if token.is_revoked() || suspended && !is_staff {
        return Offers::default();
    }
    let own = if is_staff { PausedBy::Staff } else { PausedBy::Owner };
    Offers {
        change: true,
        rotate: !is_expired && !is_staff,
        switch: match token.life {
            // A token that has expired can be renewed by its holder, unless staff pause it.
            Life::Live if !is_expired || is_staff => "pause",
            Life::Paused { by, .. } if by == own => "resume",
            _ => "",
        },
        shorten: is_staff && !is_expired,
    }
}

/// The token that an address names. Not found when it names none of the account's.
pub(in crate::web::pages) fn id(path: &str) -> Result<PublicId, WebError> {
    path.parse().map_err(|_| WebError::NotFound)
}

/// The token that an address names, to be shown.
pub(super) async fn find(customer: &Customer, path: &Path<String>) -> Result<Token, WebError> {
    let found = one::find(&customer.visit.app, &customer.caller, customer.account.id, id(path)?).await;
    Ok(found?)
}

#[derive(Template)]
#[template(path = "tokens/suspended.html")]
struct Suspended {
    page: Layout,
    back: String,
}

/// The answer to whoever wants to change something in a suspended account (rule 8): why that cannot be; nothing when
/// the account is not suspended.
pub(super) fn suspended(customer: &Customer, back: &str) -> Result<Option<HttpResponse>, WebError> {
    if !customer.account.is_suspended() {
        return Ok(None);
    }
    let page = Suspended {
        page: customer.layout("Nothing can be changed now", "tokens"),
        back: back.to_owned(),
    };
    customer.visit.page(StatusCode::FORBIDDEN, &page).map(Some)
}
