//! What a narrower policy or plan would touch, told before it is saved.

use time::{Duration, PrimitiveDateTime};

use crate::{
    app::tokens::unused::GRACE,
    catalogue::Catalogue,
    domain::{
        id::PlanId,
        limit::Narrowing,
        policy::Policy,
        scope::{Scope, ScopeSet},
    },
    store::{
        DbConnection, StoreError,
        tokens::{self, OnPlans, TooLate},
    },
};

/// What a change would touch. Numbers of live tokens, but where another thing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// They end later than the new policy allows.
    pub too_long: u64,
    /// They never expire, which the new policy rules out.
    pub endless: u64,
    /// Whether the new policy has a date for those.
    pub can_shorten: bool,
    /// Accounts that have more tokens than they will be allowed.
    pub crowded_accounts: u64,
    /// They were not used for so long that the next run would revoke them.
    pub unused: u64,
    /// When the first would be revoked for want of use: in the past when the next run does it.
    pub first_unused: Option<PrimitiveDateTime>,
    /// They lose something that they can do now.
    pub losing: u64,
    /// What they lose, by scope, each with its number of tokens.
    pub lost: Vec<(Scope, u64)>,
}

impl Impact {
    /// Whether nothing that exists is touched.
    pub fn is_none(&self) -> bool {
        let numbers = [
            self.too_long,
            self.endless,
            self.crowded_accounts,
            self.unused,
            self.losing,
        ];
        numbers.iter().all(|number| *number == 0) && self.first_unused.is_none()
    }
}

/// The policies that hold for the accounts on one plan, before and after.
#[derive(Clone, Debug)]
pub(super) struct Effective {
    /// The plan.
    pub(super) plan: PlanId,
    /// The policy that holds.
    pub(super) before: Policy,
    /// The policy that is to hold.
    pub(super) after: Policy,
}

/// What the policies of these plans, of `plans` in all, would touch.
pub(super) fn of_policies(
    connection: &mut DbConnection,
    effective: &[Effective],
    plans: usize,
    now: PrimitiveDateTime,
) -> Result<Impact, StoreError> {
    let mut impact = Impact::default();
    for (narrowing, on) in grouped(effective, plans) {
        add(connection, &mut impact, &narrowing, &on, now)?;
    }
    let limits = |policy: &Policy| policy.max_lifetime_days.is_some() || policy.max_total_lifetime_days.is_some();
    impact.can_shorten = effective.iter().any(|one| limits(&one.after));
    Ok(impact)
}

/// The plans by what is narrowed for them, so that what is the same for all of them is counted once and without them.
fn grouped(effective: &[Effective], plans: usize) -> Vec<(Narrowing, OnPlans)> {
    let mut groups: Vec<(Narrowing, Vec<PlanId>)> = Vec::new();
    for one in effective {
        let narrowing = Narrowing::between(&one.before, &one.after);
        match groups.iter_mut().find(|(other, _)| *other == narrowing) {
            Some((_, ids)) => ids.push(one.plan),
            None => groups.push((narrowing, vec![one.plan])),
        }
    }
    let on = |ids: Vec<PlanId>| {
        if ids.len() == plans {
            OnPlans::All
        } else {
            OnPlans::These(ids)
        }
    };
    groups
        .into_iter()
        .map(|(narrowing, ids)| (narrowing, on(ids)))
        .collect()
}

fn add(
    connection: &mut DbConnection,
    impact: &mut Impact,
    narrowing: &Narrowing,
    on: &OnPlans,
    now: PrimitiveDateTime,
) -> Result<(), StoreError> {
    // A day's grace, as `Policy::latest_expiry` gives it.
    let latest = narrowing
        .lifetime
        .and_then(|days| now.checked_add(Duration::days(i64::from(days) + 1)));
    let total = narrowing.total.map(|days| days.saturating_add(1));
    let late = match (latest, total) {
        (Some(at), Some(days)) => Some(TooLate::Both(at, days)),
        (Some(at), None) => Some(TooLate::Than(at)),
        (None, Some(days)) => Some(TooLate::AfterDays(days)),
        (None, None) => None,
    };
    if let Some(late) = late {
        impact.too_long += tokens::count_too_late(connection, on, late)?;
    }
    if narrowing.ends_never {
        impact.endless += tokens::count_endless(connection, on)?;
    }
    if let Some(limit) = narrowing.live {
        impact.crowded_accounts += tokens::count_crowded(connection, on, limit)?;
    }
    if let Some(days) = narrowing.unused {
        let patience = Duration::days(days.into()) + GRACE;
        impact.unused += tokens::count_unused(connection, on, now - patience)?;
        let first = tokens::longest_unused(connection, on)?.and_then(|at| at.checked_add(patience));
        impact.first_unused = match (impact.first_unused, first) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(())
}

/// What the tokens on a plan lose when it allows `after` in the place of `before`.
pub(super) fn of_scopes(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    plan: PlanId,
    (before, after): (&ScopeSet, &ScopeSet),
    impact: &mut Impact,
) -> Result<(), StoreError> {
    let gone = catalogue.closure(before).difference(&catalogue.closure(after));
    if gone.is_empty() {
        return Ok(());
    }
    let mut lost: Vec<(Scope, u64)> = gone.iter().map(|scope| (scope.clone(), 0)).collect();
    for (scopes, count) in tokens::count_by_scopes(connection, plan)? {
        let held = catalogue.closure(&scopes);
        if gone.iter().any(|scope| held.contains(scope)) {
            impact.losing += count;
        }
        for (scope, tokens) in &mut lost {
            *tokens += if held.contains(scope) { count } else { 0 };
        }
    }
    lost.retain(|(_, tokens)| *tokens > 0);
    impact.lost = lost;
    Ok(())
}
