//! Rows of `plans`.

use diesel::prelude::*;

use super::{DbConnection, StoreError, error::column, schema::plans};
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

fn plan((name, scopes, json): (String, String, String)) -> Result<Plan, StoreError> {
    Ok(Plan {
        name,
        scopes: column("plans.scopes", &scopes)?,
        policy: policy("plans.policy", &json)?,
    })
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

/// Finds a plan by its row number.
pub fn find(connection: &mut DbConnection, id: PlanId) -> Result<Option<Plan>, StoreError> {
    let row = plans::table
        .find(id.0)
        .select((plans::name, plans::scopes, plans::policy))
        .get_result(connection)
        .optional()?;
    row.map(plan).transpose()
}

/// All plans, by name.
pub fn list(connection: &mut DbConnection) -> Result<Vec<Plan>, StoreError> {
    let rows = plans::table
        .select((plans::name, plans::scopes, plans::policy))
        .order(plans::name)
        .load(connection)?;
    rows.into_iter().map(plan).collect()
}

/// Stores a plan, or changes the scopes and policy of the one that has its name.
pub fn put(connection: &mut DbConnection, plan: &Plan) -> Result<(), StoreError> {
    let policy = serde_json::to_string(&plan.policy).expect("a policy of numbers and switches is JSON");
    let changed = diesel::update(plans::table.filter(plans::name.eq(&plan.name)))
        .set((plans::scopes.eq(plan.scopes.to_string()), plans::policy.eq(&policy)))
        .execute(connection)?;
    if changed == 0 {
        diesel::insert_into(plans::table)
            .values((
                plans::name.eq(&plan.name),
                plans::scopes.eq(plan.scopes.to_string()),
                plans::policy.eq(&policy),
            ))
            .execute(connection)?;
    }
    Ok(())
}
