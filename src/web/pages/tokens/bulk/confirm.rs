//! Asking before several tokens are paused or revoked: their names, how many they are, and, of staff, why.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{NAMED, back_to, nothing_ticked};
use crate::{
    app::tokens::list,
    domain::{
        secret::PublicId,
        text::MAX_REASON,
        token::{Life, Token},
    },
    web::{
        error::WebError,
        form::Faults,
        layout::Layout,
        pages::tokens::viewer::Viewer,
        words::{self, UseWords, counted},
    },
};

/// What is to be done to them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::web::pages) enum Kind {
    /// Switched off until staff resume them.
    Pause,
    /// Ended for good.
    Revoke,
}

impl Kind {
    /// What its address ends with.
    pub(in crate::web::pages) fn path(self) -> &'static str {
        match self {
            Self::Pause => "/pause",
            Self::Revoke => "/revoke",
        }
    }

    fn words(self) -> Words {
        match self {
            Self::Pause => Words {
                verb: "Pause",
                consequence: "Anything that uses these tokens is refused from the next request on, until staff resume them.",
                over: "are paused or revoked already",
                left_out: "Paused or revoked already, and left out",
            },
            Self::Revoke => Words {
                verb: "Revoke",
                consequence: "Anything that uses these tokens stops at once. This cannot be undone.",
                over: "are revoked already",
                left_out: "Revoked already, and left out",
            },
        }
    }

    /// Whether there is nothing left to do with a token.
    fn is_over(self, token: &Token) -> bool {
        match self {
            Self::Pause => token.life != Life::Live,
            Self::Revoke => token.is_revoked(),
        }
    }
}

struct Words {
    verb: &'static str,
    consequence: &'static str,
    over: &'static str,
    left_out: &'static str,
}

/// A token that is about to be stopped.
struct Doomed {
    name: String,
    used: Option<UseWords>,
}

#[derive(Template)]
#[template(path = "tokens/bulk_confirm.html")]
struct ConfirmPage {
    page: Layout,
    faults: Faults,
    action: String,
    consequence: &'static str,
    left_out: &'static str,
    ids: Vec<String>,
    /// The parameters of the list.
    back: String,
    back_href: String,
    back_text: String,
    button: String,
    named: Vec<Doomed>,
    more: Vec<Doomed>,
    /// Names of those with which nothing is left to do.
    over: Vec<String>,
    /// What staff typed as the reason; its holder gives none.
    reason: Option<String>,
    max: i32,
}

/// What somebody wants to do to which tokens.
pub(in crate::web::pages) struct Wanted<'a> {
    pub(in crate::web::pages) kind: Kind,
    pub(in crate::web::pages) ids: Vec<PublicId>,
    /// The parameters of the list from which it was asked.
    pub(in crate::web::pages) back: &'a str,
    /// What staff typed as the reason.
    pub(in crate::web::pages) reason: Option<&'a str>,
}

/// Asks.
pub(in crate::web::pages) async fn ask(
    viewer: &Viewer<'_>,
    wanted: Wanted<'_>,
    status: StatusCode,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let Wanted {
        kind,
        ids,
        back,
        reason,
    } = wanted;
    let tokens = list::by_ids(&viewer.visit.app, &viewer.caller, viewer.account.id, ids).await?;
    if tokens.is_empty() {
        return Ok(nothing_ticked(viewer, back));
    }
    let (over, live): (Vec<Token>, Vec<Token>) = tokens.into_iter().partition(|token| kind.is_over(token));
    let count = counted(i64::try_from(live.len()).unwrap_or(i64::MAX), "token");
    let words = kind.words();
    let title = match live.len() {
        0 => format!("These tokens {}", words.over),
        _ => format!("{} {count}?", words.verb),
    };
    let doomed = |token: &Token| Doomed {
        name: token.name.to_string(),
        used: words::last_use(&viewer.zone, token.last_use),
    };
    let mut named: Vec<Doomed> = live.iter().map(doomed).collect();
    // "and 1 more" takes as much room as the name that it hides.
    let more = if named.len() > NAMED + 1 {
        named.split_off(NAMED)
    } else {
        Vec::new()
    };
    let page = ConfirmPage {
        page: viewer.layout(&title),
        faults,
        action: format!("{}{}", viewer.list(), kind.path()),
        consequence: words.consequence,
        left_out: words.left_out,
        ids: live.iter().map(|token| token.public_id.to_string()).collect(),
        back: back.to_owned(),
        back_href: back_to(viewer, back),
        back_text: viewer.list_name(),
        button: format!("{} {count}", words.verb),
        named,
        more,
        over: over.iter().map(|token| token.name.to_string()).collect(),
        reason: reason.map(str::to_owned),
        max: i32::try_from(MAX_REASON).unwrap_or(0),
    };
    viewer.visit.page(status, &page)
}

/// Address of the page that asks.
pub(in crate::web::pages) fn address(viewer: &Viewer<'_>, kind: Kind, ids: &[PublicId], back: &str) -> String {
    let ids: Vec<&str> = ids.iter().map(PublicId::as_str).collect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !back.is_empty() {
        query.append_pair("back", back);
    }
    let back = query.finish();
    let and = if back.is_empty() { "" } else { "&" };
    format!("{}{}?ids={}{and}{back}", viewer.list(), kind.path(), ids.join(","))
}

/// The tokens and the list's parameters that such an address names.
pub(in crate::web::pages) fn read_address(query: &str) -> (Vec<PublicId>, String) {
    let sent: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let named = |wanted: &'static str| {
        let fields = sent.iter().filter(move |(name, _)| name == wanted);
        fields.map(|(_, value)| value.as_str())
    };
    let ids = super::read_ids(named("ids"));
    (ids, named("back").next().unwrap_or_default().to_owned())
}
