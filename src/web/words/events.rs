//! What happened, who did it, and what was before and after, as people read it.

use std::collections::BTreeSet;

use super::{browser, capitalised, permissions, staff_scope_named};
use crate::{
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        audit::{Action, Change, Event, Party},
        mail::{NEWS, WIDENED},
        scope::ScopeSet,
    },
    web::times::{self, When},
};

/// Who reads about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The holder of the account that it concerns: what the account did is "You".
    Holder,
    /// A staff member.
    Staff,
}

/// An event in words.
#[derive(Clone, Debug)]
pub struct EventWords {
    /// Id of a symbol in the icon sprite.
    pub symbol: &'static str,
    /// When.
    pub at: When,
    /// What happened, up to the name that stands in the sentence: `Token “`.
    pub before: &'static str,
    /// What it happened to, by the name that it had at that time; empty when the sentence has none.
    pub name: String,
    /// What happened, from the name on: `” was created`.
    pub after: &'static str,
    /// Address of the page about it, where there is one.
    pub href: Option<String>,
    /// Who did it: `You`, `Support: Asha`, `Token “Deploy”`, `Latchkey`.
    pub who: String,
    /// From which address; empty when there is none.
    pub address: String,
    /// With which browser; empty when it is not known.
    pub browser: String,
    /// What is now otherwise.
    pub changes: Vec<ChangeWords>,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// What that is: `Reason`, or `Found at` where a stranger says where a token was.
    pub reason_label: &'static str,
}

impl EventWords {
    /// The whole sentence: `Token “Deploy” was created`.
    pub fn what(&self) -> String {
        format!("{}{}{}", self.before, self.name, self.after)
    }
}

/// One thing that is now otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeWords {
    /// What: `Name`, `Permissions`, `Expires`.
    pub label: String,
    /// How it was; empty when there was nothing, and for a set.
    pub before: String,
    /// How it is; empty when there is nothing, and for a set that was there before.
    pub after: String,
    /// What came into a set.
    pub added: Vec<String>,
    /// What went out of a set.
    pub removed: Vec<String>,
}

impl ChangeWords {
    /// On one line: `Name: Old → New`, `Permissions: + Create backups, − Delete files`.
    pub fn line(&self) -> String {
        let sets = self.added.iter().map(|text| format!("+ {text}"));
        let sets: Vec<String> = sets
            .chain(self.removed.iter().map(|text| format!("− {text}")))
            .collect();
        match (self.before.as_str(), self.after.as_str()) {
            ("", "") => format!("{}: {}", self.label, sets.join(", ")),
            ("", after) => format!("{}: {after}", self.label),
            (before, "") => format!("{}: {before} → nothing", self.label),
            (before, after) => format!("{}: {before} → {after}", self.label),
        }
    }
}

/// An event as `reader` reads it, its instants in `zone`.
pub fn event_words(catalogue: &Catalogue, zone: &TimeZone, reader: Reader, event: &Event) -> EventWords {
    let event = &event.event;
    let (symbol, before, after) = match event.action {
        // Ended by somebody else, none of them was kept.
        Action::SessionsEnded if event.account.is_some() && event.actor.kind != "account" => {
            ("log-out", "All sessions were signed out", "")
        }
        action => sentence(action),
    };
    // Who reports a token is not told to its owner, and where from would tell.
    let hidden = event.actor.kind == "finder" && reader == Reader::Holder;
    let has_name = before.ends_with('“');
    let href =
        (event.target.kind == "token" && !event.target.id.is_empty()).then(|| format!("/tokens/{}", event.target.id));
    EventWords {
        symbol,
        at: times::when(zone, event.at),
        before,
        name: Some(event.target.name.clone()).filter(|_| has_name).unwrap_or_default(),
        after,
        href: href.filter(|_| has_name && reader == Reader::Holder),
        who: actor_words(reader, &event.actor),
        address: event.address.clone().filter(|_| !hidden).unwrap_or_default(),
        browser: browser(event.browser.as_deref().filter(|_| !hidden).unwrap_or_default()),
        changes: event
            .changes
            .iter()
            .filter(|change| change.before.is_some() || change.after.as_deref() != Some(""))
            // What was widened stands there, entry by entry.
            .filter(|change| change.field != WIDENED && change.field != NEWS)
            .map(|change| change_words(catalogue, zone, change))
            .collect(),
        reason: event.reason.clone(),
        reason_label: if event.actor.kind == "finder" {
            "Found at"
        } else {
            "Reason"
        },
    }
}

