//! Reminders of tokens that expire, and notes that they did. What was told once stands in the outbox under its once key:
//! the kind, the token and its expiry, so that a token that was renewed is told of again.

use time::{Duration, PrimitiveDateTime};

use super::send::digest_key;
use crate::{
    app::{App, AppError},
    domain::mail::{Kind, Message, NewMail},
    store::{
        self,
        tokens::{Ending, list_ending},
    },
};

/// So many tokens are looked at in one transaction.
const A_BATCH: i64 = 500;
/// A token that expired longer ago is no news.
const NEWS: Duration = Duration::days(2);
/// An expired token that nobody used for so long is missed by nobody.
const USED_WITHIN: Duration = Duration::days(30);
/// Only a token that lives at least so long is told of a week before; one that lives less than the second is not at all.
const LIVES: (Duration, Duration) = (Duration::days(7), Duration::days(2));

/// Puts every notice that is due into the outbox; returns how many. Safe on many nodes.
pub async fn remind(app: &App) -> Result<usize, AppError> {
    if !app.sends_mail() {
        return Ok(0);
    }
    let now = app.now();
    let (day, week) = (now + Duration::DAY, now + Duration::WEEK);
    let mut told = 0;
    for (days, window) in [(7, (day, week)), (1, (now, day)), (0, (now - NEWS, now))] {
        told += remind_of(app, days, window, now).await?;
    }
    Ok(told)
}

async fn remind_of(
    app: &App,
    days: u8,
    window: (PrimitiveDateTime, PrimitiveDateTime),
    now: PrimitiveDateTime,
) -> Result<usize, AppError> {
    let (mut beyond, mut told) = (None, 0);
    loop {
        let page = app
            .store
            .read(move |connection| list_ending(connection, window, beyond, A_BATCH))
            .await?;
        let last = page
            .last()
            .and_then(|one| Some((one.token.expiry.instant()?, one.token.id.0)));
        let mails: Vec<NewMail> = page.iter().filter_map(|one| notice(one, days, now)).collect();
        told += put(app, mails, now).await?;
        if page.len() < usize::try_from(A_BATCH).unwrap_or(usize::MAX) {
            return Ok(told);
        }
        beyond = last;
    }
}

async fn put(app: &App, mails: Vec<NewMail>, now: PrimitiveDateTime) -> Result<usize, AppError> {
    let untold = app
        .store
        .read(move |connection| store::outbox::queue::untold(connection, mails))
        .await?;
    if untold.is_empty() {
        return Ok(0);
    }
    let new: Vec<(String, NewMail)> = untold.into_iter().map(|mail| (app.new_public_id(), mail)).collect();
    app.store
        .write(move |connection| {
            let mut told = 0;
            for (id, mail) in &new {
                told += usize::from(store::outbox::insert(connection, id, mail, now)?);
            }
            Ok(told)
        })
        .await
}

/// The mail about a token that expires within so many days, or, of 0, has expired; nothing where it is not to be told of.
fn notice(ending: &Ending, days: u8, now: PrimitiveDateTime) -> Option<NewMail> {
    let token = &ending.token;
    let end = token.expiry.instant()?;
    let lives = end - token.created_at;
    let kind = if days == 0 { Kind::Expired } else { Kind::Expiring };
    let used = token.last_use.is_some_and(|last| now - last.at <= USED_WITHIN);
    let wanted = match days {
        0 => used,
        1 => lives >= LIVES.1,
        _ => lives >= LIVES.0,
    };
    if !wanted || kind.is_in(&ending.mail_off) {
        return None;
    }
    let id = token.public_id.to_string();
    let message = match days {
        0 => Message::Expired { token: id.clone() },
        _ => Message::Expiring {
            days,
            token: id.clone(),
        },
    };
    let once_key = digest_key(&message).map(|prefix| format!("{prefix}{id} {}", token.expiry));
    Some(NewMail {
        account: Some(token.account),
        recipient: ending.recipient.clone(),
        message,
        once_key,
        stale_at: Some(match days {
            0 => end + Duration::WEEK,
            1 => end,
            _ => end - Duration::DAY,
        }),
    })
}
