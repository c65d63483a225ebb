//! From what happened to the letter about it.

use super::{at, head};
use crate::{
    app::{App, AppError},
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        account::{Account, EmailAddress},
        audit::{Action, Change, Event, NewEvent},
        browser,
        id::EventId,
        mail::WIDENED,
        scope::ScopeSet,
    },
    mail::{
        Letter, Words,
        letters::{Facts, PersonChange, PersonNews, TokenChange, TokenNews},
    },
    store,
};

/// So many tokens are named in one mail.
const NAMED: usize = 20;

/// The letter about events of one kind; nothing when none of them exists.
pub(super) async fn compose(
    app: &App,
    ids: &[EventId],
    recipient: &str,
    (account, zone): (Option<&Account>, &TimeZone),
) -> Result<Option<Letter>, AppError> {
    let rows: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let events = app
        .store
        .read(move |connection| store::audit::list_by_ids(connection, &rows))
        .await?;
    let Some(first) = events.first() else { return Ok(None) };
    let event = &first.event;
    let facts = facts(event, zone);
    let words = match (token_change(event), person_change(event, recipient)) {
        (Some(what), _) => Words::Tokens(token_news(app, what, &events, facts, zone)),
        (None, Some(what)) => Words::Person(PersonNews {
            what,
            details: details(&app.catalogue, event, zone),
            facts,
        }),
        (None, None) => return Ok(None),
    };
    let name = account.map_or(event.target.name.as_str(), |account| account.username.as_str());
    Ok(Some(words.letter(&head(app, name))))
}

fn by_owner(event: &NewEvent) -> bool {
    match event.actor.kind.as_str() {
        "account" => true,
        "staff" => event.account.is_none() && (event.target.kind != "staff" || event.target.id == event.actor.id),
        _ => false,
    }
}

/// A text of several lines where one line has place.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a browser is, in the middle of a sentence.
fn browser(says: &str) -> String {
    let name = browser::browser(says);
    match name.strip_prefix("A ") {
        Some(rest) => format!("a {rest}"),
        None => name,
    }
}

fn facts(event: &NewEvent, zone: &TimeZone) -> Facts {
    let by = match event.actor.kind.as_str() {
        _ if by_owner(event) => String::new(),
        "staff" => format!("{} (support)", event.actor.name),
        "shell" => "support".to_owned(),
        // Who has an old secret is what nobody knows.
        "token" if event.action == Action::TokenSecretReused => String::new(),
        "token" => "the token itself".to_owned(),
        "finder" => "somebody who found it".to_owned(),
        _ => event.actor.name.clone(),
    };
    let found = event.actor.kind == "finder";
    // Where staff sit is nobody's business, nor who found a token; where a sign-in or a secret came from is. What a finder
    // writes is a stranger's text, to be read on the page and not in a mail of the company's.
    let seen = !found && (event.actor.kind != "staff" || by_owner(event));
    let from = [event.address.clone(), event.browser.as_deref().map(browser)];
    let from: Vec<String> = from.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Facts {
        at: at(zone, event.at),
        by,
        from: if seen { from.join(", ") } else { String::new() },
        reason: one_line(event.reason.as_deref().filter(|_| !found).unwrap_or_default()),
    }
}

fn token_change(event: &NewEvent) -> Option<TokenChange> {
    Some(match event.action {
        Action::TokenCreated => TokenChange::Created,
        Action::TokenChanged if event.changes.iter().any(|change| change.field == WIDENED) => TokenChange::Widened,
        Action::TokenChanged => TokenChange::Changed,
        Action::TokenRotated => TokenChange::Rotated,
        Action::TokenSecretRetired => TokenChange::SecretRetired,
        Action::TokenRenewed => TokenChange::Renewed,
        Action::TokenShortened => TokenChange::Shortened,
        Action::TokenPaused => TokenChange::Paused,
        Action::TokenResumed => TokenChange::Resumed,
        Action::TokenLeaked => TokenChange::Leaked,
        Action::TokenSecretReused => TokenChange::SecretReused,
        Action::TokenRevoked => match event.actor.kind.as_str() {
            "token" => TokenChange::RevokedByItself,
            "system" => TokenChange::RevokedUnused,
            _ => TokenChange::Revoked,
        },
        _ => return None,
    })
}

