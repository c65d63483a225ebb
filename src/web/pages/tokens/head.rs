//! What every page of one token begins with: its name, its status, and what can be done with it; and what every page
//! that changes one asks first.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

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
pub(super) const DETAILS: &str = "";
/// See [`DETAILS`].
pub(super) const USAGE: &str = "/usage";
/// See [`DETAILS`].
pub(super) const HISTORY: &str = "/history";

/// What can be done with a token now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offers {
    /// It can be edited, renewed and revoked.
    pub(super) change: bool,
    pub(super) rotate: bool,
    /// `pause` or `resume`, or empty.
    pub(super) switch: &'static str,
}

/// The head of a token's pages.
pub(super) struct Head {
    pub(super) id: PublicId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) badge: Badge,
    pub(super) tab: &'static str,
    pub(super) offers: Offers,
    /// The main action is to renew it.
    pub(super) is_expired: bool,
    /// It is neither expired nor revoked.
    pub(super) is_live: bool,
}

impl Head {
    pub(super) fn of(customer: &Customer, token: &Token, tab: &'static str) -> Self {
        let (now, suspended) = (customer.visit.app.now(), customer.account.is_suspended());
        let is_expired = token.is_expired(now);
        let switch = match token.life {
            Life::Live if !is_expired => "pause",
            Life::Paused {
                by: PausedBy::Owner, ..
            } => "resume",
            _ => "",
        };
        let offers = if suspended || token.is_revoked() {
            Offers::default()
        } else {
            Offers {
                change: true,
                rotate: !is_expired,
                switch,
            }
        };
        Self {
            id: token.public_id,
            name: token.name.to_string(),
            description: token.description.to_string(),
            badge: words::status(token.status(suspended, now), &customer.zone, now),
            tab,
            offers,
            is_expired,
            is_live: !is_expired && !token.is_revoked(),
        }
    }
}

/// The token that an address names. Not found when it names none of the account's.
pub(super) fn id(path: &Path<String>) -> Result<PublicId, WebError> {
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
