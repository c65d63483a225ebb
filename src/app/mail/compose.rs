//! From a message to the letter that says it, with what holds at the time of sending.

use time::PrimitiveDateTime;

use super::{at, events, head};
use crate::{
    app::{App, AppError, links},
    clock::TimeZone,
    domain::{
        account::Account,
        id::{AccountId, EventId},
        mail::Message,
        secret::PublicId,
        token::{Life, Token},
    },
    mail::{
        Letter, Words,
        letters::{ExpiringToken, Expiry, Left, Link, LinkPurpose},
    },
    store::{self, outbox::queue::Queued},
};

/// Composes one letter of mails of the same kind to the same account; most often of a single one. Nothing when there is
/// nothing left to say: the link was used, the token renewed.
pub(super) async fn compose(app: &App, mails: &[Queued]) -> Result<Option<Letter>, AppError> {
    let Some(first) = mails.first() else { return Ok(None) };
    let account = match first.account {
        Some(id) => {
            app.store
                .read(move |connection| store::accounts::find(connection, id))
                .await?
        }
        None => None,
    };
    let zone = account
        .as_ref()
        .map_or_else(|| app.settings.time_zone.clone(), |account| app.zone(account));
    let name = account.as_ref().map_or("", |account| account.username.as_str());
    let words = match &first.message {
        Message::Test => Some(Words::Test),
        Message::Invitation { link } => link_words(app, (LinkPurpose::Invitation, link), first, &zone).await?,
        Message::PasswordReset { link } => link_words(app, (LinkPurpose::PasswordReset, link), first, &zone).await?,
        Message::EmailChange { link } => link_words(app, (LinkPurpose::EmailChange, link), first, &zone).await?,
        Message::Expiring { days, .. } => expiry_words(app, *days, mails, account.as_ref(), &zone).await?,
        Message::Expired { .. } => expiry_words(app, 0, mails, account.as_ref(), &zone).await?,
        Message::Happened { events } => {
            let ids: Vec<EventId> = events.iter().copied().map(EventId).collect();
            return events::compose(app, &ids, &first.recipient, (account.as_ref(), &zone)).await;
        }
    };
    Ok(words.map(|words| words.letter(&head(app, name))))
}

async fn link_words(
    app: &App,
    (purpose, link): (LinkPurpose, &str),
    mail: &Queued,
    zone: &TimeZone,
) -> Result<Option<Words>, AppError> {
    // Computed now and kept nowhere: whoever has it can use the link.
    let Some(address) = links::address(app, link).await? else {
        return Ok(None);
    };
    Ok(Some(Words::Link(Link {
        purpose,
        address,
        until: mail.stale_at.map(|until| at(zone, until)).unwrap_or_default(),
    })))
}

async fn expiry_words(
    app: &App,
    days: u8,
    mails: &[Queued],
    account: Option<&Account>,
    zone: &TimeZone,
) -> Result<Option<Words>, AppError> {
    let Some(account) = account.filter(|account| !account.is_suspended()) else {
        return Ok(None);
    };
    let ids = mails.iter().filter_map(|mail| match &mail.message {
        Message::Expiring { token, .. } | Message::Expired { token } => token.parse().ok(),
        _ => None,
    });
    let tokens = find_tokens(app, account.id, ids.collect()).await?;
    let now = app.now();
    let tokens: Vec<ExpiringToken> = tokens
        .iter()
        .filter_map(|token| expiring(token, days, zone, now))
        .collect();
    Ok((!tokens.is_empty()).then_some(Words::Expiry(Expiry { days, tokens })))
}

async fn find_tokens(app: &App, account: AccountId, ids: Vec<PublicId>) -> Result<Vec<Token>, AppError> {
    let found = app
        .store
        .read(move |connection| store::tokens::list_by_ids(connection, account, &ids));
    Ok(found.await?)
}

/// A token, if what was to be said of it still holds.
fn expiring(token: &Token, days: u8, zone: &TimeZone, now: PrimitiveDateTime) -> Option<ExpiringToken> {
    let end = token.expiry.instant()?;
    let over = end <= now;
    let soon = end - now <= time::Duration::days(days.into());
    if token.life != Life::Live || over != (days == 0) || !(over || soon) {
        return None;
    }
    Some(ExpiringToken {
        name: token.name.to_string(),
        at: at(zone, end),
        left: Left::of(end - now),
        last_use: token
            .last_use
            .map(|last| format!("{} from {}", at(zone, last.at), last.from))
            .unwrap_or_default(),
        path: format!("/tokens/{}/renew", token.public_id),
    })
}
