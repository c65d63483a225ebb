//! Which mail somebody is to get, as the outbox keeps it. Never a secret: what makes a link work is computed when the
//! mail is sent.

use serde::{Deserialize, Serialize};
use time::PrimitiveDateTime;

use super::{
    account::EmailAddress,
    id::{AccountId, EventId},
};

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Message {
    /// Something happened; the audit event says what.
    Happened {
        /// The event.
        event: i64,
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
    /// Tokens expire soon.
    Expiring {
        /// Within so many days.
        days: u8,
        /// Public ids of the tokens.
        tokens: Vec<String>,
    },
    /// Tokens expired.
    Expired {
        /// Public ids of the tokens.
        tokens: Vec<String>,
    },
    /// Somebody tries whether mail works.
    Test,
}

impl Message {
    /// The message about an event.
    pub fn about(event: EventId) -> Self {
        Self::Happened { event: event.0 }
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
