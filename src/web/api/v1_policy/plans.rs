//! `/api/v1/plans`: what the accounts on each plan may allow their tokens.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Path, Payload},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::rules::{RulesDocument, WantedRules, read as read_rules};
use crate::{
    app::{
        App, Caller,
        once::{Made, Once},
        policy::{
            plan_version,
            plans::{self, ListedPlan, check_plan_scopes},
        },
    },
    domain::{
        permission::Act,
        policy::{Plan, PlanName},
        scope::{Scope, ScopeSet},
    },
    web::api::{
        body::{JSON, Sent},
        json::Json,
        members::{At, Members, shown},
        paging::Page,
        problem::Problem,
        reference::shape::{GrantedScope, Id},
        refused::said,
        repeat::{self, REPLAYED},
        revision::{Etag, Precondition},
        staff::StaffHolder,
        v1_tokens::document::granted,
    },
};

const PATH: &str = "/api/v1/plans";

/// A plan.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub struct PlanDocument {
    /// Its public id.
    #[schemars(with = "Id")]
    id: String,
    /// Its name.
    name: String,
    /// What tokens of its accounts may do at most; * for everything.
    #[schemars(with = "Vec<GrantedScope>")]
    scopes: Vec<String>,
    /// The rules by which it narrows the installation's.
    rules: RulesDocument,
    /// How many accounts are on it.
    accounts: u64,
    /// What to send as If-Match with a change of it.
    etag: String,
}

/// What a plan is to be.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WantedPlan {
    /// Its name, at most 50 characters; no other plan has it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What tokens of its accounts may do at most; * alone for everything.
    #[schemars(with = "Vec<GrantedScope>")]
    pub scopes: Vec<String>,
    /// The rules by which it narrows the installation's; left out, none.
    pub rules: Option<WantedRules>,
}

impl PlanDocument {
    fn new(plan: &Plan, accounts: u64) -> Self {
        Self {
            id: plan.public_id.clone(),
            name: plan.name.clone(),
            scopes: granted(&plan.scopes),
            rules: RulesDocument::from(&plan.policy),
            accounts,
            etag: Etag(plan_version(plan)).to_string(),
        }
    }
}

/// Lists every plan, by name.
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ReadPolicy).await?;
    let found = plans::list(&holder.call.app, &holder.caller(&request)).await;
    let found = found.map_err(|error| holder.refused(error))?;
    let items = found
        .iter()
        .map(|listed| PlanDocument::new(&listed.plan, listed.accounts));
    Ok(HttpResponse::Ok().json(Page {
        items: items.collect(),
        next: None,
    }))
}

/// Shows one plan.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ReadPolicy).await?;
    let found = plans::show(&holder.call.app, &holder.caller(&request), &path).await;
    let (listed, _) = found.map_err(|error| holder.refused(error))?;
    Ok(answer(HttpResponse::Ok(), &listed.plan, listed.accounts))
}

/// Makes a plan.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SetPolicy).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let key = repeat::key(call, &request)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let once = key.map(|key| Once::new(&call.app, &caller, key, sent.bytes()));
    let plan = sent.read(call, |members| read(&call.app, "", members))?;
    let made = plans::make(&call.app, &caller, &plan, once).await;
    let (plan, mut response) = match made.map_err(|error| holder.refused(error))? {
        Made::New(plan) => (plan, HttpResponse::Created()),
        Made::Before(plan) => {
            let mut response = HttpResponse::Ok();
            response.insert_header((REPLAYED, "true"));
            (plan, response)
        }
    };
    let listed = now(&holder, &caller, &plan.public_id).await?;
    response.insert_header((header::LOCATION, call.url(&format!("{PATH}/{}", plan.public_id))));
    Ok(answer(response, &listed.plan, listed.accounts))
}

/// Changes a plan: all of it at once.
pub async fn change(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SetPolicy).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let precondition = Precondition::required(call, &request)?;
    let before = now(&holder, &caller, &path).await?;
    let shown = plan_version(&before.plan);
    precondition.hold(call, &shown)?;
    let after = sent.read(call, |members| read(&call.app, &path, members))?;
    let changed = plans::change(&call.app, &caller, &shown, &after, None).await;
    changed.map_err(|error| holder.refused(error))?;
    let listed = now(&holder, &caller, &path).await?;
    Ok(answer(HttpResponse::Ok(), &listed.plan, listed.accounts))
}

/// Removes a plan that no account is on.
pub async fn remove(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SetPolicy).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    if let Some(precondition) = Precondition::given(call, &request)? {
        let before = now(&holder, &caller, &path).await?;
        precondition.hold(call, plan_version(&before.plan))?;
    }
    let removed = plans::remove(&call.app, &caller, &path).await;
    removed.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// A plan as it is now, for whoever may set it.
async fn now(holder: &StaffHolder, caller: &Caller, id: &str) -> Result<ListedPlan, Problem> {
    let found = plans::current(&holder.call.app, caller, id).await;
    found.map_err(|error| holder.refused(error))
}

fn answer(mut response: actix_web::HttpResponseBuilder, plan: &Plan, accounts: u64) -> HttpResponse {
    response
        .insert_header((header::ETAG, Etag(plan_version(plan)).to_string()))
        .json(PlanDocument::new(plan, accounts))
}

fn read(app: &App, id: &str, members: &mut Members<'_>) -> Option<Plan> {
    let name = members.required("name", |at, json| at.written::<PlanName>(json));
    let scopes = members.required("scopes", |at, json| scopes(app, at, json));
    let rules = members.optional("rules", |at, json| at.object(json, read_rules));
    Some(Plan {
        public_id: id.to_owned(),
        name: name?.as_str().to_owned(),
        scopes: scopes?,
        policy: rules.unwrap_or_default(),
    })
}

fn scopes(app: &App, at: &mut At<'_>, json: Json) -> Option<ScopeSet> {
    let texts = at.list(json, |at, item| at.text(item))?;
    let set = if texts == [ScopeSet::FULL] {
        ScopeSet::full()
    } else {
        let mut scopes = Vec::with_capacity(texts.len());
        for text in &texts {
            let Ok(scope) = text.parse::<Scope>() else {
                let detail = format!("There is no scope {}. One is written as area:action.", shown(text));
                at.fault("unknown-scope", detail);
                return None;
            };
            scopes.push(scope);
        }
        scopes.into_iter().collect()
    };
    match check_plan_scopes(app, &set) {
        Ok(()) => Some(set),
        Err(rule) => {
            let said = said(&rule);
            at.fault(said.member.map_or("invalid", |(_, code)| code), said.detail);
            None
        }
    }
}
