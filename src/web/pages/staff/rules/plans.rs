//! `/staff/plans`: the list, a new plan, and the end of one.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{
    RulesForm,
    plan::{self, Subject},
    plan_value,
};
use crate::{
    app::{
        AppError, Rule,
        policy::{self, plans},
    },
    domain::{limit::Limit, policy::Policy},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        words::{self, Brief},
    },
};

/// Where the list is.
pub(super) const PATH: &str = "/staff/plans";

struct Row {
    id: String,
    name: String,
    can: Brief,
    rules: Vec<String>,
    accounts: String,
}

#[derive(Template)]
#[template(path = "staff/rules/plans.html")]
struct PlansPage {
    page: Layout,
    rows: Vec<Row>,
}

/// The list.
pub async fn list(staff: Staff) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let listed = plans::list(app, &staff.caller).await?;
    let rows = listed.into_iter().map(|listed| {
        let set = |limit: &Limit| !listed.plan.policy.text(*limit).is_empty();
        let rules = Limit::ALL.into_iter().filter(set);
        Row {
            rules: rules
                .map(|limit| format!("{}: {}", super::label(limit), plan_value(&listed.plan.policy, limit)))
                .collect(),
            id: listed.plan.public_id,
            name: listed.plan.name,
            can: if listed.plan.scopes.is_full() {
                Brief {
                    shown: vec!["Everything".to_owned()],
                    more: Vec::new(),
                }
            } else {
                words::permissions_in_brief(&app.catalogue, &listed.plan.scopes)
            },
            accounts: words::grouped(listed.accounts),
        }
    });
    let page = PlansPage {
        page: staff.layout("Plans", "policy"),
        rows: rows.collect(),
    };
    staff.visit.page(StatusCode::OK, &page)
}

/// The form of a new plan.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewPlanForm(RulesForm);

impl Form for NewPlanForm {
    const HAS_PAGE: bool = true;
}

/// Shows the form, or the answers of somebody who had to sign in again.
pub async fn new(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let installation = policy::show(&staff.visit.app, &staff.caller).await?;
    let kept = serde_html_form::from_str::<RulesForm>(request.query_string());
    plan::form_page(
        &staff,
        &kept.unwrap_or_default(),
        &Subject::new(&installation),
        Faults::default(),
    )
}

/// Makes the plan: nobody is on it yet, so that there is nothing to look over.
pub async fn create(SentBy(staff, NewPlanForm(form)): SentBy<Staff, NewPlanForm>) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let installation = policy::show(app, &staff.caller).await?;
    let subject = Subject::new(&installation);
    let mut faults = Faults::default();
    let wanted = plan::read(app, &form, "", &Policy::default(), &mut faults);
    let Some(wanted) = wanted.filter(|_| faults.is_empty()) else {
        return plan::form_page(&staff, &form, &subject, faults);
    };
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return plan::form_page(&staff, &form, &subject, faults);
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    match plans::create(app, &caller, &wanted).await {
        Ok(_) => Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::PlanMade)))),
        Err(error) => plan::refused(&staff, &form, &subject, error),
    }
}

/// Asks for the end of a plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveForm {
    #[serde(default)]
    password: String,
}

impl Form for RemoveForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/rules/remove.html")]
struct RemovePage {
    page: Layout,
    id: String,
    name: String,
    /// Why it cannot be removed; empty when it can.
    stands: String,
    asks_password: bool,
    faults: Faults,
}

async fn remove_page(staff: &Staff, id: &str, stands: String, faults: Faults) -> Result<HttpResponse, WebError> {
    let (listed, _) = plans::show(&staff.visit.app, &staff.caller, id).await?;
    let stands = if stands.is_empty() && listed.accounts > 0 {
        in_use(listed.accounts)
    } else {
        stands
    };
    let status = match (stands.is_empty(), faults.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::OK,
    };
    let page = RemovePage {
        page: staff.layout(&format!("Remove the plan “{}”?", listed.plan.name), "policy"),
        id: listed.plan.public_id,
        name: listed.plan.name,
        stands,
        asks_password: reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

fn in_use(accounts: u64) -> String {
    format!("{} on it. Put them on another plan first.", plan::on_it(accounts))
}

/// Asks.
pub async fn ask(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    remove_page(&staff, &path, String::new(), Faults::default()).await
}

/// Removes it.
pub async fn remove(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, RemoveForm>,
) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    plans::show(app, &staff.caller, &path).await?;
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            let mut faults = Faults::default();
            faults.add(reentry::FIELD, words);
            return remove_page(&staff, &path, String::new(), faults).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    let stands = match plans::remove(app, &caller, &path).await {
        Ok(()) => return Ok(staff.visit.go(PATH, Some(&Notice::new(NoticeCode::PlanRemoved)))),
        Err(AppError::Rule(rule)) => match *rule {
            Rule::PlanInUse(accounts) => in_use(accounts),
            Rule::LastPlan => "It is the only plan, and every account needs one. Make another first.".to_owned(),
            rule => return Err(AppError::from(rule).into()),
        },
        Err(error) => return Err(error.into()),
    };
    remove_page(&staff, &path, stands, Faults::default()).await
}
