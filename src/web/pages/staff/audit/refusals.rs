//! `/staff/audit/refusals`: failed sign-ins and refusals, counted by the hour.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use super::parameters::Choice;
use crate::{
    app::refusals,
    domain::refused::{KEPT_DAYS, OTHERS, RefusedCount, RefusedKey, RefusedKind, UNKNOWN},
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{self, When},
    },
};

/// Hours and names of a page.
const PAGE: usize = 50;
/// Path of the page.
const PATH: &str = "/staff/audit/refusals";

/// One line of the page.
struct Row {
    what: &'static str,
    /// Who, in words.
    who: String,
    /// User name to look for in the audit; empty when it is nobody's.
    username: String,
    /// From where; empty when it is not one address.
    address: String,
    tries: i64,
    last: When,
}

#[derive(Template)]
#[template(path = "staff/audit/refusals.html")]
struct RefusalsPage {
    page: Layout,
    kinds: Vec<Choice>,
    filtered: bool,
    rows: Vec<Row>,
    older: String,
    latest: String,
    days: i64,
}

/// What the address says. An unknown value is the default.
#[derive(Default)]
struct Parameters {
    kind: Option<RefusedKind>,
    after: Option<RefusedKey>,
}

impl Parameters {
    fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "kind" => read.kind = value.parse().ok(),
                "after" => read.after = read_key(&value),
                _ => {}
            }
        }
        read
    }

    fn address(&self, after: Option<&RefusedKey>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(kind) = self.kind {
            query.append_pair("kind", kind.code());
        }
        if let Some(key) = after {
            query.append_pair("after", &write_key(key));
        }
        match query.finish() {
            query if query.is_empty() => PATH.to_owned(),
            query => format!("{PATH}?{query}"),
        }
    }
}

/// No part of a key has a blank in it.
fn write_key(key: &RefusedKey) -> String {
    [&times::iso(key.hour), &key.kind, &key.subject, &key.address]
        .map(String::as_str)
        .join(" ")
}

fn read_key(text: &str) -> Option<RefusedKey> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [hour, kind, subject, address] = parts[..] else {
        return None;
    };
    let is_safe = !text.contains('\0');
    is_safe.then_some(RefusedKey {
        hour: times::parse_iso(hour)?,
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        address: address.to_owned(),
    })
}

/// `GET /staff/audit/refusals`
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(request.query_string());
    let (app, after) = (&staff.visit.app, parameters.after.clone());
    let mut counts = refusals::list(app, &staff.caller, parameters.kind, after, PAGE + 1).await?;
    let more = counts.len() > PAGE;
    counts.truncate(PAGE);
    let older = counts
        .last()
        .filter(|_| more)
        .map(|last| parameters.address(Some(&last.key)));
    let latest = parameters.after.as_ref().map(|_| parameters.address(None));
    let all = ("all", "Everything", parameters.kind.is_none());
    let kinds = RefusedKind::ALL
        .iter()
        .map(|kind| (kind.code(), words(*kind), parameters.kind == Some(*kind)));
    let page = RefusalsPage {
        page: staff.layout("Audit", "audit"),
        kinds: [all].into_iter().chain(kinds).collect(),
        filtered: parameters.kind.is_some(),
        rows: counts.iter().map(|count| row(&staff, count)).collect(),
        older: older.unwrap_or_default(),
        latest: latest.unwrap_or_default(),
        days: KEPT_DAYS,
    };
    staff.visit.page(StatusCode::OK, &page)
}

fn row(staff: &Staff, count: &RefusedCount) -> Row {
    let key = &count.key;
    let kind = key.kind.parse().ok();
    let is_one = key.subject != OTHERS;
    Row {
        what: kind.map_or("Something else was refused", words),
        who: who(kind, &key.subject),
        username: Some(key.subject.clone()).filter(|_| is_one).unwrap_or_default(),
        address: Some(key.address.clone()).filter(|_| is_one).unwrap_or_default(),
        tries: count.tries,
        last: times::when(&staff.zone(), count.last_at),
    }
}

/// Whom it was refused to.
pub fn who(kind: Option<RefusedKind>, subject: &str) -> String {
    match (subject, kind) {
        (OTHERS, _) => "Many others",
        (UNKNOWN, Some(RefusedKind::SignIn | RefusedKind::SignInTooMany)) => "A name that nobody has",
        (UNKNOWN, _) => "Not signed in",
        (name, _) => name,
    }
    .to_owned()
}

/// What was refused.
pub fn words(kind: RefusedKind) -> &'static str {
    match kind {
        RefusedKind::SignIn => "Sign-in failed",
        RefusedKind::SignInTooMany => "Sign-in refused after too many tries",
        RefusedKind::Password => "Wrong password given again",
        RefusedKind::PasswordTooMany => "Password refused after too many tries",
        RefusedKind::SetupCode => "Wrong setup code",
        RefusedKind::SetupTooMany => "Setup code refused after too many tries",
        RefusedKind::StaffArea => "Staff area refused",
        RefusedKind::ForgedForm => "Form from another site refused",
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn where_a_page_ends_is_read_back() {
        let at = datetime!(2026-11-23 12:34);
        for (subject, address) in [(Some("priya"), Some("2001:db8::1")), (None, None), (Some("x"), None)] {
            let address = address.map(|address: &str| address.parse().unwrap());
            let key = RefusedKey::new(RefusedKind::SignIn, subject, address, at);
            for key in [key.others(), key] {
                assert_eq!(read_key(&write_key(&key)), Some(key));
            }
        }
        assert_eq!(read_key("2026-11-23T12:00:00Z sign-in"), None);
    }
}
