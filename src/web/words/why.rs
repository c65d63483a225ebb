//! Why a token is paused, over or to end sooner, in words: by whom, when, and for what reason.

use super::Reader;
use crate::{
    app::tokens::why::Why,
    clock::TimeZone,
    domain::audit::{Action, Event, Party},
    web::times::{self, When},
};

/// The longest reason that stands in a list, in characters; the token's page has all of it.
const IN_A_LIST: usize = 80;

/// One thing that was done to a token, and by whom.
#[derive(Clone, Debug)]
pub struct WhyWords {
    /// `support`, `you`, `Latchkey`; to staff the name.
    pub by: String,
    /// The staff member's name, for the holder; empty where [`WhyWords::by`] says all.
    pub name: String,
    /// When.
    pub at: When,
    /// The reason; empty where none was given.
    pub reason: String,
    /// Whether the holder did it.
    pub own: bool,
    /// Whether it was done because somebody else had the token.
    pub leaked: bool,
}

/// Who did it and why, as `reader` reads it.
pub fn why_words(zone: &TimeZone, reader: Reader, event: &Event) -> WhyWords {
    let event = &event.event;
    let (by, name) = actor(reader, &event.actor);
    WhyWords {
        by,
        name,
        at: times::when(zone, event.at),
        reason: event.reason.clone().unwrap_or_default(),
        own: event.actor.kind == "account",
        leaked: event.action == Action::TokenLeaked,
    }
}

fn actor(reader: Reader, actor: &Party) -> (String, String) {
    let name = actor.name.clone();
    let (by, name) = match (actor.kind.as_str(), reader) {
        ("account", Reader::Holder) => ("you", String::new()),
        ("account", Reader::Staff) => ("its holder", String::new()),
        ("staff", Reader::Holder) => ("support", name),
        ("shell", Reader::Holder) => ("support", String::new()),
        ("shell", Reader::Staff) => ("the command line", String::new()),
        ("finder", _) => ("somebody who found it", String::new()),
        ("token", _) => return (format!("token “{name}”"), String::new()),
        _ => return (name, String::new()),
    };
    (by.to_owned(), name)
}

/// What a list adds to the status: `By support: Found in a forum`; empty where the holder did it or nothing was done.
pub fn why_in_brief(reader: Reader, why: &Why) -> String {
    let Some(event) = why.stopped.as_ref().or(why.shortened.as_ref()) else {
        return String::new();
    };
    if event.event.actor.kind == "account" {
        return String::new();
    }
    let (by, _) = actor(reader, &event.event.actor);
    let what = match event.event.action {
        Action::TokenLeaked => "Leaked, revoked",
        Action::TokenShortened => "Shortened",
        Action::TokenPaused => "Paused",
        _ => "Revoked",
    };
    match event.event.reason.as_deref().unwrap_or_default() {
        "" => format!("{what} by {by}"),
        reason if reason.chars().count() > IN_A_LIST => {
            let start: String = reason.chars().take(IN_A_LIST).collect();
            format!("{what} by {by}: {}…", start.trim_end())
        }
        reason => format!("{what} by {by}: {reason}"),
    }
}
