//! Plans: named sets of scopes and narrower rules, one for each account.

use super::{
    Shortening,
    impact::{self, Effective, Impact},
    plan_version, prepare_run, record,
};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        once::{Made, Once},
        runs,
        tokens::content::check_scopes,
        usage,
    },
    domain::{
        audit::{Action, Change, Party},
        id::is_public_id,
        limit::Limit,
        permission::Act,
        policy::{Plan, Policy},
        scope::ScopeSet,
    },
    store::{self, DbConnection},
};

/// A plan as it is listed.
#[derive(Clone, Debug)]
pub struct ListedPlan {
    /// The plan.
    pub plan: Plan,
    /// How many accounts are on it, suspended ones too.
    pub accounts: u64,
}

/// Every plan, by name.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ListedPlan>, AppError> {
    caller.may(Act::ReadPolicy, None)?;
    app.store
        .read(|connection| {
            let plans = store::plans::list_numbered(connection)?;
            let listed = plans.into_iter().map(|(id, plan)| {
                let accounts = store::plans::count_accounts(connection, id)?;
                Ok(ListedPlan { plan, accounts })
            });
            listed.collect()
        })
        .await
}

/// One plan by its public id, with the installation's policy that it narrows.
pub async fn show(app: &App, caller: &Caller, public_id: &str) -> Result<(ListedPlan, Policy), AppError> {
    caller.may(Act::ReadPolicy, None)?;
    find(app, public_id).await
}

/// [`show`] for whoever may set plans, who has to know what they change.
pub async fn current(app: &App, caller: &Caller, public_id: &str) -> Result<ListedPlan, AppError> {
    caller.may(Act::SetPolicy, None)?;
    Ok(find(app, public_id).await?.0)
}

async fn find(app: &App, public_id: &str) -> Result<(ListedPlan, Policy), AppError> {
    if !is_public_id(public_id) {
        return Err(AppError::NotFound);
    }
    let public_id = public_id.to_owned();
    app.store
        .read(move |connection| {
            let (id, plan) = store::plans::find_by_public_id(connection, &public_id)?.ok_or(AppError::NotFound)?;
            let accounts = store::plans::count_accounts(connection, id)?;
            let installation = store::installation::find(connection)?.policy;
            Ok((ListedPlan { plan, accounts }, installation))
        })
        .await
}

/// The public id of the plan with this name.
pub async fn find_by_name(app: &App, caller: &Caller, name: &str) -> Result<Option<String>, AppError> {
    let plans = list(app, caller).await?;
    let found = plans.into_iter().find(|listed| listed.plan.name == name);
    Ok(found.map(|listed| listed.plan.public_id))
}

/// Errors unless a plan may allow these scopes: at least one, all in the catalogue.
pub fn check_plan_scopes(app: &App, scopes: &ScopeSet) -> Result<(), Rule> {
    check_scopes(&app.catalogue, &ScopeSet::full(), scopes, &ScopeSet::empty())
}

/// What changing the plan to `plan` would touch.
pub async fn preview(app: &App, caller: &Caller, plan: &Plan) -> Result<Impact, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let (now, after, catalogue) = (app.now(), plan.clone(), app.catalogue.clone());
    app.store
        .read_apart(move |connection| {
            let found = store::plans::find_by_public_id(connection, &after.public_id)?;
            let (id, before) = found.ok_or(AppError::NotFound)?;
            let installation = store::installation::find(connection)?.policy;
            let effective = Effective {
                plan: id,
                before: installation.narrowed_by(&before.policy),
                after: installation.narrowed_by(&after.policy),
            };
            let plans = store::plans::list(connection)?.len();
            let mut impact = impact::of_policies(connection, &[effective], plans, now)?;
            let scopes = (&before.scopes, &after.scopes);
            impact::of_scopes(connection, &catalogue, id, scopes, &mut impact)?;
            Ok(impact)
        })
        .await
}

/// Makes a plan. Its public id is drawn here; the result has it.
pub async fn create(app: &App, caller: &Caller, plan: &Plan) -> Result<Plan, AppError> {
    let (Made::New(plan) | Made::Before(plan)) = make(app, caller, plan, None).await?;
    Ok(plan)
}

