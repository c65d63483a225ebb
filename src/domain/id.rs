//! One id type a table, so that an account's row number can never be handed in where a token's is meant.
//!
//! These stay inside the program; addresses and answers carry public ids.

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);
    )* };
}

row_id! {
    /// A row of `logins`: what somebody signs in with.
    LoginId;
    /// A row of `accounts`.
    AccountId;
    /// A row of `staff`.
    StaffId;
    /// A row of `plans`.
    PlanId;
    /// A row of `tokens`.
    TokenId;
    /// A row of `staff_tokens`.
    StaffTokenId;
    /// A row of `service_credentials`.
    ServiceId;
    /// A row of `audit_events`; ascending in the order in which events were written.
    EventId;
    /// A row of `runs`.
    RunId;
}

/// Characters of a public id of an account, a staff member or a session: 62^12 of them cannot be guessed through.
pub const PUBLIC_ID_LENGTH: usize = 12;

/// Whether a text has the form of such a public id: what has not, no row is looked for. Only that keeps texts from
/// PostgreSQL that it refuses, such as one with a NUL.
pub fn is_public_id(text: &str) -> bool {
    text.len() == PUBLIC_ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