/// Who did something, as `reader` reads it.
pub fn actor_words(reader: Reader, actor: &Party) -> String {
    let name = &actor.name;
    match (actor.kind.as_str(), reader) {
        ("account", Reader::Holder) => "You".to_owned(),
        ("staff", Reader::Holder) => format!("Support: {name}"),
        ("shell", Reader::Holder) => "Support".to_owned(),
        ("shell", Reader::Staff) => "Command line of the server".to_owned(),
        ("token", _) => format!("Token “{name}”"),
        ("finder", _) => "Somebody who found it".to_owned(),
        ("system", _) => "Latchkey".to_owned(),
        _ => name.clone(),
    }
}

/// The symbol of an action, and its sentence before and after the name of what it was done to.
fn sentence(action: Action) -> (&'static str, &'static str, &'static str) {
    match action {
        Action::TokenCreated => ("plus", "Token “", "” was created"),
        Action::TokenChanged => ("pencil", "Token “", "” was changed"),
        Action::TokenRenewed => ("refresh-cw", "Token “", "” was renewed"),
        Action::TokenRotated => ("rotate-cw", "Token “", "” was given a new secret"),
        Action::TokenSecretRetired => ("clock", "The old secret of token “", "” was ended"),
        Action::TokenPaused => ("circle-pause", "Token “", "” was paused"),
        Action::TokenResumed => ("play", "Token “", "” was resumed"),
        Action::TokenRevoked => ("trash-2", "Token “", "” was revoked"),
        Action::TokenShortened => ("calendar", "Token “", "” was made to end sooner"),
        Action::TokenLeaked => ("triangle-alert", "Token “", "” was found by somebody else and revoked"),
        Action::TokenSecretReused => (
            "triangle-alert",
            "A secret of token “",
            "” that no longer works was used",
        ),
        Action::SignedIn => ("user", "Signed in", ""),
        Action::SignInLinkMade => ("user", "A link that signs in was made", ""),
        Action::SignedOut => ("log-out", "Signed out", ""),
        Action::SessionEnded => ("log-out", "A session was signed out from elsewhere", ""),
        Action::SessionsEnded => ("log-out", "All other sessions were signed out", ""),
        Action::SignInUnblocked => ("lock", "Sign-in was unblocked after too many wrong passwords", ""),
        Action::PasswordChanged => ("lock", "The password was changed", ""),
        Action::PreferencesChanged => ("sliders", "The preferences were changed", ""),
        Action::PasswordLinkMade => ("lock", "A link to set a password was made", ""),
        Action::PasswordSet => ("lock", "A password was set by a link", ""),
        Action::PasswordSetByStaff => ("lock", "A password was set by support", ""),
        Action::EmailChanged => ("user", "The e-mail address was changed", ""),
        Action::AccountCreated => ("user", "Account “", "” was created"),
        Action::AccountChanged => ("pencil", "Account “", "” was changed"),
        Action::AccountSuspended => ("circle-pause", "Account “", "” was suspended"),
        Action::AccountUnsuspended => ("play", "The suspension of account “", "” was ended"),
        Action::AccountRemoved => ("trash-2", "Account “", "” was removed"),
        Action::NoteAdded => ("pencil", "A note about account “", "” was written"),
        Action::StaffCreated => ("users", "Staff member “", "” was added"),
        Action::StaffChanged => ("pencil", "Staff member “", "” was changed"),
        Action::StaffDeactivated => ("circle-pause", "Staff member “", "” was deactivated"),
        Action::StaffReactivated => ("play", "Staff member “", "” was reactivated"),
        Action::StaffTokenCreated => ("plus", "A token of staff member “", "” was made"),
        Action::StaffTokenChanged => ("pencil", "A token of staff member “", "” was changed"),
        Action::StaffTokenRevoked => ("trash-2", "A token of staff member “", "” was revoked"),
        Action::StaffTokenLeaked => (
            "triangle-alert",
            "A token of staff member “",
            "” was found by somebody else and revoked",
        ),
        Action::ServiceCredentialCreated => ("plus", "Service credential “", "” was made"),
        Action::ServiceCredentialRevoked => ("trash-2", "Service credential “", "” was revoked"),
        Action::PlanCreated => ("plus", "Plan “", "” was made"),
        Action::PlanChanged => ("settings", "Plan “", "” was changed"),
        Action::PlanRemoved => ("trash-2", "Plan “", "” was removed"),
        Action::RunStarted => ("play", "A change of many tokens was begun", ""),
        Action::RunStopped => ("circle-pause", "A change of many tokens was stopped", ""),
        Action::RunFinished => ("circle-check", "A change of many tokens was finished", ""),
        Action::AuditExported => ("download", "Events were exported", ""),
        Action::SetupFinished => ("circle-check", "The first administrator was made", ""),
        Action::PolicyChanged => ("settings", "The policy was changed", ""),
        Action::KeyRotated => ("key-round", "The server’s key was replaced", ""),
    }
}

