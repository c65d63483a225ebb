//! Which mail somebody is to get, as the outbox keeps it. Never a secret: what makes a link work is computed when the
//! mail is sent.

use serde::{Deserialize, Serialize};
use time::PrimitiveDateTime;

use super::{
    account::EmailAddress,
    audit::{Action, NewEvent},
    id::{AccountId, EventId},
};

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Message {
    /// Something happened; the audit events say what.
    Happened {
        /// The events: what one person did, in one way, in one transaction.
        events: Vec<i64>,
    },
    /// Somebody was given a login and is to choose its password.
    Invitation {
        /// Public id of the link.
        link: String,
    },
    /// Somebody may choose another password.
    PasswordReset {
        /// Public id of the link.
        link: String,
    },
    /// Somebody is to confirm that an e-mail address is theirs.
    EmailChange {
        /// Public id of the link.
        link: String,
    },
    /// A token expires soon.
    Expiring {
        /// Within so many days.
        days: u8,
        /// Public id of the token.
        token: String,
    },
    /// A token expired.
    Expired {
        /// Public id of the token.
        token: String,
    },
    /// Somebody tries whether mail works.
    Test,
}

impl Message {
    /// The message about events of one kind.
    pub fn about(events: &[EventId]) -> Self {
        Self::Happened {
            events: events.iter().map(|event| event.0).collect(),
        }
    }

    /// What it says, by a stable name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Happened { .. } => "happened",
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password-reset",
            Self::EmailChange { .. } => "email-change",
            Self::Expiring { .. } => "expiring",
            Self::Expired { .. } => "expired",
            Self::Test => "test",
        }
    }
}

/// A kind of mail that people can do without. All others tell about the security of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reminders that a token expires soon.
    Expiring,
    /// Notes that a token expired.
    Expired,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Expiring, Self::Expired];

    /// The stored form.
    pub fn code(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }

    /// Whether it stands in a list of codes with spaces between them.
    pub fn is_in(self, codes: &str) -> bool {
        codes.split(' ').any(|code| code == self.code())
    }
}

/// A mail that is to be sent, written in the transaction of what it tells about.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// The account that it is about; none for staff members.
    pub account: Option<AccountId>,
    /// Where it goes.
    pub recipient: EmailAddress,
    /// What it says.
    pub message: Message,
    /// A second mail with the same key is not written; none where there may be any number.
    pub once_key: Option<String>,
    /// Not sent after this.
    pub stale_at: Option<PrimitiveDateTime>,
}

/// Who is told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The holder of the account, or the staff member, whom it concerns.
    Owner,
    /// The e-mail address that they had before.
    AddressBefore,
}

/// The change of a [`Action::TokenChanged`] or an [`Action::StaffTokenChanged`] that gave the token more.
pub const WIDENED: &str = "widened";
/// The change of a [`Action::TokenSecretReused`] that is news to the owner: not more often than once a day.
pub const NEWS: &str = "news";
/// The change of a [`Action::SignedIn`] with a browser that had never signed in to that login.
pub const NEW_BROWSER: &str = "browser";

