//! `/staff/tokens/{token}`: one staff token, and changing it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{
    ENTRY, PATH,
    fields::{Bounds, Fields, StaffTokenFields, explain, read},
    hint,
};
use crate::{
    app::{AppError, Rule, staff_tokens},
    domain::{
        staff_scope::StaffScopes,
        staff_token::{StaffDraft, StaffToken},
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::head::id,
        reentry::{self, Unconfirmed},
        times::{When, when},
        words::{self, Badge, UseWords},
    },
};

/// What a staff token is to be.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct ChangeForm(StaffTokenFields);

impl Form for ChangeForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/own_tokens/one.html")]
struct OnePage {
    page: Layout,
    id: String,
    hint: String,
    name: String,
    badge: Badge,
    can: Vec<String>,
    made: When,
    used: Option<UseWords>,
    revoked_at: Option<When>,
    f: Fields,
    revision: String,
    /// What it says now, where somebody else was faster.
    now: Vec<(&'static str, String)>,
    asks_password: bool,
    faults: Faults,
}

/// A token as the page is about it, and what the role allows.
struct Shown {
    token: StaffToken,
    allowed: StaffScopes,
}

async fn find(staff: &Staff, path: &str) -> Result<Shown, WebError> {
    let (app, member) = (&staff.visit.app, staff.member.id);
    let token = staff_tokens::find(app, &staff.caller, member, id(path)?).await?;
    let allowed = staff_tokens::allowed_scopes(app, &staff.caller, member).await?;
    Ok(Shown { token, allowed })
}

/// What a token is now, in words.
fn said(token: &StaffToken, expires: &When) -> [(&'static str, String); 4] {
    [
        ("Name", token.name.to_string()),
        ("What it can do", words::staff_scopes(&token.scopes).join("; ")),
        (
            "Which computers can use it",
            words::addresses(&token.addresses).join(", "),
        ),
        ("Expires", expires.text.clone()),
    ]
}

fn page(
    staff: &Staff,
    Shown { token, allowed }: &Shown,
    form: &StaffTokenFields,
    (overtaken, faults): (bool, Faults),
) -> Result<HttpResponse, WebError> {
    let status = match (overtaken, faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (zone, now) = (staff.zone(), staff.visit.app.now());
    let bounds = Bounds {
        allowed,
        zone: &zone,
        now,
        token: Some(token),
    };
    let page = OnePage {
        page: staff.layout(token.name.as_str(), ENTRY),
        id: token.public_id.to_string(),
        hint: hint(token),
        name: token.name.to_string(),
        badge: words::status(token.status(now), &zone, now),
        can: words::staff_scopes(&token.scopes),
        made: when(&zone, token.created_at),
        used: words::last_use(&zone, token.last_use),
        revoked_at: token.revoked_at.map(|at| when(&zone, at)),
        f: Fields::of(&bounds, form, staff.visit.address),
        revision: if overtaken {
            token.revision.to_string()
        } else {
            form.revision.clone()
        },
        now: if overtaken {
            said(token, &when(&zone, token.expires_at)).into()
        } else {
            Vec::new()
        },
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows it, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let shown = find(&staff, &path).await?;
    let kept = serde_html_form::from_str::<StaffTokenFields>(request.query_string());
    let form = kept.ok().filter(|form| !form.revision.is_empty());
    let form = form.unwrap_or_else(|| StaffTokenFields::of(&shown.token));
    page(&staff, &shown, &form, (false, Faults::default()))
}

/// Changes it. The password is asked for where it can do more then.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, ChangeForm(form)): SentBy<Staff, ChangeForm>,
) -> Result<HttpResponse, WebError> {
    let (app, member) = (staff.visit.app.clone(), staff.member.id);
    let shown = find(&staff, &path).await?;
    let revision: i32 = form.revision.parse().map_err(|_| WebError::BadRequest)?;
    let zone = staff.zone();
    let bounds = Bounds {
        allowed: &shown.allowed,
        zone: &zone,
        now: app.now(),
        token: Some(&shown.token),
    };
    let draft = match read(&bounds, &form) {
        Ok(draft) => draft,
        Err(faults) => return page(&staff, &shown, &form, (false, faults)),
    };
    let id = shown.token.public_id;
    let mut faults = Faults::default();
    let proposed = staff_tokens::propose(&app, &staff.caller, member, id, revision, draft.clone()).await;
    let proposal = match proposed {
        Ok(proposal) => proposal,
        Err(error) => return refused(&staff, (&path, &shown), &form, explained(&bounds, &draft, error)?).await,
    };
    let mut caller = staff.caller.clone();
    if proposal.beyond.is_some() {
        caller = match reentry::confirm(&staff, &form.password).await {
            Ok(caller) => caller,
            Err(Unconfirmed::Fault(words)) => {
                faults.add(reentry::FIELD, words);
                return page(&staff, &shown, &form, (false, faults));
            }
            Err(Unconfirmed::Failed(error)) => return Err(error),
        };
    }
    match staff_tokens::change(&app, &caller, member, id, revision, draft.clone()).await {
        Ok((_, changed)) => {
            let code = if changed {
                NoticeCode::Changed
            } else {
                NoticeCode::Unchanged
            };
            Ok(staff.visit.go(&format!("{PATH}/{id}"), Some(&Notice::new(code))))
        }
        Err(error) => refused(&staff, (&path, &shown), &form, explained(&bounds, &draft, error)?).await,
    }
}

/// Why a change was not made.
enum Refused {
    /// Somebody else was faster, or has revoked it.
    Overtaken,
    /// A sentence at a field.
    Fault(&'static str, String),
}

fn explained(bounds: &Bounds<'_>, draft: &StaffDraft, error: AppError) -> Result<Refused, WebError> {
    let AppError::Rule(rule) = error else {
        return Err(error.into());
    };
    match &*rule {
        Rule::Outdated | Rule::Revoked(_) => Ok(Refused::Overtaken),
        broken => match explain(bounds, draft, broken) {
            Some((field, words)) => Ok(Refused::Fault(field, words)),
            None => Err(AppError::Rule(rule).into()),
        },
    }
}

async fn refused(
    staff: &Staff,
    (path, shown): (&str, &Shown),
    form: &StaffTokenFields,
    why: Refused,
) -> Result<HttpResponse, WebError> {
    let mut faults = Faults::default();
    match why {
        Refused::Overtaken => {
            let fresh = find(staff, path).await?;
            page(staff, &fresh, form, (true, faults))
        }
        Refused::Fault(field, words) => {
            faults.add(field, words);
            page(staff, shown, form, (false, faults))
        }
    }
}