fn change_words(catalogue: &Catalogue, zone: &TimeZone, change: &Change) -> ChangeWords {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let mut words = ChangeWords {
        label: label(&change.field),
        before: String::new(),
        after: String::new(),
        added: Vec::new(),
        removed: Vec::new(),
    };
    let one = |value: Option<&str>| {
        value
            .map(|value| single(&change.field, value, zone))
            .unwrap_or_default()
    };
    let set = |value: &str| entries(catalogue, &change.field, value);
    match (change.field.as_str(), before) {
        // Of something new everything is new: signs would say nothing.
        ("scopes" | "staff_scopes" | "sites" | "addresses", None) => {
            words.after = after.map(set).unwrap_or_default().join(", ");
        }
        ("scopes" | "staff_scopes" | "sites" | "addresses", Some(before)) => {
            (words.added, words.removed) = difference(&set(before), &after.map(set).unwrap_or_default());
        }
        _ => (words.before, words.after) = (one(before), one(after)),
    }
    words
}

fn label(field: &str) -> String {
    match field {
        "scopes" | "staff_scopes" => "Permissions".to_owned(),
        "expiry" => "Expires".to_owned(),
        "overlap" | "previous_until" => "Old secret works until".to_owned(),
        "last4" => "Secret ends with".to_owned(),
        "email" => "E-mail address".to_owned(),
        "username" => "User name".to_owned(),
        "max_lifetime_days" => "Longest lifetime in days".to_owned(),
        "max_total_lifetime_days" => "Longest lifetime with renewals, in days".to_owned(),
        "never_allowed" => "Tokens without an end".to_owned(),
        "max_live_tokens" => "Most tokens of an account".to_owned(),
        "revoke_unused_days" => "Days without use until revoked".to_owned(),
        "calls_per_minute" => "Most calls of a token a minute".to_owned(),
        "time_zone" | "time-zone" => "Time zone".to_owned(),
        other => capitalised(&other.replace(['_', '-'], " ")),
    }
}

/// A single value: instants stand in the reader's zone.
fn single(field: &str, value: &str, zone: &TimeZone) -> String {
    match (field, value) {
        ("expiry", "never") => "Never".to_owned(),
        ("never_allowed", "true" | "") => "allowed".to_owned(),
        ("never_allowed", _) => "not allowed".to_owned(),
        (
            "max_lifetime_days"
            | "max_total_lifetime_days"
            | "max_live_tokens"
            | "revoke_unused_days"
            | "calls_per_minute",
            "",
        ) => "not set".to_owned(),
        (_, "") => "nothing".to_owned(),
        _ => times::parse_iso(value).map_or_else(|| value.to_owned(), |at| times::when(zone, at).text),
    }
}

