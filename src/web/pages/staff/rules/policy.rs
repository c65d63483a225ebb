//! `/staff/policy`: the rules for all accounts.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    BACK, Rules, RulesForm, SAVE, label,
    review::{self, Part},
    value,
};
use crate::{
    app::{AppError, Rule, policy},
    domain::{limit::Limit, policy::Policy},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
    },
};

const PATH: &str = "/staff/policy";

/// The form of the installation's policy.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct PolicyForm(RulesForm);

impl Form for PolicyForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/rules/policy.html")]
struct PolicyPage {
    page: Layout,
    rules: Rules,
    version: String,
    /// What the policy says now, where somebody else changed it meanwhile.
    now: Vec<(&'static str, String)>,
    faults: Faults,
}

fn form_page(staff: &Staff, form: &RulesForm, now: Option<&Policy>, faults: Faults) -> Result<HttpResponse, WebError> {
    let status = match (now, faults.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, true) => StatusCode::OK,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = PolicyPage {
        page: staff.layout("Policy", "policy"),
        rules: Rules::of(form, None),
        version: now.map_or_else(|| form.version.clone(), policy::version),
        now: now.map_or_else(Vec::new, |now| {
            Limit::ALL
                .into_iter()
                .map(|limit| (label(limit), value(now, limit)))
                .collect()
        }),
        faults,
    };
    staff.visit.page(status, &page)
}

/// Shows the policy, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let current = policy::show(&staff.visit.app, &staff.caller).await?;
    let kept = serde_html_form::from_str::<RulesForm>(request.query_string());
    let form = kept.ok().filter(|form| !form.version.is_empty());
    let form = form.unwrap_or_else(|| RulesForm {
        version: policy::version(&current),
        ..RulesForm::of(&current, false)
    });
    form_page(&staff, &form, None, Faults::default())
}

/// From the form to what it would touch, and from there to the change.
pub async fn submit(SentBy(staff, PolicyForm(form)): SentBy<Staff, PolicyForm>) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let current = policy::show(app, &staff.caller).await?;
    if form.step == BACK {
        return form_page(&staff, &form, None, Faults::default());
    }
    let mut faults = Faults::default();
    let wanted = form.policy(&current, false, &mut faults);
    if !faults.is_empty() {
        return form_page(&staff, &form, None, faults);
    }
    if wanted == current {
        return Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::Unchanged))));
    }
    if policy::version(&current) != form.version {
        return form_page(&staff, &form, Some(&current), faults);
    }
    if form.step != SAVE {
        return review_page(&staff, &form, (&current, &wanted), faults).await;
    }
    let shortening = form.shortening(&mut faults);
    if !faults.is_empty() {
        return review_page(&staff, &form, (&current, &wanted), faults).await;
    }
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return review_page(&staff, &form, (&current, &wanted), faults).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    match policy::set(app, &caller, &form.version, &wanted, shortening.as_ref()).await {
        Ok(true) => Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::PolicySaved)))),
        Ok(false) => Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::Unchanged)))),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Outdated) => {
            let current = policy::show(app, &caller).await?;
            form_page(&staff, &form, Some(&current), Faults::default())
        }
        Err(error) => Err(error.into()),
    }
}

async fn review_page(
    staff: &Staff,
    form: &RulesForm,
    (before, after): (&Policy, &Policy),
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let impact = policy::preview(&staff.visit.app, &staff.caller, after).await?;
    let parts = Limit::ALL.into_iter().filter_map(|limit| {
        let (before, after) = (value(before, limit), value(after, limit));
        (before != after).then(|| Part::rule(limit, before, after))
    });
    let subject = review::Subject {
        title: "Change the policy?".to_owned(),
        action: PATH.to_owned(),
        parts: parts.collect(),
        without_effect: Vec::new(),
        impact: &impact,
    };
    review::page(staff, form, subject, faults)
}
