//! Sending what is due. Safe on many nodes: a mail is leased by one before it is sent.

use futures_util::{StreamExt, stream};
use time::{Duration, PrimitiveDateTime};

use super::compose::compose;
use crate::{
    app::{App, AppError},
    domain::mail::Message,
    mail::{Mail, Post, SendError},
    store::{
        self,
        outbox::queue::{Outcome, Queued},
    },
};

/// A lease is longer than one mail can take; after it another node may try.
const LEASE: Duration = Duration::minutes(5);
/// So many mails leave at once, so that one that is slow does not hold up the others.
const AT_ONCE: usize = 4;
/// So many are tried in one run.
const A_RUN: i64 = 200;
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::hours(6);
/// After so long no more is tried (RFC 5321, 4.5.4.1, asks for four to five days of a relay; these are less lasting).
const GIVEN_UP_AFTER: Duration = Duration::days(3);
/// More mails about expiring tokens than this, to one account at once, become one.
const SINGLE: usize = 3;

/// What became of the mails of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Mails that are out.
    pub sent: usize,
    /// Mails that are tried again.
    pub later: usize,
    /// Mails that never will be out.
    pub given_up: usize,
}

/// Sends what is due. Only a database that fails, or settings that cannot be used, make it fail.
pub async fn send_due(app: &App) -> Result<Sent, AppError> {
    let Some(post) = app.post()? else {
        return Ok(Sent::default());
    };
    let now = app.now();
    let due = app
        .store
        .read(move |connection| store::outbox::queue::list_due(connection, now, A_RUN))
        .await?;
    let outcomes: Vec<Result<Option<Outcome>, AppError>> = stream::iter(due)
        .map(|id| send_one(app, post, id))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut sent = Sent::default();
    for outcome in outcomes {
        match outcome? {
            Some(Outcome::Sent) => sent.sent += 1,
            Some(Outcome::Later(..)) => sent.later += 1,
            Some(Outcome::GivenUp(_)) => sent.given_up += 1,
            None => {}
        }
    }
    Ok(sent)
}

/// Nothing when another node has the mail, or it has become part of another one.
async fn send_one(app: &App, post: &Post, id: i64) -> Result<Option<Outcome>, AppError> {
    let now = app.now();
    let until = now + LEASE;
    let leased = app
        .store
        .write(move |connection| lease(connection, id, now, until))
        .await?;
    let Some(first) = leased.first() else { return Ok(None) };
    let outcome = if first.stale_at.is_some_and(|stale| stale <= now) {
        Outcome::GivenUp("it is too late for it".to_owned())
    } else {
        match compose(app, &leased).await? {
            None => Outcome::GivenUp("there is nothing left to say".to_owned()),
            Some(letter) => {
                let mail = Mail {
                    id: first.public_id.clone(),
                    at: first.created_at,
                    from_name: app.settings.company.name.clone(),
                    to: first.recipient.clone(),
                    letter,
                };
                after(first, post.send(&mail).await, app.now())
            }
        }
    };
    let settled = outcome.clone();
    let mut ids: Vec<i64> = leased.iter().map(|mail| mail.id).collect();
    ids.sort_unstable();
    let now = app.now();
    app.store
        .write(move |connection| {
            for id in ids {
                store::outbox::queue::settle(connection, id, until, &settled, now)?;
            }
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(Some(outcome))
}

/// Leases a mail, and with it, where they are many, the others of its kind to the same account.
fn lease(
    connection: &mut store::DbConnection,
    id: i64,
    now: PrimitiveDateTime,
    until: PrimitiveDateTime,
) -> Result<Vec<Queued>, AppError> {
    let Some(waiting) = store::outbox::queue::find(connection, id)? else {
        return Ok(Vec::new());
    };
    let among = digest_key(&waiting.message).zip(waiting.account);
    if let Some((_, account)) = &among {
        // Two that lease several would else wait for each other.
        store::tokens::hold_account(connection, *account)?;
    }
    let Some(first) = store::outbox::queue::lease(connection, id, now, until)? else {
        return Ok(Vec::new());
    };
    let mut leased = vec![first];
    if let Some((prefix, account)) = among {
        let more = store::outbox::queue::lease_alike(connection, account, &prefix, SINGLE - 1, (now, until))?;
        leased.extend(more);
    }
    Ok(leased)
}

/// With what the once keys of mails begin that can become one.
pub(super) fn digest_key(message: &Message) -> Option<String> {
    match message {
        Message::Expiring { days, .. } => Some(format!("expiring-{days} ")),
        Message::Expired { .. } => Some("expired ".to_owned()),
        _ => None,
    }
}

fn after(mail: &Queued, tried: Result<String, SendError>, now: PrimitiveDateTime) -> Outcome {
    match tried {
        Ok(_) => Outcome::Sent,
        Err(SendError::Permanent(error)) => {
            tracing::warn!(mail = %mail.public_id, %error, "a mail was refused and is given up");
            Outcome::GivenUp(error)
        }
        Err(SendError::Temporary(error)) if now - mail.created_at >= GIVEN_UP_AFTER => {
            tracing::warn!(mail = %mail.public_id, %error, "a mail could not be sent for days and is given up");
            Outcome::GivenUp(error)
        }
        Err(SendError::Temporary(error)) => {
            tracing::warn!(mail = %mail.public_id, %error, "a mail could not be sent and will be tried again");
            Outcome::Later(now + wait_after(mail.tries), error)
        }
    }
}

/// How long to wait after so many tries in vain and one more: 1, 2, 4 ... minutes.
pub(super) fn wait_after(tries: i32) -> Duration {
    let doublings = u32::try_from(tries).unwrap_or_default().min(16);
    Duration::minutes(1_i64 << doublings).min(LONGEST_WAIT)
}
