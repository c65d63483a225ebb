//! How many calls a minute tokens of staff members may make: as many each, whoever has it.

use std::{
    collections::hash_map::RandomState,
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::{Duration, PrimitiveDateTime};

use super::rate::Rates;
use crate::domain::id::StaffTokenId;

/// Most calls of a staff member's token in a minute, on each node.
pub const STAFF_CALLS: u32 = 600;

/// The staff members' tokens that have called lately.
#[derive(Debug)]
pub struct StaffCalls(Mutex<Rates<StaffTokenId>>);

impl Default for StaffCalls {
    fn default() -> Self {
        Self(Mutex::new(Rates::new(RandomState::new())))
    }
}

impl StaffCalls {
    /// Takes a call of the token; how long it has to wait where that is one too many.
    pub fn take(&self, token: StaffTokenId, now: PrimitiveDateTime) -> Option<Duration> {
        self.lock().wait(token, STAFF_CALLS, now, true)
    }

    /// How many calls the token may make now, and in how many seconds, rounded up, it may make all of them.
    pub fn left(&self, token: StaffTokenId, now: PrimitiveDateTime) -> (u32, u64) {
        self.lock().left(token, STAFF_CALLS, now)
    }

    fn lock(&self) -> MutexGuard<'_, Rates<StaffTokenId>> {
        // A number is put in or not, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