/// Who gets a mail about an event: the whole rule of which mail is sent for what.
///
/// People are told of what they may not have done themselves, and of whatever others did to them: none of this can be
/// switched off.
pub fn told_of(event: &NewEvent) -> &'static [To] {
    let has = |field: &str| event.changes.iter().any(|change| change.field == field);
    let told = match event.action {
        Action::TokenCreated
        | Action::TokenRotated
        | Action::TokenShortened
        | Action::TokenLeaked
        | Action::PasswordChanged
        | Action::PasswordSet
        | Action::PasswordSetByStaff
        | Action::AccountChanged
        | Action::AccountSuspended
        | Action::AccountUnsuspended
        | Action::StaffChanged
        | Action::StaffDeactivated
        | Action::StaffReactivated
        | Action::StaffTokenCreated
        | Action::StaffTokenLeaked => true,
        // Where staff make a link, it comes with a mail of its own.
        Action::PasswordLinkMade => event.actor.kind == "shell",
        Action::EmailChanged => return &[To::Owner, To::AddressBefore],
        // By then the account has no address any more.
        Action::AccountRemoved => return &[To::AddressBefore],
        Action::TokenChanged | Action::StaffTokenChanged => has(WIDENED) || by_staff(event),
        Action::TokenSecretReused => has(NEWS),
        // A token can end itself, and one that nobody uses is ended by the policy.
        Action::TokenRevoked => event.actor.kind != "account",
        Action::SignedIn => has(NEW_BROWSER),
        Action::TokenRenewed
        | Action::TokenSecretRetired
        | Action::TokenPaused
        | Action::TokenResumed
        | Action::SessionEnded
        | Action::SessionsEnded
        | Action::StaffTokenRevoked => by_staff(event),
        Action::SignedOut
        | Action::SignInUnblocked
        // A customer who comes from a billing system comes often, and reads of it in the activity.
        | Action::SignInLinkMade
        | Action::PreferencesChanged
        | Action::AccountCreated
        | Action::NoteAdded
        | Action::StaffCreated
        | Action::ServiceCredentialCreated
        | Action::ServiceCredentialRevoked
        | Action::PlanCreated
        | Action::PlanChanged
        | Action::PlanRemoved
        | Action::RunStarted
        | Action::RunStopped
        | Action::RunFinished
        | Action::AuditExported
        | Action::SetupFinished
        | Action::PolicyChanged
        | Action::KeyRotated => false,
    };
    if told { &[To::Owner] } else { &[] }
}

/// Whether staff, or somebody at the server's command line, did it to somebody else.
fn by_staff(event: &NewEvent) -> bool {
    let somebody_else = event.account.is_some() || (event.target.kind == "staff" && event.target.id != event.actor.id);
    matches!(event.actor.kind.as_str(), "staff" | "shell") && somebody_else
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::audit::{Change, Party};

    fn event(action: Action, actor: &str, changes: Vec<Change>) -> NewEvent {
        NewEvent {
            at: datetime!(2026-11-23 12:00),
            account: Some(AccountId(1)),
            actor: Party::new(actor, "a", "A"),
            action,
            target: Party::new("token", "t", "T"),
            changes,
            reason: None,
            address: None,
            browser: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn people_are_told_of_what_others_did() {
        for action in [
            Action::TokenRevoked,
            Action::TokenPaused,
            Action::TokenResumed,
            Action::SessionsEnded,
        ] {
            assert!(told_of(&event(action, "account", Vec::new())).is_empty(), "{action:?}");
            for other in ["staff", "shell"] {
                assert_eq!(told_of(&event(action, other, Vec::new())), [To::Owner], "{action:?}");
            }
        }
        assert_eq!(told_of(&event(Action::TokenRevoked, "token", Vec::new())), [To::Owner]);
        assert_eq!(told_of(&event(Action::TokenRevoked, "system", Vec::new())), [To::Owner]);
    }

    #[test]
    fn people_are_told_of_what_they_may_not_have_done_themselves() {
        for action in [Action::TokenCreated, Action::TokenRotated, Action::PasswordChanged] {
            assert_eq!(
                told_of(&event(action, "account", Vec::new())),
                [To::Owner],
                "{action:?}"
            );
        }
        let renamed = Change::new("name", "B");
        assert!(told_of(&event(Action::TokenChanged, "account", vec![renamed])).is_empty());
        let wider = Change::new(WIDENED, "yes");
        assert_eq!(
            told_of(&event(Action::TokenChanged, "account", vec![wider])),
            [To::Owner]
        );
        assert!(told_of(&event(Action::SignedIn, "account", Vec::new())).is_empty());
        let strange = Change::new(NEW_BROWSER, "new");
        assert_eq!(told_of(&event(Action::SignedIn, "account", vec![strange])), [To::Owner]);
        let moved = event(Action::EmailChanged, "staff", Vec::new());
        assert_eq!(told_of(&moved), [To::Owner, To::AddressBefore]);
    }

    #[test]
    fn staff_members_are_not_told_of_what_they_did_themselves() {
        let mut own = event(Action::SessionsEnded, "staff", Vec::new());
        own.account = None;
        own.target = own.actor.clone();
        assert!(told_of(&own).is_empty());
        own.target = Party::new("staff", "b", "B");
        assert_eq!(told_of(&own), [To::Owner]);
    }
}
