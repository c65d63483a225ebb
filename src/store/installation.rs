//! The one row of `installation`: what holds for all accounts and nodes.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{DbConnection, StoreError, dialect::on_backend, plans, schema::installation};
use crate::domain::policy::Policy;

/// The installation's row.
#[derive(Clone, Debug)]
pub struct Installation {
    /// From this and the server's root key the setup code is derived.
    pub setup_salt: String,
    /// When the first administrator was made; the setup page has been closed since.
    pub setup_closed_at: Option<PrimitiveDateTime>,
    /// Whether its data are made up for showing.
    pub demo: bool,
    /// The rules for every plan.
    pub policy: Policy,
}

/// The row, made with `setup_salt` when there was none yet.
pub fn find_or_create(
    connection: &mut DbConnection,
    setup_salt: &str,
    now: PrimitiveDateTime,
) -> Result<Installation, StoreError> {
    let values = (
        installation::id.eq(1),
        installation::created_at.eq(now),
        installation::setup_salt.eq(setup_salt),
    );
    on_backend!(connection, inner => diesel::insert_into(installation::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(inner))?;
    find(connection)
}

/// The row.
pub fn find(connection: &mut DbConnection) -> Result<Installation, StoreError> {
    let (setup_salt, setup_closed_at, demo, policy): (String, _, _, String) = installation::table
        .find(1)
        .select((
            installation::setup_salt,
            installation::setup_closed_at,
            installation::demo,
            installation::policy,
        ))
        .get_result(connection)?;
    Ok(Installation {
        setup_salt,
        setup_closed_at,
        demo,
        policy: plans::policy("installation.policy", &policy)?,
    })
}

/// Closes the setup page for ever; false when it was closed already. Claims that come at once have one winner.
pub fn close_setup(connection: &mut DbConnection, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let rows = diesel::update(installation::table.filter(installation::setup_closed_at.is_null()))
        .set(installation::setup_closed_at.eq(now))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Marks the data as made up for showing.
pub fn mark_demo(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::update(installation::table)
        .set(installation::demo.eq(true))
        .execute(connection)?;
    Ok(())
}

/// Replaces the installation's policy.
pub fn put_policy(connection: &mut DbConnection, policy: &Policy) -> Result<(), StoreError> {
    diesel::update(installation::table)
        .set(installation::policy.eq(plans::policy_text(policy)))
        .execute(connection)?;
    Ok(())
}

/// Keeps every other transaction that holds the row waiting until the end of this one: what concerns the installation as
/// a whole (its policy, its plans, its last administrator) is decided by one at a time.
pub fn hold(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::update(installation::table)
        .set(installation::id.eq(1))
        .execute(connection)?;
    Ok(())
}
