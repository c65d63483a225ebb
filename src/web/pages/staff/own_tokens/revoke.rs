//! `/staff/tokens/{token}/revoke`, and the same of another member's for administrators: what stops, before it stops.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{ENTRY, PATH, hint};
use crate::{
    app::{AppError, Rule, staff as members, staff_tokens},
    domain::{id::StaffId, staff_token::StaffToken},
    web::{
        error::WebError,
        form::{Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::{
            head::id,
            revoke::{is_in_use, use_sentence},
        },
        times::{When, when},
        words,
    },
};

/// The confirmation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {}

impl Form for Confirmation {
    const HAS_PAGE: bool = true;
}

/// Whose token it is, and where the page about them is.
struct Place {
    member: StaffId,
    /// The page that leads here and that follows.
    back: String,
    back_words: String,
    /// Below which its tokens are.
    tokens: String,
    entry: &'static str,
    /// Their name, where it is not whoever asks.
    of: String,
}

impl Place {
    fn own(staff: &Staff) -> Self {
        Self {
            member: staff.member.id,
            back: PATH.to_owned(),
            back_words: "Staff tokens".to_owned(),
            tokens: PATH.to_owned(),
            entry: ENTRY,
            of: String::new(),
        }
    }

    async fn of_member(staff: &Staff, public_id: &str) -> Result<Self, WebError> {
        let details = members::show(&staff.visit.app, &staff.caller, public_id).await?;
        let back = format!("/staff/members/{public_id}");
        Ok(Self {
            member: details.member.id,
            tokens: format!("{back}/tokens"),
            back,
            back_words: details.member.name.clone(),
            entry: "members",
            of: details.member.name,
        })
    }
}

#[derive(Template)]
#[template(path = "staff/own_tokens/revoke.html")]
struct RevokePage {
    page: Layout,
    back: String,
    back_words: String,
    action: String,
    /// Whose it is, where it is not whoever asks.
    of: String,
    hint: String,
    can: Vec<String>,
    use_sentence: String,
    in_use: bool,
    revoked_at: Option<When>,
}

fn page(staff: &Staff, place: &Place, token: &StaffToken) -> Result<HttpResponse, WebError> {
    let now = staff.visit.app.now();
    let title = match token.revoked_at {
        None => format!("Revoke “{}”?", token.name),
        Some(_) => format!("“{}” is revoked", token.name),
    };
    let page = RevokePage {
        page: staff.layout(&title, place.entry),
        back: place.back.clone(),
        back_words: place.back_words.clone(),
        action: format!("{}/{}/revoke", place.tokens, token.public_id),
        of: place.of.clone(),
        hint: hint(token),
        can: words::staff_scopes(&token.scopes),
        use_sentence: use_sentence(token.last_use, now),
        in_use: is_in_use(token.last_use, now),
        revoked_at: token.revoked_at.map(|at| when(&staff.zone(), at)),
    };
    staff.visit.page(StatusCode::OK, &page)
}

async fn ask(staff: &Staff, place: &Place, token: &str) -> Result<HttpResponse, WebError> {
    let found = staff_tokens::find(&staff.visit.app, &staff.caller, place.member, id(token)?).await?;
    page(staff, place, &found)
}

async fn end(staff: &Staff, place: &Place, token: &str) -> Result<HttpResponse, WebError> {
    let (app, id) = (&staff.visit.app, id(token)?);
    match staff_tokens::revoke(app, &staff.caller, place.member, id).await {
        Ok(_) => {
            let notice = Notice::new(NoticeCode::StaffTokenRevoked);
            Ok(staff.visit.go(&place.back, Some(&notice)))
        }
        // It is over already: the page says since when.
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => ask(staff, place, token).await,
        Err(error) => Err(error.into()),
    }
}

/// Asks about one's own.
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    ask(&staff, &Place::own(&staff), &path).await
}

/// Revokes one's own.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, _): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    end(&staff, &Place::own(&staff), &path).await
}

/// Asks about another member's.
pub async fn show_of_member(staff: Staff, path: Path<(String, String)>) -> Result<HttpResponse, WebError> {
    let (member, token) = path.into_inner();
    let place = Place::of_member(&staff, &member).await?;
    ask(&staff, &place, &token).await
}

/// Revokes another member's.
pub async fn submit_of_member(
    path: Path<(String, String)>,
    SentBy(staff, _): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    let (member, token) = path.into_inner();
    let place = Place::of_member(&staff, &member).await?;
    end(&staff, &place, &token).await
}
