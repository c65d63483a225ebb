//! What was refused to somebody whom nobody may know: counted by the hour and kept apart from the events, so that whoever
//! guesses passwords can neither fill the disk nor hold up those who change something.

use std::{net::IpAddr, str::FromStr};

use time::PrimitiveDateTime;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What was refused. The codes are stored: a code is never given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RefusedKind { $($(#[$doc])* $name,)* }

        impl RefusedKind {
            /// Every kind, in the order in which the page offers them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stored form.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

kinds! {
    /// A sign-in with a name or a password that is not right.
    SignIn = "sign-in",
    /// A sign-in that came after too many others.
    SignInTooMany = "sign-in-too-many",
    /// The password given again, and not right.
    Password = "password",
    /// The password given again after too many others.
    PasswordTooMany = "password-too-many",
    /// A setup code that is not right.
    SetupCode = "setup-code",
    /// A setup code that came after too many others.
    SetupTooMany = "setup-too-many",
    /// A page or an action of the staff area, asked for by somebody who may not.
    StaffArea = "staff-area",
    /// A form that no page of ours sent.
    ForgedForm = "forged-form",
}

/// The code names no [`RefusedKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such kind of refusal")]
pub struct UnknownRefusedKind;

impl FromStr for RefusedKind {
    type Err = UnknownRefusedKind;

    fn from_str(code: &str) -> Result<Self, UnknownRefusedKind> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.code() == code).ok_or(UnknownRefusedKind)
    }
}

/// Who was refused, where the name that was typed is nobody's: people type passwords into the wrong field.
pub const UNKNOWN: &str = "";

/// Stands for every name and address beyond those that are kept apart in an hour.
pub const OTHERS: &str = "(others)";

/// Names and addresses that are kept apart in an hour, on all nodes together.
pub const KEPT_APART: i64 = 1_000;

/// Days for which refusals are kept.
pub const KEPT_DAYS: i64 = 90;

/// What is counted together within an hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefusedKey {
    /// The hour, UTC.
    pub hour: PrimitiveDateTime,
    /// Code of the kind.
    pub kind: String,
    /// User name of a login that exists; [`UNKNOWN`] or [`OTHERS`].
    pub subject: String,
    /// From which address; empty where there is none, [`OTHERS`] beyond [`KEPT_APART`].
    pub address: String,
}

impl RefusedKey {
    /// What happened at `at`.
    pub fn new(kind: RefusedKind, subject: Option<&str>, address: Option<IpAddr>, at: PrimitiveDateTime) -> Self {
        Self {
            hour: super::usage::hour_of(at),
            kind: kind.code().to_owned(),
            subject: subject.unwrap_or(UNKNOWN).to_owned(),
            address: address.map(|address| address.to_string()).unwrap_or_default(),
        }
    }

    /// The one that stands for all that are not kept apart in that hour.
    #[must_use]
    pub fn others(&self) -> Self {
        Self {
            subject: OTHERS.to_owned(),
            address: OTHERS.to_owned(),
            ..self.clone()
        }
    }
}

/// How often something was refused within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCount {
    /// What.
    pub key: RefusedKey,
    /// How often.
    pub tries: i64,
    /// When last.
    pub last_at: PrimitiveDateTime,
}