fn person_change(event: &NewEvent, recipient: &str) -> Option<PersonChange> {
    Some(match event.action {
        Action::SignedIn => PersonChange::SignedIn {
            browser: browser(event.browser.as_deref().unwrap_or_default()),
        },
        Action::PasswordChanged => PersonChange::PasswordChanged,
        Action::PasswordSet => PersonChange::PasswordSet,
        Action::PasswordSetByStaff => PersonChange::PasswordSetByStaff,
        Action::PasswordLinkMade => PersonChange::LinkMade,
        Action::EmailChanged => {
            let email = event.changes.iter().find(|change| change.field == "email");
            let after = email.and_then(|change| change.after.clone()).unwrap_or_default();
            let same = |text: &str| text.parse::<EmailAddress>().ok();
            PersonChange::EmailChanged {
                to_new: same(&after).is_some_and(|new| Some(new) == same(recipient)),
                after,
            }
        }
        Action::SessionEnded | Action::SessionsEnded => PersonChange::SessionsEnded,
        Action::AccountSuspended => PersonChange::Suspended,
        Action::AccountUnsuspended => PersonChange::Unsuspended,
        Action::AccountChanged => PersonChange::AccountChanged,
        Action::AccountRemoved => PersonChange::Removed,
        Action::StaffChanged => PersonChange::StaffChanged,
        Action::StaffDeactivated => PersonChange::Deactivated,
        Action::StaffReactivated => PersonChange::Reactivated,
        Action::StaffTokenCreated => PersonChange::StaffTokenMade,
        Action::StaffTokenChanged => PersonChange::StaffTokenChanged,
        Action::StaffTokenRevoked => PersonChange::StaffTokenRevoked,
        Action::StaffTokenLeaked => PersonChange::StaffTokenLeaked,
        _ => return None,
    })
}

fn token_news(app: &App, what: TokenChange, events: &[Event], facts: Facts, zone: &TimeZone) -> TokenNews {
    let names = events.iter().take(NAMED).map(|event| event.event.target.name.clone());
    let (details, path) = match events {
        [one] => (
            details(&app.catalogue, &one.event, zone),
            format!("/tokens/{}", one.event.target.id),
        ),
        _ => (Vec::new(), "/tokens".to_owned()),
    };
    TokenNews {
        what,
        names: names.collect(),
        more: events.len().saturating_sub(NAMED),
        details,
        facts,
        path,
    }
}

/// What is otherwise, one line each.
fn details(catalogue: &Catalogue, event: &NewEvent, zone: &TimeZone) -> Vec<String> {
    // Of an account that is gone, and of an address, the sentence says it all.
    if matches!(
        event.action,
        Action::AccountRemoved | Action::EmailChanged | Action::SignedIn
    ) {
        return Vec::new();
    }
    let lines = event.changes.iter().filter_map(|change| line(catalogue, change, zone));
    lines.collect()
}

fn line(catalogue: &Catalogue, change: &Change, zone: &TimeZone) -> Option<String> {
    let label = match change.field.as_str() {
        WIDENED | "last4" | "status" | "description" => return None,
        "token" => "Token",
        "scopes" | "staff_scopes" => "It can",
        "sites" => "On the sites",
        "addresses" => "From the addresses",
        "expiry" => "Expires",
        "overlap" => "The old secret works until",
        "plan" => "Plan",
        "username" => "User name",
        "main_site" => "Main site",
        "name" => "Name",
        "role" => "Role",
        "secret" => "The secret",
        "tokens_stopped" | "tokens" => "Tokens that stop",
        "sessions_ended" => "Sessions that were ended",
        _ => return None,
    };
    let value = |text: &str| value(catalogue, &change.field, text, zone);
    let after = value(change.after.as_deref().unwrap_or_default());
    Some(match change.before.as_deref() {
        Some(before) => format!("{label}: {after} (before: {})", value(before)),
        None => format!("{label}: {after}"),
    })
}

/// A value as the audit keeps it, in words.
fn value(catalogue: &Catalogue, field: &str, text: &str, zone: &TimeZone) -> String {
    match (field, text) {
        ("scopes", "*") => "everything that the plan allows".to_owned(),
        ("scopes", _) => {
            let scopes: ScopeSet = text.parse().unwrap_or_else(|_| ScopeSet::empty());
            let can = scopes.iter().map(|scope| match catalogue.scope(scope) {
                Some(entry) => entry.can.clone(),
                None => scope.to_string(),
            });
            can.collect::<Vec<_>>().join("; ")
        }
        ("secret", "replaced") => "one that a rotation replaced".to_owned(),
        ("secret", "revoked") => "the one of the token, which is revoked".to_owned(),
        ("secret", "expired") => "the one of the token, which has expired".to_owned(),
        ("sites", "*") => "all".to_owned(),
        ("addresses", "" | "*") => "any".to_owned(),
        ("expiry" | "overlap", _) => instant(text).map_or_else(|| text.to_owned(), |instant| at(zone, instant)),
        (_, "") => "nothing".to_owned(),
        _ => one_line(text),
    }
}

/// The instant that the audit wrote as RFC 3339 in UTC.
fn instant(text: &str) -> Option<time::PrimitiveDateTime> {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time::PrimitiveDateTime::parse(text, format).ok()
}
