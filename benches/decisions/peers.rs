//! What other programs do that people would use instead, on the same machine in the same run.

use crate::print;

/// A program beside ours, and how to ask it.
pub(crate) struct Peer {
    /// Its name and what of it is asked.
    pub(crate) name: &'static str,
    /// Starts it, asks it for some seconds and returns the answers a second; nothing where it is not installed.
    pub(crate) measure: fn() -> Option<f64>,
}

/// Every peer that is measured.
const PEERS: &[Peer] = &[];

/// Measures each peer that is there.
pub(crate) fn measure() {
    for peer in PEERS {
        match (peer.measure)() {
            Some(rate) => print::line(&format!("{:<32} {rate:>8.0}", peer.name)),
            None => print::line(&format!("{:<32} not installed", peer.name)),
        }
    }
}
