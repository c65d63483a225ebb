//! What happened, as the audit keeps it: who did what to what, before and after. Never a secret, never a digest.

use serde::{Deserialize, Serialize};
use time::PrimitiveDateTime;

use super::id::{AccountId, EventId};

/// Stands in the place of a request's id where somebody did it at the server's command line.
pub const SHELL_REQUEST: &str = "shell";
/// The same where the program did it by itself.
pub const SYSTEM_REQUEST: &str = "system";

/// Whether an id is a request's: all events with it have one cause.
pub fn is_request(id: &str) -> bool {
    ![SHELL_REQUEST, SYSTEM_REQUEST, ""].contains(&id)
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What was done. The codes are stored and exported: a code is never given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Action {
            /// Every action, in the order in which the activity page offers them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stored form.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl std::str::FromStr for Action {
            type Err = UnknownAction;

            fn from_str(code: &str) -> Result<Self, UnknownAction> {
                match code { $($code => Ok(Self::$name),)* _ => Err(UnknownAction) }
            }
        }
    };
}

actions! {
    /// A token was made.
    TokenCreated = "token.created",
    /// A token's name, description, permissions, sites or addresses were changed.
    TokenChanged = "token.changed",
    /// A token's expiry was moved.
    TokenRenewed = "token.renewed",
    /// A token was given a new secret.
    TokenRotated = "token.rotated",
    /// The outgoing secret of a rotation was ended before its time.
    TokenSecretRetired = "token.secret-retired",
    /// A token was switched off.
    TokenPaused = "token.paused",
    /// A token was switched on again.
    TokenResumed = "token.resumed",
    /// A token was ended for good.
    TokenRevoked = "token.revoked",
    /// A token's expiry was moved forward, or set, by staff.
    TokenShortened = "token.shortened",
    /// A token was found where it should not be, and ended.
    TokenLeaked = "token.leaked",
    /// A secret of a token that no longer works was presented, for the first time on that day.
    TokenSecretReused = "token.secret-reused",
    /// Somebody signed in.
    SignedIn = "session.signed-in",
    /// Staff made a link that signs somebody in.
    SignInLinkMade = "session.link-made",
    /// Somebody signed out.
    SignedOut = "session.signed-out",
    /// Somebody ended a session from elsewhere.
    SessionEnded = "session.ended",
    /// All sessions but one's own were ended.
    SessionsEnded = "session.others-ended",
    /// The wrong passwords that were given for a login were forgotten.
    SignInUnblocked = "session.unblocked",
    /// A password was changed.
    PasswordChanged = "password.changed",
    /// A link to set a password was made.
    PasswordLinkMade = "password.link-made",
    /// A password was set by such a link.
    PasswordSet = "password.set",
    /// Staff set somebody's password.
    PasswordSetByStaff = "password.set-by-staff",
    /// An e-mail address was changed.
    EmailChanged = "account.email-changed",
    /// The time zone of an account, or which mail it gets, was changed.
    PreferencesChanged = "account.preferences-changed",
    /// An account was made.
    AccountCreated = "account.created",
    /// An account's user name, sites or plan were changed.
    AccountChanged = "account.changed",
    /// An account was suspended.
    AccountSuspended = "account.suspended",
    /// An account's suspension was ended.
    AccountUnsuspended = "account.unsuspended",
    /// An account was removed.
    AccountRemoved = "account.removed",
    /// Staff wrote an internal note about an account. The event belongs to no account: its holder does not see it.
    NoteAdded = "staff.note-added",
    /// A staff member was made.
    StaffCreated = "staff.created",
    /// A staff member's name, e-mail address or role was changed.
    StaffChanged = "staff.changed",
    /// A staff member can no longer sign in.
    StaffDeactivated = "staff.deactivated",
    /// A staff member can sign in again.
    StaffReactivated = "staff.reactivated",
    /// A staff member's token was made. The event's target is the staff member.
    StaffTokenCreated = "staff-token.created",
    /// A staff member's token was changed.
    StaffTokenChanged = "staff-token.changed",
    /// A staff member's token was ended for good.
    StaffTokenRevoked = "staff-token.revoked",
    /// A staff member's token was found where it should not be, and ended.
    StaffTokenLeaked = "staff-token.leaked",
    /// A service credential was made.
    ServiceCredentialCreated = "service.created",
    /// A service credential was ended for good.
    ServiceCredentialRevoked = "service.revoked",
    /// A plan was made.
    PlanCreated = "plan.created",
    /// What a plan allows was changed.
    PlanChanged = "plan.changed",
    /// A plan was removed.
    PlanRemoved = "plan.removed",
    /// A change of many tokens was begun.
    RunStarted = "run.started",
    /// A change of many tokens was stopped before its end.
    RunStopped = "run.stopped",
    /// A change of many tokens came to its end.
    RunFinished = "run.finished",
    /// Events were taken out as a file.
    AuditExported = "audit.exported",
    /// The first administrator was made and the setup page closed.
    SetupFinished = "installation.setup-finished",
    /// The installation's policy was changed.
    PolicyChanged = "policy.changed",
    /// The server's newest key was replaced.
    KeyRotated = "key.rotated",
}

/// The code names no [`Action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such action")]
pub struct UnknownAction;

/// One thing that is now otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What, by a stable name: `name`, `scopes`, `expiry` ...
    pub field: String,
    /// How it was; absent when there was nothing.
    pub before: Option<String>,
    /// How it is; absent when there is nothing.
    pub after: Option<String>,
}

impl Change {
    /// A change of `field`, or nothing when both sides are the same.
    pub fn between(field: &str, before: impl ToString, after: impl ToString) -> Option<Self> {
        let (before, after) = (before.to_string(), after.to_string());
        (before != after).then(|| Self {
            field: field.to_owned(),
            before: Some(before),
            after: Some(after),
        })
    }

    /// The value that something new has in `field`.
    pub fn new(field: &str, after: impl ToString) -> Self {
        Self {
            field: field.to_owned(),
            before: None,
            after: Some(after.to_string()),
        }
    }
}

/// Who or what an event is about, or did it: a kind, a public id, and the name it had at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// `account`, `staff`, `token`, `finder`, `session`, `shell`, `system`, `installation`, `service`.
    pub kind: String,
    /// Public id, or empty where there is none.
    pub id: String,
    /// Name at that time.
    pub name: String,
}

impl Party {
    /// A party of `kind`.
    pub fn new(kind: &str, id: impl ToString, name: impl ToString) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_string(),
            name: name.to_string(),
        }
    }
}

/// An event that is about to be written, in the transaction of its change.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// When.
    pub at: PrimitiveDateTime,
    /// The account that it concerns; its holder sees it.
    pub account: Option<AccountId>,
    /// Who did it.
    pub actor: Party,
    /// What was done.
    pub action: Action,
    /// To what.
    pub target: Party,
    /// Before and after.
    pub changes: Vec<Change>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// With which browser, as it names itself, shortened.
    pub browser: Option<String>,
    /// The request in whose log lines more stands.
    pub request_id: String,
}

/// An event as it was written.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place in the order of events.
    pub id: EventId,
    /// What was written.
    pub event: NewEvent,
}
