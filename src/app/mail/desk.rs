//! What the operator does about mail: try it, see what waits, try again.

use time::PrimitiveDateTime;

use super::head;
use crate::{
    app::{App, AppError, Caller, Rule},
    domain::{account::EmailAddress, permission::Act},
    mail::{Mail, SendError, Words},
    store::{self, outbox::queue::Queued},
};

/// Mails that one list holds.
const LISTED: i64 = 500;

/// A mail that is not out.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub public_id: String,
    /// Where it goes.
    pub recipient: String,
    /// What it says, by a stable name.
    pub kind: &'static str,
    /// When it was written.
    pub created_at: PrimitiveDateTime,
    /// When it is tried next; none once it was given up.
    pub due_at: Option<PrimitiveDateTime>,
    /// How often it was tried in vain.
    pub tries: i32,
    /// What was wrong the last time.
    pub last_error: Option<String>,
}

/// Sends a mail at once, past the outbox. Returns what the server said, or why it would not.
///
/// [`Rule::MailOff`] where mail is off.
pub async fn send_test(app: &App, caller: &Caller, to: &EmailAddress) -> Result<Result<String, SendError>, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let post = app.post()?.ok_or(Rule::MailOff)?;
    let mail = Mail {
        id: app.new_public_id(),
        at: app.now(),
        from_name: app.settings.company.name.clone(),
        to: to.to_string(),
        letter: Words::Test.letter(&head(app, "")),
    };
    Ok(post.send(&mail).await)
}

/// What waits and what was given up, the latest first; 500 at most.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Listed>, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let mails = app
        .store
        .read(|connection| store::outbox::queue::list_open(connection, LISTED))
        .await?;
    Ok(mails.into_iter().map(listed).collect())
}

fn listed(mail: Queued) -> Listed {
    Listed {
        kind: mail.message.kind(),
        due_at: mail.given_up_at.is_none().then_some(mail.due_at),
        public_id: mail.public_id,
        recipient: mail.recipient,
        created_at: mail.created_at,
        tries: mail.tries,
        last_error: mail.last_error,
    }
}

/// Makes everything that is not out due now, what was given up too; returns how many. The running server sends it.
pub async fn retry(app: &App, caller: &Caller) -> Result<usize, AppError> {
    caller.may(Act::SetPolicy, None)?;
    let now = app.now();
    app.store
        .write(move |connection| Ok(store::outbox::queue::retry_all(connection, now)?))
        .await
}
