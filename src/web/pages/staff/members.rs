//! `/staff/members`: who works in the staff area, and inviting somebody.

pub mod one;
pub mod press;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::account::fields;
use crate::{
    app::{
        AppError, Rule,
        staff::{self as members, NewMember},
    },
    domain::{
        staff::{MAX_STAFF_NAME, Role, StaffName},
        text::TextError,
    },
    store::staff::Details,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        times::{When, when},
        words::Badge,
    },
};

/// Where the list is.
const PATH: &str = "/staff/members";

/// What a staff member is, as a badge.
fn badge(details: &Details) -> Badge {
    let (kind, symbol, text) = if details.member.deactivated_at.is_some() {
        ("neutral", "circle-pause", "Deactivated")
    } else if details.has_password {
        ("ok", "circle-check", "Active")
    } else {
        ("info", "clock", "Invited")
    };
    Badge {
        kind,
        symbol,
        text: text.to_owned(),
    }
}

/// What a role is called.
fn role_word(role: Role) -> &'static str {
    match role {
        Role::Support => "Support",
        Role::Admin => "Administrator",
    }
}

/// The name of a staff member, or what is wrong with it.
fn read_name(text: &str, faults: &mut Faults) -> Option<StaffName> {
    let words = match text.parse() {
        Ok(name) => return Some(name),
        Err(TextError::Empty) => "Enter a name: customers read it where this staff member did something".to_owned(),
        Err(TextError::TooLong { .. }) => format!("Use at most {MAX_STAFF_NAME} characters for the name"),
        Err(TextError::Control) => "Take the invisible characters out of the name: type it again".to_owned(),
        Err(TextError::Secret) => "Take the token out of the name: everybody who reads it could use it".to_owned(),
    };
    faults.add("name", words);
    None
}

/// The role, or what is wrong with it.
fn read_role(text: &str, faults: &mut Faults) -> Option<Role> {
    let role = text.parse().ok();
    if role.is_none() {
        faults.add("role", "Choose what this staff member may do");
    }
    role
}

/// The field and the sentence for a rule that stands against a staff member; nothing for any other.
fn explain(rule: &Rule) -> Option<(&'static str, &'static str)> {
    match rule {
        Rule::UsernameTaken => Some((
            "username",
            "An account or a staff member has that user name. Choose another one",
        )),
        Rule::EmailTaken => Some((
            "email",
            "An account or a staff member has that e-mail address. Enter another one",
        )),
        Rule::LastAdministrator => Some((
            "role",
            "This is the last administrator who can sign in. Make somebody else an administrator first",
        )),
        Rule::Yourself => Some(("role", "Nobody changes their own role. Another administrator can do it")),
        _ => None,
    }
}

struct Row {
    id: String,
    name: String,
    username: String,
    email: String,
    role: &'static str,
    badge: Badge,
    last_sign_in: Option<When>,
    since: When,
}

#[derive(Template)]
#[template(path = "staff/members/list.html")]
struct ListPage {
    page: Layout,
    rows: Vec<Row>,
}

/// The list.
pub async fn list(staff: Staff) -> Result<HttpResponse, WebError> {
    let found = members::list_details(&staff.visit.app, &staff.caller).await?;
    let zone = staff.zone();
    let rows = found.into_iter().map(|details| Row {
        badge: badge(&details),
        role: role_word(details.member.role),
        last_sign_in: details.last_sign_in_at.map(|at| when(&zone, at)),
        since: when(&zone, details.created_at),
        id: details.member.public_id,
        name: details.member.name,
        username: details.member.username.to_string(),
        email: details.member.email.to_string(),
    });
    let page = ListPage {
        page: staff.layout("Staff members", "members"),
        rows: rows.collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// Somebody to invite.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InviteForm {
    username: String,
    email: String,
    name: String,
    role: String,
    password: String,
}

impl Form for InviteForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/members/new.html")]
struct NewPage {
    page: Layout,
    form: InviteForm,
    asks_password: bool,
    faults: Faults,
}

fn new_page(staff: &Staff, form: &InviteForm, faults: Faults) -> Result<HttpResponse, WebError> {
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = NewPage {
        page: staff.layout("Invite a staff member", "members"),
        form: form.clone(),
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows the form, or the answers of somebody who had to sign in again.
pub async fn new(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    members::list_details(&staff.visit.app, &staff.caller).await?;
    let kept = serde_html_form::from_str::<InviteForm>(request.query_string());
    new_page(&staff, &kept.unwrap_or_default(), Faults::default())
}

/// Invites them.
pub async fn invite(SentBy(staff, form): SentBy<Staff, InviteForm>) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    members::list_details(app, &staff.caller).await?;
    let mut faults = Faults::default();
    let name = read_name(&form.name, &mut faults);
    let username = fields::username(&form.username, &mut faults);
    let email = fields::email(&form.email, &mut faults);
    let role = read_role(&form.role, &mut faults);
    let (Some(name), Some(username), Some(email), Some(role)) = (name, username, email, role) else {
        return new_page(&staff, &form, faults);
    };
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return new_page(&staff, &form, faults);
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let new = NewMember {
        username,
        email,
        name,
        role,
    };
    match members::invite(app, &caller, new).await {
        Ok(member) => {
            let notice = Notice::new(NoticeCode::MemberInvited);
            Ok(staff.visit.go(&format!("{PATH}/{}", member.public_id), Some(&notice)))
        }
        Err(AppError::Rule(broken)) => match explain(&broken) {
            Some((field, words)) => {
                faults.add(field, words);
                new_page(&staff, &form, faults)
            }
            None => Err(AppError::Rule(broken).into()),
        },
        Err(error) => Err(error.into()),
    }
}
