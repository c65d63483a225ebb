//! The three kinds of secret, and what sets them apart.

/// A kind of secret: what its text begins with and what its digests are of. No two share either.
pub trait Kind {
    /// What every secret of the kind begins with.
    const PREFIX: &'static str;
    /// Stands in for the secret where a value is printed for programmers.
    const NAME: &'static str;
    /// What the digest is of, and in which version, so that the same key gives no two kinds of digest that could be
    /// mistaken for each other. Ends with a zero byte.
    const DIGEST: &'static [u8];
}

/// A kind of secret that lets its holder act, so that whoever finds one is to report it.
pub trait Reported: Kind {
    /// One that is none: of the right form and with the right checksum, to be shown where one has to be shown.
    const EXAMPLE: &'static str;
}

/// Of a token, which acts for an account.
#[derive(Clone, Copy, Debug)]
pub enum OfToken {}

/// Of a service credential, which lets a hosting service or a proxy ask about tokens.
#[derive(Clone, Copy, Debug)]
pub enum OfService {}

/// Of a staff member's token, which looks after accounts.
#[derive(Clone, Copy, Debug)]
pub enum OfStaff {}

impl Kind for OfToken {
    const PREFIX: &'static str = "lk_";
    const NAME: &'static str = "TokenSecret";
    const DIGEST: &'static [u8] = b"latchkey token secret v1\0";
}

impl Reported for OfToken {
    const EXAMPLE: &'static str = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
}

impl Kind for OfService {
    const PREFIX: &'static str = "lks_";
    const NAME: &'static str = "ServiceSecret";
    const DIGEST: &'static [u8] = b"latchkey service secret v1\0";
}

impl Kind for OfStaff {
    const PREFIX: &'static str = "lka_";
    const NAME: &'static str = "StaffSecret";
    const DIGEST: &'static [u8] = b"latchkey staff secret v1\0";
}

impl Reported for OfStaff {
    const EXAMPLE: &'static str = "lka_EXAMPLE1_000000000000000000000000000000000X8EeW";
}
