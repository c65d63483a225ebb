//! Counting calls: in memory while they are answered, and to the database every few seconds.
//!
//! A call costs a look-up in a map and no write. What a process that is killed has not written yet, at most a few
//! seconds of counting, is lost; decisions never depend on it.

mod flush;
mod limits;
mod meter;
mod rate;
mod sample;
mod staff;

use std::{cell::RefCell, fmt::Write, net::IpAddr};

use super::{
    App, reuse,
    verify::{Ruling, Verified},
};
use crate::domain::usage::{ALLOWED, OTHER};

pub(in crate::app) use self::limits::try_to_reread_limits;
pub use self::{
    flush::sweep,
    limits::{CallLimits, reread_limits},
    meter::{Counted, UsageMeter},
    sample::Sample,
    staff::{STAFF_CALLS, StaffCalls},
};

/// Longest site that is counted under its own name: what is longer is no domain name (RFC 1035).
const LONGEST_SITE: usize = 253;

thread_local! {
    /// Where the list of scopes of a call is written out, so that no call needs memory of its own for it.
    static SCOPES: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Counts a decided call under its route, or, where it has none, under `route`. Only an allowed one is a use.
pub fn note(app: &App, verified: &Verified, ruling: &Ruling, from: IpAddr, route: &str) {
    let outcome = ruling.decision.first().map_or(ALLOWED, |refusal| refusal.code());
    let route = ruling.route.as_deref().unwrap_or(route);
    let now = app.now();
    let site = ruling.site.as_deref().unwrap_or_default();
    SCOPES.with_borrow_mut(|scope| {
        scope.clear();
        write!(scope, "{}", ruling.required).expect("writing to a text cannot fail");
        app.usage.count(&Counted {
            token: verified.token().id,
            generation: verified.generation,
            at: now,
            route,
            scope,
            site: if site.len() > LONGEST_SITE { OTHER } else { site },
            from,
            outcome,
        });
    });
    if outcome != ALLOWED {
        reuse::refused(app, verified, ruling, from);
    }
    if outcome != ALLOWED
        && let Some(others) = app.usage.refusals.take(now)
    {
        let token = verified.token().public_id;
        tracing::info!(%token, route, outcome, %from, others, "a call was refused");
    }
}

#[cfg(test)]
mod tests;
