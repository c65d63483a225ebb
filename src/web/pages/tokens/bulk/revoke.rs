//! `/tokens/revoke`: what stops, before it stops.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{NAMED, answer, back_to, nothing_ticked, read_ids};
use crate::{
    app::tokens::{bulk, list},
    domain::{secret::PublicId, token::Token},
    web::{
        error::WebError,
        form::{Faults, Form, ProtectedForm},
        guard::Customer,
        layout::Layout,
        notice::NoticeCode,
        pages::tokens::head,
        words::{self, UseWords, counted},
    },
};

/// What the list sends first, and the page that confirms it then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeForm {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    back: String,
    /// Set by the page that confirms.
    #[serde(default)]
    confirm: String,
    #[serde(default)]
    understood: String,
}

impl Form for RevokeForm {
    const HAS_PAGE: bool = true;
}

/// A token that is about to be revoked.
struct Doomed {
    name: String,
    used: Option<UseWords>,
}

#[derive(Template)]
#[template(path = "tokens/bulk_revoke.html")]
struct RevokePage {
    page: Layout,
    faults: Faults,
    ids: Vec<String>,
    /// The parameters of the list.
    back: String,
    back_href: String,
    button: String,
    named: Vec<Doomed>,
    more: Vec<Doomed>,
    /// Names of those that are revoked already.
    over: Vec<String>,
}

/// `GET /tokens/revoke`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let sent: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let named = |wanted: &'static str| {
        let fields = sent.iter().filter(move |(name, _)| name == wanted);
        fields.map(|(_, value)| value.as_str())
    };
    let back = named("back").next().unwrap_or_default();
    confirm(
        &customer,
        read_ids(named("ids")),
        back,
        StatusCode::OK,
        Faults::default(),
    )
    .await
}

/// `POST /tokens/revoke`.
pub async fn submit(customer: Customer, form: ProtectedForm<RevokeForm>) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, "/tokens")? {
        return Ok(refused);
    }
    let ProtectedForm(form) = form;
    let ids = read_ids(form.ids.iter().map(String::as_str));
    if ids.is_empty() {
        return Ok(nothing_ticked(&customer, &form.back));
    }
    if form.confirm.is_empty() {
        return Ok(customer.visit.go(&confirm_address(&ids, &form.back), None));
    }
    if form.understood.is_empty() {
        let mut faults = Faults::default();
        faults.add("understood-1", "Tick the box to say that these tokens may stop working");
        return confirm(&customer, ids, &form.back, StatusCode::UNPROCESSABLE_ENTITY, faults).await;
    }
    let outcome = bulk::revoke(&customer.visit.app, &customer.caller, customer.account.id, ids).await?;
    answer(&customer, &outcome, ("revoked", NoticeCode::RevokedMany), &form.back)
}

fn confirm_address(ids: &[PublicId], back: &str) -> String {
    let ids: Vec<&str> = ids.iter().map(PublicId::as_str).collect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !back.is_empty() {
        query.append_pair("back", back);
    }
    let back = query.finish();
    let and = if back.is_empty() { "" } else { "&" };
    format!("/tokens/revoke?ids={}{and}{back}", ids.join(","))
}

async fn confirm(
    customer: &Customer,
    ids: Vec<PublicId>,
    back: &str,
    status: StatusCode,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let tokens = list::by_ids(&customer.visit.app, &customer.caller, customer.account.id, ids).await?;
    if tokens.is_empty() {
        return Ok(nothing_ticked(customer, back));
    }
    let (over, live): (Vec<Token>, Vec<Token>) = tokens.into_iter().partition(Token::is_revoked);
    let count = counted(i64::try_from(live.len()).unwrap_or(i64::MAX), "token");
    let title = match live.len() {
        0 => "These tokens are revoked already".to_owned(),
        _ => format!("Revoke {count}?"),
    };
    let mut named: Vec<Doomed> = live
        .iter()
        .map(|token| Doomed {
            name: token.name.to_string(),
            used: words::last_use(&customer.zone, token.last_use),
        })
        .collect();
    // "and 1 more" takes as much room as the name that it hides.
    let more = if named.len() > NAMED + 1 {
        named.split_off(NAMED)
    } else {
        Vec::new()
    };
    let page = RevokePage {
        page: customer.layout(&title, "tokens"),
        faults,
        ids: live.iter().map(|token| token.public_id.to_string()).collect(),
        back: back.to_owned(),
        back_href: back_to(back),
        button: format!("Revoke {count}"),
        named,
        more,
        over: over.iter().map(|token| token.name.to_string()).collect(),
    };
    customer.visit.page(status, &page)
}
