//! How many calls a minute a token may make: what the installation's policy and the plans say, kept in memory.
//!
//! It is read again every few seconds, and at once where it is changed: a call does not pay for asking the database.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    app::{App, AppError},
    domain::{
        id::PlanId,
        policy::{Plan, Policy},
    },
    store::{self, DbConnection, StoreError},
};

/// The limits that hold on this node.
#[derive(Debug, Default)]
pub struct CallLimits {
    /// Whether there is any; where there is none, that is all that a call pays for.
    any: AtomicBool,
    plans: RwLock<HashMap<PlanId, u32>>,
}

impl CallLimits {
    /// Calls that a token of an account on this plan may make in a minute; none: as many as it likes.
    pub fn of(&self, plan: PlanId) -> Option<u32> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        plans.get(&plan).copied()
    }

    /// Reads them.
    pub(in crate::app) fn read(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
        let installation = store::installation::find(connection)?.policy;
        let plans = store::plans::list_numbered(connection)?;
        let limit = |(id, plan): &(PlanId, Plan)| Some((*id, limit_of(&installation, plan)?));
        let read: HashMap<PlanId, u32> = plans.iter().filter_map(limit).collect();
        let any = !read.is_empty();
        *self.plans.write().unwrap_or_else(PoisonError::into_inner) = read;
        self.any.store(any, Ordering::Relaxed);
        Ok(())
    }
}

fn limit_of(installation: &Policy, plan: &Plan) -> Option<u32> {
    installation.narrowed_by(&plan.policy).calls_per_minute
}

/// Reads the limits again.
pub async fn reread_limits(app: &App) -> Result<(), AppError> {
    let limits = Arc::clone(&app.call_limits);
    Ok(app.store.read(move |connection| limits.read(connection)).await?)
}

/// [`reread_limits`] after a change that has been made whether or not this succeeds: if not, they are read again within
/// seconds.
pub(in crate::app) async fn try_to_reread_limits(app: &App) {
    if let Err(error) = reread_limits(app).await {
        tracing::warn!(%error, "a new limit of calls could not be read at once");
    }
}
