//! The server's keys: the ones under which the digests of secrets are made, and what is derived from the first.
//!
//! They live in a file beside the database, never in it, so that the database alone neither adds nor confirms a token.
//! Each line is one key, oldest first; the last one is current and the older ones go on verifying:
//!
//! ```text
//! <id> <64 hexadecimal digits> <when it was made, RFC 3339>
//! ```
//!
//! Empty lines and lines that begin with `#` are kept and ignored. Whoever loses the file loses every token. Knows nothing of tokens, sessions or what a derived key is for.

mod file;

use std::{fmt, path::PathBuf};

use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use crate::domain::secret::{DigestKey, KeyId};

/// Says in the input of the MAC that a key is derived, so that no derived key is ever the digest of a secret.
const DERIVE: &[u8] = b"latchkey derived key v1\0";
/// The fewest different bytes among the 32 of a key. Random keys have about 30; fewer than 12 come once in 10^23.
const FEWEST_DIFFERENT: usize = 12;
/// The key of [`Keyring::for_tests`], which stands in the source for all to read.
const SAMPLE: [u8; 32] = *b"latchkey's key for tests, public";

/// The keys of this installation, oldest first. There is always at least one.
#[derive(Debug, Clone)]
pub struct Keyring {
    older: Vec<ServerKey>,
    current: ServerKey,
}

#[derive(Debug, Clone)]
struct ServerKey {
    id: KeyId,
    key: DigestKey,
    created: PrimitiveDateTime,
}

/// Why the keys cannot be used. No message contains any part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file could not be read, made or replaced.
    #[error("{}: {action} failed: {cause}", path.display())]
    File {
        /// The file, or its folder.
        path: PathBuf,
        /// What was tried: "reading", "creating".
        action: &'static str,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error("{0}: other users may use this file (mode {mode:04o}); run: chmod 600 {0}", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text has no key at all.
    #[error("there is no key in the file")]
    Empty,
    /// A line is not `id hex created`.
    #[error("line {line} of the key file: {problem}")]
    Line {
        /// The line; the first is 1.
        line: usize,
        /// What is wrong with it.
        problem: LineProblem,
    },
}

/// What is wrong with a line of the key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineProblem {
    /// It does not have three parts.
    Parts,
    /// The first part is not the id of a key.
    Id,
    /// An earlier line has the same id.
    DuplicateId,
    /// The second part is not 64 hexadecimal digits.
    Key,
    /// The key is all zeros, a pattern, or one that stands in the source or the documentation.
    SampleKey,
    /// The third part is not a time as RFC 3339 writes it.
    Created,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parts => "expected an id, a key and a time with one space between",
            Self::Id => "the id must be 1 to 16 characters of a-z, 0-9 and -",
            Self::DuplicateId => "an earlier line has the same id",
            Self::Key => "the key must be 64 hexadecimal digits",
            Self::SampleKey => "this is a sample key, not a random one",
            Self::Created => "the time must be like 2026-07-01T12:00:00Z",
        })
    }
}

impl Keyring {
    /// Reads the text of a key file.
    ///
    /// # Errors
    /// [`KeyringError::Empty`] or the first malformed [`KeyringError::Line`].
    pub fn from_text(text: &str) -> Result<Self, KeyringError> {
        let mut keys: Vec<ServerKey> = Vec::new();
        for (line, content) in (1..).zip(text.lines()).filter(|(_, content)| !is_comment(content)) {
            let refuse = |problem| KeyringError::Line { line, problem };
            let key = ServerKey::from_line(content).map_err(refuse)?;
            if keys.iter().any(|earlier| earlier.id == key.id) {
                return Err(refuse(LineProblem::DuplicateId));
            }
            keys.push(key);
        }
        let current = keys.pop().ok_or(KeyringError::Empty)?;
        Ok(Self { older: keys, current })
    }

    /// One key that everybody knows: [`Keyring::from_text`] refuses it.
    #[expect(clippy::missing_panics_doc, reason = "the id is a constant")]
    pub fn for_tests() -> Self {
        let id = "test".parse().expect("a key id");
        let current = ServerKey {
            id,
            key: DigestKey::new(SAMPLE),
            created: PrimitiveDateTime::MIN,
        };
        Self {
            older: Vec::new(),
            current,
        }
    }

    /// The newest key: the one to make digests with.
    pub fn current(&self) -> (&KeyId, &DigestKey) {
        (&self.current.id, &self.current.key)
    }

    /// The key of this id, to compare with a digest that was made with it.
    pub fn find(&self, id: &KeyId) -> Option<&DigestKey> {
        self.keys().find(|key| key.id == *id).map(|key| &key.key)
    }

    /// The ids of all keys, oldest first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.keys().map(|key| &key.id)
    }

    /// When the key of this id was made, in UTC.
    pub fn created(&self, id: &KeyId) -> Option<PrimitiveDateTime> {
        self.keys().find(|key| key.id == *id).map(|key| key.created)
    }

    /// A key for one `purpose`, such as signing session cookies. It comes from the oldest key: making a new key changes
    /// none of them, so nobody is signed out by it.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.older
            .first()
            .unwrap_or(&self.current)
            .key
            .mac([DERIVE, purpose.as_bytes()])
    }

    /// A key for one `purpose` from each key, oldest first and the current one last: what is made with them names the key
    /// that it was made with, and stays verifiable.
    pub fn derive_each(&self, purpose: &str) -> impl Iterator<Item = (KeyId, DigestKey)> {
        let one = move |key: &ServerKey| {
            let derived = key.key.mac([DERIVE, purpose.as_bytes()]);
            (key.id.clone(), DigestKey::new(derived))
        };
        self.keys().map(one)
    }

    fn keys(&self) -> impl Iterator<Item = &ServerKey> {
        self.older.iter().chain([&self.current])
    }
}

impl ServerKey {
    fn from_line(line: &str) -> Result<Self, LineProblem> {
        let mut parts = line.split_ascii_whitespace();
        let (Some(id), Some(hex), Some(created), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LineProblem::Parts);
        };
        let id = id.parse().map_err(|_| LineProblem::Id)?;
        let bytes = from_hex(hex).ok_or(LineProblem::Key)?;
        if is_guessable(&bytes) {
            return Err(LineProblem::SampleKey);
        }
        let created = OffsetDateTime::parse(created, &Rfc3339).map_err(|_| LineProblem::Created)?;
        let created = created.checked_to_offset(UtcOffset::UTC).ok_or(LineProblem::Created)?;
        let created = PrimitiveDateTime::new(created.date(), created.time()).truncate_to_microsecond();
        Ok(Self {
            id,
            key: DigestKey::new(*bytes),
            created,
        })
    }
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

fn from_hex(hex: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits: &[u8; 64] = hex.as_bytes().try_into().ok()?;
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? * 16 + low?).ok()?;
    }
    Some(bytes)
}

/// Whether the key is no random one: few different bytes (all zeros, a repeated word), bytes that count up, or our own.
fn is_guessable(key: &[u8; 32]) -> bool {
    let mut seen = [false; 256];
    for byte in key {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let counts_up = key.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
    different < FEWEST_DIFFERENT || counts_up || *key == SAMPLE
}

#[cfg(test)]
mod tests;
