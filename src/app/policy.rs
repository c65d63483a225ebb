//! The rules that an administrator sets: the installation's policy, and the plans that narrow it.

pub mod impact;
pub mod plans;

use sha2::{Digest, Sha256};

use self::impact::{Effective, Impact};
use super::{App, AppError, Caller, Rule};
use crate::{
    domain::{
        audit::{Action, Change, Party},
        permission::Act,
        policy::{Plan, Policy},
    },
    store::{self, DbConnection, StoreError},
};

/// Names what a policy or a plan said when a form showed it: a form that comes back with another one is out of date.
pub type Version = String;

/// Hexadecimal digits of a [`Version`].
const VERSION_LENGTH: usize = 16;

fn version_of(texts: &[&str]) -> Version {
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

/// What becomes of tokens that live longer than a new policy allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Longer {
    /// They keep their date; only the next renewal obeys the policy.
    #[default]
    Keep,
    /// They are shortened to what the policy allows.
    Shorten,
}

/// The installation's policy.
pub async fn show(app: &App, caller: &Caller) -> Result<Policy, AppError> {
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
/// [`Rule::Outdated`] when the policy is no longer the one that `shown` names.
pub async fn set(app: &App, caller: &Caller, shown: &str, policy: &Policy) -> Result<bool, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (caller, shown, policy) = (caller.clone(), shown.to_owned(), policy.clone());
    app.store
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
            Ok(true)
        })
        .await
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
