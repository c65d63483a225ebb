//! Rows of `plans`.

use diesel::prelude::*;

use super::{
    DbConnection, StoreError,
    error::{column, is_unique_violation},
    schema::{accounts, plans},
};
use crate::domain::{
    id::PlanId,
    policy::{Plan, Policy},
};

/// Reads a policy column.
pub(super) fn policy(name: &'static str, json: &str) -> Result<Policy, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Column {
        column: name,
        value: json.to_owned(),
    })
}

type Columns = (String, String, String, String);

macro_rules! columns {
    () => {
        (plans::public_id, plans::name, plans::scopes, plans::policy)
    };
}

fn plan((public_id, name, scopes, json): Columns) -> Result<Plan, StoreError> {
    Ok(Plan {
        public_id,
        name,
        scopes: column("plans.scopes", &scopes)?,
        policy: policy("plans.policy", &json)?,
    })
}

/// Writes a policy column.
pub(super) fn policy_text(policy: &Policy) -> String {
    serde_json::to_string(policy).expect("a policy of numbers and switches is JSON")
}

/// Finds a plan by its name.
pub fn find_by_name(connection: &mut DbConnection, name: &str) -> Result<Option<PlanId>, StoreError> {
    let id: Option<i64> = plans::table
        .filter(plans::name.eq(name))
        .select(plans::id)
        .get_result(connection)
        .optional()?;
    Ok(id.map(PlanId))
}

/// [`find_by_name`] for putting an account on the plan in this transaction: until its end nobody removes the plan.
pub fn hold_by_name(connection: &mut DbConnection, name: &str) -> Result<Option<PlanId>, StoreError> {
    let id: Option<i64> = diesel::update(plans::table.filter(plans::name.eq(name)))
        .set(plans::name.eq(name))
        .returning(plans::id)
        .get_result(connection)
        .optional()?;
    Ok(id.map(PlanId))
}

/// Finds a plan by its public id, and keeps others from changing it until the end of this transaction.
pub fn hold(connection: &mut DbConnection, public_id: &str) -> Result<Option<(PlanId, Plan)>, StoreError> {
    diesel::update(plans::table.filter(plans::public_id.eq(public_id)))
        .set(plans::public_id.eq(public_id))
        .execute(connection)?;
    find_by_public_id(connection, public_id)
}

/// Finds a plan by its row number.
pub fn find(connection: &mut DbConnection, id: PlanId) -> Result<Option<Plan>, StoreError> {
    let row = plans::table
        .find(id.0)
        .select(columns!())
        .get_result(connection)
        .optional()?;
    row.map(plan).transpose()
}

/// Finds a plan by its public id.
pub fn find_by_public_id(connection: &mut DbConnection, public_id: &str) -> Result<Option<(PlanId, Plan)>, StoreError> {
    let row: Option<(i64, Columns)> = plans::table
        .filter(plans::public_id.eq(public_id))
        .select((plans::id, columns!()))
        .get_result(connection)
        .optional()?;
    row.map(|(id, columns)| Ok((PlanId(id), plan(columns)?))).transpose()
}

/// All plans, by name.
pub fn list(connection: &mut DbConnection) -> Result<Vec<Plan>, StoreError> {
    let rows = plans::table.select(columns!()).order(plans::name).load(connection)?;
    rows.into_iter().map(plan).collect()
}

/// All plans with their row numbers, by name.
pub fn list_numbered(connection: &mut DbConnection) -> Result<Vec<(PlanId, Plan)>, StoreError> {
    let rows: Vec<(i64, Columns)> = plans::table
        .select((plans::id, columns!()))
        .order(plans::name)
        .load(connection)?;
    rows.into_iter()
        .map(|(id, columns)| Ok((PlanId(id), plan(columns)?)))
        .collect()
}

/// How many accounts are on a plan.
pub fn count_accounts(connection: &mut DbConnection, id: PlanId) -> Result<u64, StoreError> {
    let count: i64 = accounts::table
        .filter(accounts::plan_id.eq(id.0))
        .filter(accounts::removed_at.is_null())
        .count()
        .get_result(connection)?;
    Ok(count.unsigned_abs())
}

/// Stores a new plan; false when another has its name.
pub fn insert(connection: &mut DbConnection, plan: &Plan) -> Result<bool, StoreError> {
    let stored = connection.transaction(|inner| {
        diesel::insert_into(plans::table)
            .values((
                plans::public_id.eq(&plan.public_id),
                plans::name.eq(&plan.name),
                plans::scopes.eq(plan.scopes.to_string()),
                plans::policy.eq(policy_text(&plan.policy)),
            ))
            .execute(inner)
    });
    unless_taken(stored)
}

/// Changes a plan; false when another has its name.
pub fn update(connection: &mut DbConnection, id: PlanId, plan: &Plan) -> Result<bool, StoreError> {
    let stored = connection.transaction(|inner| {
        diesel::update(plans::table.find(id.0))
            .set((
                plans::name.eq(&plan.name),
                plans::scopes.eq(plan.scopes.to_string()),
                plans::policy.eq(policy_text(&plan.policy)),
            ))
            .execute(inner)
    });
    unless_taken(stored)
}

fn unless_taken(stored: Result<usize, diesel::result::Error>) -> Result<bool, StoreError> {
    match stored {
        Ok(rows) => Ok(rows == 1),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes a plan that no account is on. Accounts that were removed keep their rows, which go to the plan `heir`.
pub fn remove(connection: &mut DbConnection, id: PlanId, heir: PlanId) -> Result<(), StoreError> {
    let removed = accounts::table
        .filter(accounts::plan_id.eq(id.0))
        .filter(accounts::removed_at.is_not_null());
    diesel::update(removed)
        .set(accounts::plan_id.eq(heir.0))
        .execute(connection)?;
    diesel::delete(plans::table.find(id.0)).execute(connection)?;
    Ok(())
}

/// Stores a plan, or changes the scopes and policy of the one that has its name.
pub fn put(connection: &mut DbConnection, plan: &Plan) -> Result<(), StoreError> {
    let changed = diesel::update(plans::table.filter(plans::name.eq(&plan.name)))
        .set((
            plans::scopes.eq(plan.scopes.to_string()),
            plans::policy.eq(policy_text(&plan.policy)),
        ))
        .execute(connection)?;
    if changed == 0 {
        insert(connection, plan)?;
    }
    Ok(())
}
