//! Where the next page of a list begins, in addresses.
//!
//! Events are numbered through all accounts, so that their plain numbers would tell how much goes on elsewhere. In an
//! address a number is masked with one that is secret and the account's own.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use time::{OffsetDateTime, PrimitiveDateTime};

use crate::{
    app::App,
    domain::{account::Username, id::EventId},
    store::accounts::list::Key,
};

/// Nanoseconds of the microseconds in which instants are kept.
const MICROSECOND: i128 = 1_000;

/// An account's place in a list of accounts: `priya.1795435200000000`, which tells staff nothing that the list does not.
pub fn account(key: &Key) -> String {
    let microseconds = key.quiet_since.assume_utc().unix_timestamp_nanos() / MICROSECOND;
    format!("{}.{microseconds}", key.username)
}

/// The place that [`account`] wrote.
pub fn parse_account(text: &str) -> Option<Key> {
    let (username, microseconds) = text.split_once('.')?;
    let username: Username = username.parse().ok()?;
    let nanoseconds = microseconds.parse::<i128>().ok()?.checked_mul(MICROSECOND)?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?;
    Some(Key {
        username: username.to_string(),
        quiet_since: PrimitiveDateTime::new(at.date(), at.time()),
    })
}

/// Masks the numbers of one account's events.
pub struct Cursors(u64);

impl Cursors {
    /// For the account with that public id.
    pub fn of(app: &App, account: &str) -> Self {
        let key = app.keyring().derive("event cursors");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
        mac.update(account.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mask = digest.first_chunk().expect("a digest has more than eight bytes");
        Self(u64::from_be_bytes(*mask))
    }

    /// An event for an address.
    pub fn write(&self, event: EventId) -> String {
        format!("{:016x}", event.0.cast_unsigned() ^ self.0)
    }

    /// The event that an address names; none when it was not written by [`Cursors::write`] for this account.
    pub fn read(&self, text: &str) -> Option<EventId> {
        let masked = u64::from_str_radix(text, 16).ok()?;
        Some(EventId((masked ^ self.0).cast_signed())).filter(|event| event.0 > 0)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_accounts_place_is_read_back_and_nothing_else() {
        let key = Key {
            username: "priya".to_owned(),
            quiet_since: datetime!(2026-11-23 12:00:00.000_001),
        };
        assert_eq!(account(&key), "priya.1795435200000001");
        assert_eq!(parse_account("priya.1795435200000001"), Some(key));
        for odd in [
            "",
            "priya",
            "Priya.1",
            "priya.x",
            "priya.170141183460469231731687303715884105727",
        ] {
            assert_eq!(parse_account(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_shows_no_number() {
        let cursors = Cursors(0x0123_4567_89ab_cdef);
        let written = cursors.write(EventId(42));
        assert_eq!(cursors.read(&written), Some(EventId(42)));
        assert_ne!(written, format!("{:016x}", 42));
        assert!(Cursors(0x8000_0000_0000_0000).read(&written).is_none());
        assert!(cursors.read("").is_none() && cursors.read("42x").is_none());
    }
}
