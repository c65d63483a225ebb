//! `/staff/plans/{plan}`: one plan, and the form that a new one shares with it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{
    BACK, Rules, RulesForm, SAVE, label, plan_value,
    plans::PATH,
    review::{self, Part, numbered},
};
use crate::{
    app::{
        App, AppError, Rule,
        policy::{
            self,
            plans::{self, ListedPlan},
        },
    },
    domain::{
        limit::Limit,
        policy::{MAX_PLAN_NAME, Plan, PlanName, Policy},
        scope::{Scope, ScopeSet},
        text::TextError,
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::fields::{AreaField, areas, scope_values},
        reentry::{self, Unconfirmed},
        words,
    },
};

/// The form of a plan.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct PlanForm(RulesForm);

impl Form for PlanForm {
    const HAS_PAGE: bool = true;
}

/// Which plan a form is about.
pub(super) struct Subject<'a> {
    installation: &'a Policy,
    /// Absent for a new one.
    listed: Option<&'a ListedPlan>,
    /// The plan as somebody else has changed it meanwhile.
    now: Option<&'a Plan>,
}

impl<'a> Subject<'a> {
    /// A plan that is to be made.
    pub(super) fn new(installation: &'a Policy) -> Self {
        Self {
            installation,
            listed: None,
            now: None,
        }
    }
}

#[derive(Template)]
#[template(path = "staff/rules/plan.html")]
struct PlanPage {
    page: Layout,
    /// Empty for a new one.
    id: String,
    saved_name: String,
    /// How many accounts are on it: `3 accounts are`.
    accounts: String,
    name: String,
    areas: Vec<AreaField>,
    full: bool,
    rules: Rules,
    version: String,
    now: Vec<(&'static str, String)>,
    asks_password: bool,
    faults: Faults,
}

/// `1 account is`, `3 accounts are`.
pub(super) fn on_it(accounts: u64) -> String {
    let verb = if accounts == 1 { "is" } else { "are" };
    format!("{} {verb}", numbered(accounts, "account"))
}

/// The form with these answers.
pub(super) fn form_page(
    staff: &Staff,
    form: &RulesForm,
    subject: &Subject<'_>,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let status = match (subject.now, faults.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, true) => StatusCode::OK,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let catalogue = &staff.visit.app.catalogue;
    let plan = subject.listed.map(|listed| &listed.plan);
    let title = plan.map_or_else(|| "New plan".to_owned(), |plan| format!("Plan “{}”", plan.name));
    let page = PlanPage {
        page: staff.layout(&title, "policy"),
        id: plan.map_or_else(String::new, |plan| plan.public_id.clone()),
        saved_name: plan.map_or_else(String::new, |plan| plan.name.clone()),
        accounts: subject.listed.map_or_else(String::new, |listed| on_it(listed.accounts)),
        name: form.name.clone(),
        areas: areas(catalogue, &form.scope),
        full: form.scope.iter().any(|scope| scope == ScopeSet::FULL),
        rules: Rules::of(form, Some(subject.installation)),
        version: subject.now.map_or_else(|| form.version.clone(), policy::plan_version),
        now: subject.now.map_or_else(Vec::new, |now| {
            let mut said = vec![
                ("Name", now.name.clone()),
                ("Permissions", words::permissions(catalogue, &now.scopes).join(", ")),
            ];
            said.extend(Limit::ALL.map(|limit| (label(limit), plan_value(&now.policy, limit))));
            said
        }),
        // Making one asks at once, changing one at its review.
        asks_password: plan.is_none() && reentry::is_needed(staff),
        faults,
    };
    staff.visit.page(status, &page)
}

/// The plan that the form asks for; nothing when its name or its permissions cannot be read.
pub(super) fn read(app: &App, form: &RulesForm, id: &str, before: &Policy, faults: &mut Faults) -> Option<Plan> {
    let name = match form.name.parse::<PlanName>() {
        Ok(name) => Some(name),
        Err(error) => {
            faults.add("name", name_words(error));
            None
        }
    };
    let scopes = read_scopes(app, form, faults);
    let mut of_policy = Faults::default();
    let policy = form.policy(before, true, &mut of_policy);
    for (field, words) in of_policy.list() {
        faults.add(field, words);
    }
    Some(Plan {
        public_id: id.to_owned(),
        name: name?.as_str().to_owned(),
        scopes: scopes?,
        policy,
    })
}

fn name_words(error: TextError) -> String {
    match error {
        TextError::Empty => "Enter a name for the plan".to_owned(),
        TextError::TooLong { .. } => format!("Use at most {MAX_PLAN_NAME} characters for the name"),
        TextError::Control => "Take the invisible characters out of the name: type it again".to_owned(),
        TextError::Secret => "Take the token out of the name: everybody who reads it could use it".to_owned(),
    }
}

fn read_scopes(app: &App, form: &RulesForm, faults: &mut Faults) -> Option<ScopeSet> {
    let scopes: Option<ScopeSet> = if form.scope.iter().any(|scope| scope == ScopeSet::FULL) {
        Some(ScopeSet::full())
    } else {
        let read: Result<ScopeSet, _> = form.scope.iter().map(|scope| scope.parse::<Scope>()).collect();
        read.ok()
    };
    let words = match scopes {
        None => "Choose only from the permissions of this list",
        Some(scopes) => match plans::check_plan_scopes(app, &scopes) {
            Ok(()) => return Some(scopes),
            Err(Rule::NoScope) => "Choose at least one thing that tokens on this plan can do",
            Err(_) => "Choose only from the permissions of this list",
        },
    };
    faults.add("scopes", words);
    None
}

/// The form again for a plan that was not made or changed.
pub(super) fn refused(
    staff: &Staff,
    form: &RulesForm,
    subject: &Subject<'_>,
    error: AppError,
) -> Result<HttpResponse, WebError> {
    match error {
        AppError::Rule(rule) if matches!(*rule, Rule::PlanNameTaken) => {
            let mut faults = Faults::default();
            faults.add("name", "Another plan has that name. Choose another one");
            form_page(staff, form, subject, faults)
        }
        error => Err(error.into()),
    }
}

/// Shows the plan, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let (listed, installation) = plans::show(&staff.visit.app, &staff.caller, &path).await?;
    let kept = serde_html_form::from_str::<RulesForm>(request.query_string());
    let form = kept.ok().filter(|form| !form.version.is_empty());
    let form = form.unwrap_or_else(|| RulesForm {
        name: listed.plan.name.clone(),
        scope: scope_values(&listed.plan.scopes),
        version: policy::plan_version(&listed.plan),
        ..RulesForm::of(&listed.plan.policy, true)
    });
    let subject = Subject {
        listed: Some(&listed),
        ..Subject::new(&installation)
    };
    form_page(&staff, &form, &subject, Faults::default())
}

