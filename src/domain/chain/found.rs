//! What a verification of the chain found.

use super::{Entry, Head};

/// What is wrong at one place of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The event as it now stands there, where there is one.
    pub entry: Option<Box<Entry>>,
}

/// What can be wrong with the chain. Numbers are the events' own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The event is not what was written.
    Changed(i64),
    /// The two events stand in each other's place.
    Swapped(i64, i64),
    /// The events from the first to the last are not there, though later ones are.
    Missing(i64, i64),
    /// The events from the first to the last, the end of the chain, are not there.
    CutOff(i64, i64),
    /// It cannot be told whether the event is what was written: the one before it is missing or not what was written.
    Unproven(i64),
    /// The event was sealed with a key that is not here.
    KeyMissing(i64, String),
    /// The database's own head is not the end of the chain; it says this.
    HeadChanged(Option<Head>),
    /// The head that was kept elsewhere is not the event that stands there.
    NotTheKeptHead(Head),
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Events from before the chain: nothing is known about them.
    pub uncovered: u64,
    /// Events whose seals were compared.
    pub checked: u64,
    /// The latest event that is there.
    pub last: Head,
    /// What is wrong, in the order of the chain.
    pub faults: Vec<Fault>,
    /// Faults beyond those that are listed.
    pub more: u64,
}

impl Report {
    /// Whether nothing is wrong with what is covered.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.more == 0
    }
}
