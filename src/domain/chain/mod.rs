//! The chain of events: each is sealed with a MAC over itself and the seal of the one before it, so that an event that is
//! changed, missing, or in another's place is found.
//!
//! The keys are not in the database: whoever can only write to that cannot make a seal. What a chain cannot show by itself
//! is that its end was cut off; for that the head, the place and the seal of the latest event, is kept elsewhere too.
//! Knows no database.

mod found;
mod verify;

use std::{fmt, str::FromStr};

use time::{OffsetDateTime, PrimitiveDateTime};

pub use self::{
    found::{Fault, FaultKind, Report},
    verify::Verifier,
};
use super::{
    audit::NewEvent,
    id::EventId,
    secret::{DigestKey, KeyId},
};

/// Says in the input of a seal what it is of, and in which version.
const PURPOSE: &[u8] = b"latchkey audit event v1\0";

/// Bytes of a seal.
pub const SEAL_LENGTH: usize = 32;

/// An event as its row holds it, every column as it stands there: a row that somebody tampered with need not make sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the chain.
    pub id: i64,
    /// When; absent when the row holds no time.
    pub at: Option<PrimitiveDateTime>,
    /// Row of the account that it concerns.
    pub account: Option<i64>,
    /// `actor_kind`, `actor_id`, `actor_name`.
    pub actor: [String; 3],
    /// Code of the action.
    pub action: String,
    /// `target_kind`, `target_id`, `target_name`.
    pub target: [String; 3],
    /// Before and after, as JSON.
    pub changes: String,
    /// Why.
    pub reason: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// With which browser.
    pub browser: Option<String>,
    /// The request.
    pub request_id: String,
    /// The key of the seal; absent on events from before the chain.
    pub key: Option<String>,
}

/// A row, and its seal as it is stored.
pub type Stored = (Entry, Option<Vec<u8>>);

impl Entry {
    /// The row of a new event at place `id`, to be sealed with `key`.
    pub fn new(id: EventId, event: &NewEvent, key: &KeyId) -> Self {
        let party = |party: &super::audit::Party| [party.kind.clone(), party.id.clone(), party.name.clone()];
        Self {
            id: id.0,
            at: Some(event.at),
            account: event.account.map(|account| account.0),
            actor: party(&event.actor),
            action: event.action.code().to_owned(),
            target: party(&event.target),
            changes: serde_json::to_string(&event.changes).expect("a list of texts is JSON"),
            reason: event.reason.clone(),
            address: event.address.clone(),
            browser: event.browser.clone(),
            request_id: event.request_id.clone(),
            key: Some(key.as_str().to_owned()),
        }
    }

    /// The row as one text of bytes: every field in a fixed order with its length before it, so that no two rows have the
    /// same, and nothing can be moved from one field into the next.
    fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        let mut put = |field: Option<&[u8]>| {
            let Some(field) = field else {
                bytes.push(0);
                return;
            };
            bytes.push(1);
            let length = u64::try_from(field.len()).expect("a length fits into 64 bits");
            bytes.extend(length.to_be_bytes());
            bytes.extend(field);
        };
        put(Some(&self.id.to_be_bytes()));
        put(self
            .at
            .map(microseconds)
            .map(i128::to_be_bytes)
            .as_ref()
            .map(|at| &at[..]));
        put(self.account.map(i64::to_be_bytes).as_ref().map(|id| &id[..]));
        for text in self.actor.iter().chain([&self.action]).chain(&self.target) {
            put(Some(text.as_bytes()));
        }
        put(Some(self.changes.as_bytes()));
        for text in [&self.reason, &self.address, &self.browser] {
            put(text.as_deref().map(str::as_bytes));
        }
        put(Some(self.request_id.as_bytes()));
        put(self.key.as_deref().map(str::as_bytes));
        bytes
    }

    /// The seal of this row after an event with the seal `previous`; absent for the first of a chain.
    pub fn seal(&self, key: &DigestKey, previous: Option<&[u8]>) -> [u8; SEAL_LENGTH] {
        let mut input = Vec::with_capacity(640);
        // One byte says whether there is an event before; what is longer or shorter than a seal is not one of ours.
        input.push(u8::from(previous.is_some()));
        let previous = previous.unwrap_or_default();
        input.extend(u64::try_from(previous.len()).unwrap_or(u64::MAX).to_be_bytes());
        input.extend(previous);
        input.extend(self.canonical());
        key.mac([PURPOSE, &input])
    }
}

/// Whole microseconds since 1970.
fn microseconds(at: PrimitiveDateTime) -> i128 {
    (at - PrimitiveDateTime::new(OffsetDateTime::UNIX_EPOCH.date(), OffsetDateTime::UNIX_EPOCH.time()))
        .whole_microseconds()
}

/// The keys that events are sealed with: the newest seals, all of them verify. There is at least one.
#[derive(Clone, Debug)]
pub struct ChainKeys {
    older: Vec<(KeyId, DigestKey)>,
    current: (KeyId, DigestKey),
}

impl ChainKeys {
    /// Of the keys that came before, and the one that seals from now on.
    pub fn new(older: Vec<(KeyId, DigestKey)>, current: (KeyId, DigestKey)) -> Self {
        Self { older, current }
    }

    /// The key that seals.
    pub fn current(&self) -> (&KeyId, &DigestKey) {
        (&self.current.0, &self.current.1)
    }

    /// The key of an id as a row names it.
    pub fn find(&self, id: &str) -> Option<&DigestKey> {
        let all = self.older.iter().chain([&self.current]);
        all.filter(|(known, _)| known.as_str() == id).map(|(_, key)| key).next()
    }
}

/// The end of the chain, as it is told to the log: `4711:9f86d0…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Place of the latest event; 0 when there is none.
    pub seq: i64,
    /// Its seal; absent when it is from before the chain, or when there is none.
    pub mac: Option<Vec<u8>>,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.seq)?;
        self.mac.iter().flatten().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is not `SEQ:MAC`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head is the number of an event, a colon, and the 64 hexadecimal digits of its seal")]
pub struct MalformedHead;

impl FromStr for Head {
    type Err = MalformedHead;

    fn from_str(text: &str) -> Result<Self, MalformedHead> {
        let (seq, hex) = text.trim().split_once(':').ok_or(MalformedHead)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(MalformedHead)?;
        if hex.is_empty() {
            return Ok(Self { seq, mac: None });
        }
        let digits: Option<Vec<u8>> = hex
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits
            .filter(|digits| digits.len() == 2 * SEAL_LENGTH)
            .ok_or(MalformedHead)?;
        let mac = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        Ok(Self { seq, mac: Some(mac) })
    }
}

#[cfg(test)]
mod tests;
