//! What a change of the rules would touch, before it is saved.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{RulesForm, SHORTEN, label};
use crate::{
    app::policy::impact::Impact,
    catalogue::Catalogue,
    clock::TimeZone,
    domain::limit::Limit,
    web::{
        error::WebError,
        form::Faults,
        guard::Staff,
        layout::Layout,
        reentry, times,
        words::{self, grouped},
    },
};

/// At most so many permissions that tokens lose are named one by one.
const LOST_SHOWN: usize = 12;

/// One thing that is to be otherwise.
pub(super) struct Part {
    pub(super) label: &'static str,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl Part {
    /// A rule, as it is and as it is to be.
    pub(super) fn rule(limit: Limit, before: String, after: String) -> Self {
        Self {
            label: label(limit),
            before,
            after,
            added: Vec::new(),
            removed: Vec::new(),
        }
    }
}

/// What the page is about.
pub(super) struct Subject<'a> {
    /// Its heading.
    pub(super) title: String,
    /// Where the form posts.
    pub(super) action: String,
    /// What is to be otherwise.
    pub(super) parts: Vec<Part>,
    /// Rules that change nothing, by their labels.
    pub(super) without_effect: Vec<&'static str>,
    /// What it would touch.
    pub(super) impact: &'a Impact,
}

#[derive(Template)]
#[template(path = "staff/rules/review.html")]
struct Review {
    page: Layout,
    action: String,
    parts: Vec<Part>,
    without_effect: Vec<&'static str>,
    touches: Vec<String>,
    lost: Vec<String>,
    longer: Option<Longer>,
    asks_password: bool,
    answers: Vec<(&'static str, String)>,
    faults: Faults,
}

/// The choice for tokens that live longer than the new rule allows.
struct Longer {
    sentence: String,
    shorten: bool,
    reason: String,
}

/// The review page.
pub(super) fn page(
    staff: &Staff,
    form: &RulesForm,
    subject: Subject<'_>,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let impact = subject.impact;
    let choice = impact.can_shorten && impact.too_long + impact.endless > 0;
    let review = Review {
        page: staff.layout(&subject.title, "policy"),
        action: subject.action,
        parts: subject.parts,
        without_effect: subject.without_effect,
        touches: touches(impact, &staff.zone(), staff.visit.app.now()),
        lost: lost(&staff.visit.app.catalogue, impact),
        longer: choice.then(|| Longer {
            sentence: longer(impact),
            shorten: form.longer == SHORTEN,
            reason: form.reason.clone(),
        }),
        asks_password: reentry::is_needed(staff),
        answers: RulesForm {
            run: staff.visit.app.new_public_id(),
            ..form.clone()
        }
        .hidden(),
        faults,
    };
    staff.visit.page(status, &review)
}

/// `1 token`, `1,204 tokens`.
pub(super) fn tokens(count: u64) -> String {
    numbered(count, "token")
}

/// `1 account`, `1,204 accounts`.
pub(super) fn numbered(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(count))
}

/// `keeps` for one, `keep` for any other number.
fn verb<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

fn longer(impact: &Impact) -> String {
    let long = |count| format!("{} {} longer than this", tokens(count), verb(count, "lives", "live"));
    let endless = |count: u64| format!("{} never {}", tokens(count), verb(count, "expires", "expire"));
    match (impact.too_long, impact.endless) {
        (count, 0) => format!("{}.", long(count)),
        (0, count) => format!("{}.", endless(count)),
        (late, never) => format!("{}, and {}.", long(late), endless(never)),
    }
}

fn touches(impact: &Impact, zone: &TimeZone, now: time::PrimitiveDateTime) -> Vec<String> {
    let mut said = Vec::new();
    if impact.too_long + impact.endless > 0 && !impact.can_shorten {
        said.push(format!(
            "{} They stay as they are; the rule holds when they are renewed.",
            longer(impact)
        ));
    }
    if impact.crowded_accounts > 0 {
        let count = impact.crowded_accounts;
        said.push(format!(
            "{} {} more tokens than this: {} and cannot create more.",
            numbered(count, "account"),
            verb(count, "has", "have"),
            verb(count, "it keeps them", "they keep them"),
        ));
    }
    match (impact.unused, impact.first_unused) {
        (0, Some(first)) if first > now => said.push(format!(
            "No token has been unused for so long yet. The first would be revoked on {}, unless it is used before.",
            times::when(zone, first).text
        )),
        (0, _) => {}
        (count, _) => said.push(format!(
            "{} {} not used for so long and would be revoked at the next run, the first on {}.",
            tokens(count),
            verb(count, "was", "were"),
            times::when(zone, now + time::Duration::hours(1)).text
        )),
    }
    if impact.losing > 0 {
        said.push(format!(
            "{} of its accounts can do less from the next request on.",
            tokens(impact.losing)
        ));
    }
    said
}

/// What tokens lose: `9 tokens lose “delete files”`.
fn lost(catalogue: &Catalogue, impact: &Impact) -> Vec<String> {
    let mut lost: Vec<String> = impact
        .lost
        .iter()
        .map(|(scope, count)| {
            let can = catalogue
                .scope(scope)
                .map_or_else(|| scope.to_string(), |entry| entry.can.clone());
            format!("{} {} “{can}”", tokens(*count), verb(*count, "loses", "lose"))
        })
        .collect();
    let more = lost.len().saturating_sub(LOST_SHOWN);
    lost.truncate(LOST_SHOWN);
    if more > 0 {
        lost.push(format!(
            "and {} more",
            words::counted(i64::try_from(more).unwrap_or(i64::MAX), "permission")
        ));
    }
    lost
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_impact_is_said_in_numbers() {
        let now = datetime!(2026-11-23 12:00);
        let impact = Impact {
            too_long: 14,
            endless: 1,
            can_shorten: true,
            crowded_accounts: 3,
            first_unused: Some(now + time::Duration::days(2)),
            ..Impact::default()
        };
        assert_eq!(
            longer(&impact),
            "14 tokens live longer than this, and 1 token never expires."
        );
        assert_eq!(
            touches(&impact, &TimeZone::default(), now),
            [
                "3 accounts have more tokens than this: they keep them and cannot create more.",
                "No token has been unused for so long yet. The first would be revoked on 25 Nov 2026, 12:00 UTC, unless it \
                 is used before."
            ]
        );
        let one = Impact {
            endless: 1,
            unused: 1_204,
            ..Impact::default()
        };
        let said = touches(&one, &TimeZone::default(), now);
        assert_eq!(
            said,
            [
                "1 token never expires. They stay as they are; the rule holds when they are renewed.",
                "1,204 tokens were not used for so long and would be revoked at the next run, the first on 23 Nov 2026, \
                 13:00 UTC."
            ]
        );
    }
}