/// [`create`], unless the same act has made one before.
pub async fn make(app: &App, caller: &Caller, plan: &Plan, once: Option<Once>) -> Result<Made<Plan>, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    check_plan_scopes(app, &plan.scopes)?;
    let (caller, mut plan) = (caller.clone(), plan.clone());
    plan.public_id = app.new_public_id();
    let made = app
        .store
        .write(move |connection| {
            if let Some(once) = &once
                && let Some(made) = once.claim(connection, now)?
            {
                let found = store::plans::find_by_public_id(connection, &made)?;
                return Ok(Made::Before(found.ok_or(AppError::NotFound)?.1));
            }
            store::installation::hold(connection)?;
            check_name(connection, &plan)?;
            if !store::plans::insert(connection, &plan)? {
                return Err(Rule::PlanNameTaken.into());
            }
            if let Some(once) = &once {
                once.fulfil(connection, &plan.public_id)?;
            }
            let mut changes = vec![Change::new("name", &plan.name), Change::new("scopes", &plan.scopes)];
            let set = |limit: &Limit| !plan.policy.text(*limit).is_empty();
            let rules = Limit::ALL.into_iter().filter(set);
            changes.extend(rules.map(|limit| Change::new(limit.code(), plan.policy.text(limit))));
            record(connection, &caller, now, Action::PlanCreated, party(&plan), changes)?;
            Ok::<_, AppError>(Made::New(plan))
        })
        .await?;
    usage::try_to_reread_limits(app).await;
    Ok(made)
}

/// Changes a plan; false when nothing is different.
///
/// With `shortening` a run begins in the same transaction, as for [`super::set`]. [`Rule::Outdated`] when the plan is no longer the one that `shown` names, [`Rule::PlanNameTaken`] when another has its
/// new name.
pub async fn change(
    app: &App,
    caller: &Caller,
    shown: &str,
    plan: &Plan,
    shortening: Option<&Shortening>,
) -> Result<bool, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (listed, installation) = find(app, &plan.public_id).await?;
    let policy = installation.narrowed_by(&plan.policy);
    let run = prepare_run(app, caller, shortening, (&policy, Some(&listed.plan.name))).await?;
    let (caller, shown, after, catalogue) = (caller.clone(), shown.to_owned(), plan.clone(), app.catalogue.clone());
    let is_other = app
        .store
        .write(move |connection| {
            store::installation::hold(connection)?;
            let (id, before) = store::plans::hold(connection, &after.public_id)?.ok_or(AppError::NotFound)?;
            if plan_version(&before) != shown {
                return Err(Rule::Outdated.into());
            }
            check_scopes(&catalogue, &ScopeSet::full(), &after.scopes, &before.scopes)?;
            let name = Change::between("name", &before.name, &after.name);
            let scopes = Change::between("scopes", &before.scopes, &after.scopes);
            let mut changes: Vec<Change> = name.into_iter().chain(scopes).collect();
            changes.extend(before.policy.changes(&after.policy));
            if changes.is_empty() {
                return Ok(false);
            }
            check_name(connection, &after)?;
            if !store::plans::update(connection, id, &after)? {
                return Err(Rule::PlanNameTaken.into());
            }
            record(connection, &caller, now, Action::PlanChanged, party(&after), changes)?;
            if let Some(mut run) = run {
                // The run finds the plan by its name, which may just have changed.
                run.criteria.plan = Some(after.name);
                runs::begin_in(connection, &caller, run)?;
            }
            Ok::<_, AppError>(true)
        })
        .await?;
    usage::try_to_reread_limits(app).await;
    Ok(is_other)
}

/// Removes a plan that no account is on.
///
/// [`Rule::PlanInUse`] when accounts are, also one that came at the same moment; [`Rule::LastPlan`] when there is no other.
pub async fn remove(app: &App, caller: &Caller, public_id: &str) -> Result<(), AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    if !is_public_id(public_id) {
        return Err(AppError::NotFound);
    }
    let (caller, public_id) = (caller.clone(), public_id.to_owned());
    app.store
        .write(move |connection| {
            store::installation::hold(connection)?;
            let (id, plan) = store::plans::hold(connection, &public_id)?.ok_or(AppError::NotFound)?;
            let others = store::plans::list_numbered(connection)?;
            let other = others.into_iter().find(|(other, _)| *other != id);
            let (heir, _) = other.ok_or(Rule::LastPlan)?;
            match store::plans::count_accounts(connection, id)? {
                0 => {}
                accounts => return Err(Rule::PlanInUse(accounts).into()),
            }
            store::plans::remove(connection, id, heir)?;
            Ok(record(
                connection,
                &caller,
                now,
                Action::PlanRemoved,
                party(&plan),
                Vec::new(),
            )?)
        })
        .await
}

/// Two names that differ in their case alone would be taken for each other.
fn check_name(connection: &mut DbConnection, plan: &Plan) -> Result<(), AppError> {
    let folded = plan.name.to_lowercase();
    let same = |other: &Plan| other.public_id != plan.public_id && other.name.to_lowercase() == folded;
    if store::plans::list(connection)?.iter().any(same) {
        return Err(Rule::PlanNameTaken.into());
    }
    Ok(())
}

fn party(plan: &Plan) -> Party {
    Party::new("plan", &plan.public_id, &plan.name)
}