/// From the form to what it would touch, and from there to the change.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, PlanForm(form)): SentBy<Staff, PlanForm>,
) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let (listed, installation) = plans::show(app, &staff.caller, &path).await?;
    let current = &listed.plan;
    let mut subject = Subject {
        listed: Some(&listed),
        ..Subject::new(&installation)
    };
    let mut faults = Faults::default();
    if form.step == BACK {
        return form_page(&staff, &form, &subject, faults);
    }
    let wanted = read(app, &form, &path, &current.policy, &mut faults);
    let Some(wanted) = wanted.filter(|_| faults.is_empty()) else {
        return form_page(&staff, &form, &subject, faults);
    };
    let back = format!("{PATH}/{}", current.public_id);
    if wanted == *current {
        return Ok(staff.visit.go(&back, Some(&Notice::new(NoticeCode::Unchanged))));
    }
    if policy::plan_version(current) != form.version {
        subject.now = Some(current);
        return form_page(&staff, &form, &subject, faults);
    }
    if form.step != SAVE {
        return review_page(&staff, &form, (current, &wanted), &installation, faults).await;
    }
    let shortening = form.shortening(&mut faults);
    if !faults.is_empty() {
        return review_page(&staff, &form, (current, &wanted), &installation, faults).await;
    }
    let caller = match reentry::confirm(&staff, &form.password).await {
        Ok(caller) => caller,
        Err(Unconfirmed::Fault(words)) => {
            faults.add(reentry::FIELD, words);
            return review_page(&staff, &form, (current, &wanted), &installation, faults).await;
        }
        Err(Unconfirmed::Failed(error)) => return Err(error),
    };
    match plans::change(app, &caller, &form.version, &wanted, shortening.as_ref()).await {
        Ok(true) => Ok(staff.visit.go(&back, Some(&Notice::new(NoticeCode::PlanSaved)))),
        Ok(false) => Ok(staff.visit.go(&back, Some(&Notice::new(NoticeCode::Unchanged)))),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Outdated) => {
            let (fresh, _) = plans::show(app, &caller, &path).await?;
            subject.now = Some(&fresh.plan);
            form_page(&staff, &form, &subject, faults)
        }
        Err(error) => refused(&staff, &form, &subject, error),
    }
}

async fn review_page(
    staff: &Staff,
    form: &RulesForm,
    (before, after): (&Plan, &Plan),
    installation: &Policy,
    faults: Faults,
) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let impact = plans::preview(app, &staff.caller, after).await?;
    let mut parts = Vec::new();
    let plain = |label, before: &str, after: &str| Part {
        label,
        before: before.to_owned(),
        after: after.to_owned(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    if before.name != after.name {
        parts.push(plain("Name", &before.name, &after.name));
    }
    if before.scopes != after.scopes {
        let said = |scopes: &ScopeSet| words::permissions(&app.catalogue, scopes);
        let (old, new) = (said(&before.scopes), said(&after.scopes));
        let without =
            |from: &[String], other: &[String]| from.iter().filter(|text| !other.contains(text)).cloned().collect();
        parts.push(Part {
            added: without(&new, &old),
            removed: without(&old, &new),
            ..plain("Permissions", "", "")
        });
    }
    parts.extend(Limit::ALL.into_iter().filter_map(|limit| {
        let (old, new) = (plan_value(&before.policy, limit), plan_value(&after.policy, limit));
        (old != new).then(|| Part::rule(limit, old, new))
    }));
    let subject = review::Subject {
        title: format!("Change the plan “{}”?", before.name),
        action: format!("{PATH}/{}", before.public_id),
        parts,
        without_effect: after
            .policy
            .without_effect(installation)
            .into_iter()
            .map(label)
            .collect(),
        impact: &impact,
    };
    review::page(staff, form, subject, faults)
}
