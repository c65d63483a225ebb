//! `/staff/members/{member}`: one staff member, and changing them.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{PATH, badge, explain, read_name, read_role, role_word};
use crate::{
    app::{
        AppError, Rule, links,
        people::Person,
        staff::{self as members, MemberChange},
        staff_tokens,
    },
    store::staff::Details,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::staff::{account::fields, own_tokens::Row},
        reentry::{self, Unconfirmed},
        times::{When, when},
        words::Badge,
    },
};

/// What a staff member is to be.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemberForm {
    name: String,
    email: String,
    role: String,
    /// What the form showed when it was opened.
    version: String,
    password: String,
}

impl Form for MemberForm {
    const HAS_PAGE: bool = true;
}

impl MemberForm {
    fn of(details: &Details) -> Self {
        Self {
            name: details.member.name.clone(),
            email: details.member.email.to_string(),
            role: details.member.role.to_string(),
            version: members::version(&details.member),
            password: String::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "staff/members/one.html")]
struct OnePage {
    page: Layout,
    id: String,
    name: String,
    username: String,
    badge: Badge,
    since: When,
    last_sign_in: Option<When>,
    /// What the button for a link says; empty for somebody who is deactivated.
    link: &'static str,
    myself: bool,
    /// The address of the invitation, where no mail brings it.
    invitation: Option<String>,
    /// The tokens of the staff member that are not revoked.
    tokens: Vec<Row>,
    form: MemberForm,
    /// What it says now, where somebody else was faster.
    now: Vec<(&'static str, String)>,
    asks_password: bool,
    faults: Faults,
}

async fn page(
    staff: &Staff,
    details: &Details,
    form: MemberForm,
    (overtaken, faults): (bool, Faults),
) -> Result<HttpResponse, WebError> {
    let status = match (overtaken, faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (member, zone) = (&details.member, staff.zone());
    let active = member.deactivated_at.is_none();
    let person = Person::Staff(Box::new(member.clone()));
    let invitation = if active {
        links::invitation(&staff.visit.app, &staff.caller, &person).await?
    } else {
        None
    };
    let (app, now) = (&staff.visit.app, staff.visit.app.now());
    let tokens = staff_tokens::list(app, &staff.caller, member.id).await?;
    let said = [
        ("Name", member.name.clone()),
        ("E-mail address", member.email.to_string()),
        ("Role", role_word(member.role).to_owned()),
    ];
    let page = OnePage {
        page: staff.layout(&member.name, "members"),
        id: member.public_id.clone(),
        name: member.name.clone(),
        username: member.username.to_string(),
        badge: badge(details),
        since: when(&zone, details.created_at),
        last_sign_in: details.last_sign_in_at.map(|at| when(&zone, at)),
        link: match (active, details.has_password) {
            (false, _) => "",
            (true, true) => "Send a password link",
            (true, false) => "Invite again",
        },
        myself: staff.member.id == member.id,
        invitation,
        tokens: tokens.iter().map(|token| Row::of(token, &zone, now)).collect(),
        form: MemberForm {
            version: if overtaken {
                members::version(member)
            } else {
                form.version.clone()
            },
            ..form
        },
        now: if overtaken { said.into() } else { Vec::new() },
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows them, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let details = members::show(&staff.visit.app, &staff.caller, &path).await?;
    let kept = serde_html_form::from_str::<MemberForm>(request.query_string());
    let form = kept.ok().filter(|form| !form.version.is_empty());
    let form = form.unwrap_or_else(|| MemberForm::of(&details));
    page(&staff, &details, form, (false, Faults::default())).await
}

/// Changes them.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, MemberForm>,
) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let details = members::show(app, &staff.caller, &path).await?;
    let mut faults = Faults::default();
    let name = read_name(&form.name, &mut faults);
    let email = fields::email(&form.email, &mut faults);
    // One's own role is not asked for, and kept.
    let role = if form.role.is_empty() && staff.member.id == details.member.id {
        Some(details.member.role)
    } else {
        read_role(&form.role, &mut faults)
    };
    let (Some(name), Some(email), Some(role)) = (name, email, role) else {
        return page(&staff, &details, form, (false, faults)).await;
    };
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return page(&staff, &details, form, (false, faults)).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let to = MemberChange { name, email, role };
    match members::change(app, &caller, &path, Some(&form.version), to).await {
        Ok(changed) => {
            let code = if changed {
                NoticeCode::MemberChanged
            } else {
                NoticeCode::Unchanged
            };
            Ok(staff.visit.go(&format!("{PATH}/{path}"), Some(&Notice::new(code))))
        }
        Err(AppError::Rule(broken)) if matches!(*broken, Rule::Outdated) => {
            let fresh = members::show(app, &caller, &path).await?;
            page(&staff, &fresh, form, (true, faults)).await
        }
        Err(AppError::Rule(broken)) => match explain(&broken) {
            Some((field, words)) => {
                faults.add(field, words);
                page(&staff, &details, form, (false, faults)).await
            }
            None => Err(AppError::Rule(broken).into()),
        },
        Err(error) => Err(error.into()),
    }
}