/// The entries of a set as the audit keeps it.
fn entries(catalogue: &Catalogue, field: &str, value: &str) -> Vec<String> {
    match (field, value) {
        ("scopes", _) => value
            .parse::<ScopeSet>()
            .map_or_else(|_| vec![value.to_owned()], |scopes| permissions(catalogue, &scopes)),
        ("staff_scopes", _) => value.split_whitespace().map(staff_scope_named).collect(),
        ("sites", "*") => vec!["All sites".to_owned()],
        ("addresses", "" | "*") => vec!["Any address".to_owned()],
        _ => value.split_whitespace().map(str::to_owned).collect(),
    }
}

/// What came in and what went out, each in its own order.
fn difference(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>) {
    let without = |from: &[String], other: &[String]| {
        let other: BTreeSet<&String> = other.iter().collect();
        from.iter().filter(|entry| !other.contains(entry)).cloned().collect()
    };
    (without(after, before), without(before, after))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::{audit::NewEvent, id::EventId, token::Expiry};

    fn event(action: Action, actor: Party, changes: Vec<Change>) -> Event {
        let event = NewEvent {
            at: datetime!(2026-11-23 12:00),
            account: None,
            actor,
            action,
            target: Party::new("token", "Ab12Cd34", "<b>Nightly</b>"),
            changes,
            reason: None,
            address: Some("203.0.113.24".to_owned()),
            browser: Some("curl/8.5.0".to_owned()),
            request_id: "r".to_owned(),
        };
        Event { id: EventId(1), event }
    }

    fn words(event: &Event) -> EventWords {
        event_words(
            &Catalogue::built_in(),
            &"Asia/Kolkata".parse().unwrap(),
            Reader::Holder,
            event,
        )
    }

    #[test]
    fn a_change_is_shown_as_people_would_say_it() {
        let soon = Expiry::At(datetime!(2026-11-26 18:29:59));
        let changes = vec![
            Change::between("name", "Old", "New").unwrap(),
            Change::between("scopes", "backups:create files:read", "backups:create backups:delete").unwrap(),
            Change::between("sites", "*", "a.example b.example").unwrap(),
            Change::between("expiry", soon, Expiry::Never).unwrap(),
            Change::between("description", "Text", "").unwrap(),
            Change::new("scopes", "backups:create backups:read"),
            Change::new("description", ""),
        ];
        let shown = words(&event(
            Action::TokenChanged,
            Party::new("account", "x", "priya"),
            changes,
        ));
        assert_eq!(shown.what(), "Token “<b>Nightly</b>” was changed");
        assert_eq!(
            (shown.who.as_str(), shown.href.as_deref()),
            ("You", Some("/tokens/Ab12Cd34"))
        );
        assert_eq!(
            (shown.at.text.as_str(), shown.browser.as_str()),
            ("23 Nov 2026, 17:30 IST", "curl")
        );
        let lines: Vec<String> = shown.changes.iter().map(ChangeWords::line).collect();
        assert_eq!(
            lines,
            [
                "Name: Old → New",
                "Permissions: + Delete backups, − List and download files",
                "Sites: + a.example, + b.example, − All sites",
                "Expires: 26 Nov 2026, 23:59 IST → Never",
                "Description: Text → nothing",
                "Permissions: See backups, Create backups",
            ]
        );
    }

    #[test]
    fn everybody_is_named_as_the_reader_knows_them() {
        for (kind, holder, staff) in [
            ("account", "You", "asha"),
            ("staff", "Support: asha", "asha"),
            ("token", "Token “asha”", "Token “asha”"),
            ("finder", "Somebody who found it", "Somebody who found it"),
            ("system", "Latchkey", "Latchkey"),
            ("shell", "Support", "Command line of the server"),
        ] {
            let party = Party::new(kind, "", "asha");
            assert_eq!(actor_words(Reader::Holder, &party), holder);
            assert_eq!(actor_words(Reader::Staff, &party), staff);
        }
    }

    #[test]
    fn every_action_has_a_symbol_of_the_sprite() {
        let sprite = include_str!("../../../static/icons.svg");
        for action in Action::ALL {
            let (symbol, ..) = sentence(*action);
            assert!(sprite.contains(&format!("id=\"{symbol}\"")), "{action:?}: {symbol}");
        }
    }
}
