//! The rules that an administrator sets: the installation's policy, and the plans that narrow it.

pub mod impact;
pub mod plans;

use sha2::{Digest, Sha256};
use time::Duration;

use self::impact::{Effective, Impact};
use super::{
    App, AppError, Caller, Rule,
    runs::{self, NewRun},
    usage,
};
use crate::{
    domain::{
        audit::{Action, Change, Party},
        permission::Act,
        policy::{Plan, Policy},
        run::{self, Criteria, Run, RunKind},
        text::Reason,
    },
    store::{self, DbConnection, StoreError},
};

/// Names what a policy or a plan said when a form showed it: a form that comes back with another one is out of date.
pub type Version = String;

/// Hexadecimal digits of a [`Version`].
const VERSION_LENGTH: usize = 16;

/// A version of whatever these texts say.
pub(super) fn version_of(texts: &[&str]) -> Version {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let bytes = digest.finalize();
    let digits = bytes.iter().take(VERSION_LENGTH / 2).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

fn policy_text(policy: &Policy) -> String {
    serde_json::to_string(policy).expect("a policy of numbers and switches is JSON")
}

/// The version of the installation's policy.
pub fn version(policy: &Policy) -> Version {
    version_of(&[&policy_text(policy)])
}

/// The version of a plan.
pub fn plan_version(plan: &Plan) -> Version {
    version_of(&[&plan.name, &plan.scopes.to_string(), &policy_text(&plan.policy)])
}

/// What an owner gets to replace a token that is shortened.
const REPLACING: Duration = Duration::days(7);

/// The run that shortens tokens to what a new policy allows, with why: their owners read it.
#[derive(Clone, Debug)]
pub struct Shortening {
    /// Names this wish: the same form sent twice starts one run.
    pub run: String,
    /// Why.
    pub reason: Reason,
}

/// Prepares the run that shortens tokens under `policy`; on the plan of this name, where one is given.
async fn prepare_run(
    app: &App,
    caller: &Caller,
    shortening: Option<&Shortening>,
    (policy, plan): (&Policy, Option<&str>),
) -> Result<Option<Run>, AppError> {
    let Some(shortening) = shortening else { return Ok(None) };
    let new = NewRun {
        public_id: shortening.run.clone(),
        kind: RunKind::Shorten(run::Limit::of(policy, app.now(), REPLACING)),
        criteria: Criteria {
            plan: plan.map(str::to_owned),
            ..Criteria::default()
        },
        reason: shortening.reason.clone(),
        at_most: None,
    };
    runs::prepare(app, caller, new).await.map(Some)
}

/// The installation's policy.
pub async fn show(app: &App, caller: &Caller) -> Result<Policy, AppError> {
    caller.may(Act::ReadPolicy, None)?;
    app.store
        .read(|connection| Ok(store::installation::find(connection)?.policy))
        .await
}

/// [`show`] for whoever may set it, who has to know what they change.
pub async fn current(app: &App, caller: &Caller) -> Result<Policy, AppError> {
    caller.may(Act::SetPolicy, None)?;
    app.store
        .read(|connection| Ok(store::installation::find(connection)?.policy))
        .await
}

/// What `policy` would touch, were it the installation's.
pub async fn preview(app: &App, caller: &Caller, policy: &Policy) -> Result<Impact, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let (now, after) = (app.now(), policy.clone());
    app.store
        .read_apart(move |connection| {
            let before = store::installation::find(connection)?.policy;
            let plans = store::plans::list_numbered(connection)?;
            let effective: Vec<Effective> = plans
                .iter()
                .map(|(id, plan)| Effective {
                    plan: *id,
                    before: before.narrowed_by(&plan.policy),
                    after: after.narrowed_by(&plan.policy),
                })
                .collect();
            Ok(impact::of_policies(connection, &effective, plans.len(), now)?)
        })
        .await
}

/// Sets the installation's policy; false when nothing is different.
///
/// With `shortening` a run begins in the same transaction that shortens every token which lives longer. A plan that is
/// narrower yet goes on holding for what its accounts make or renew. [`Rule::Outdated`] when the policy is no longer the
/// one that `shown` names.
pub async fn set(
    app: &App,
    caller: &Caller,
    shown: &str,
    policy: &Policy,
    shortening: Option<&Shortening>,
) -> Result<bool, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let run = prepare_run(app, caller, shortening, (policy, None)).await?;
    let (caller, shown, policy) = (caller.clone(), shown.to_owned(), policy.clone());
    let is_other = app
        .store
        .write(move |connection| {
            store::installation::hold(connection)?;
            let before = store::installation::find(connection)?.policy;
            if version(&before) != shown {
                return Err(Rule::Outdated.into());
            }
            let changes = before.changes(&policy);
            if changes.is_empty() {
                return Ok(false);
            }
            store::installation::put_policy(connection, &policy)?;
            record(connection, &caller, now, Action::PolicyChanged, installation(), changes)?;
            if let Some(run) = run {
                runs::begin_in(connection, &caller, run)?;
            }
            Ok::<_, AppError>(true)
        })
        .await?;
    usage::try_to_reread_limits(app).await;
    Ok(is_other)
}

fn installation() -> Party {
    Party::new("installation", "", "policy")
}

fn record(
    connection: &mut DbConnection,
    caller: &Caller,
    now: time::PrimitiveDateTime,
    action: Action,
    target: Party,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    store::audit::insert(connection, &caller.event(now, action, None, target, changes))
}
