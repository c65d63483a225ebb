//! Why tokens are as they are: the events by which they were paused, ended or shortened.

use std::collections::HashMap;

use crate::{
    domain::{
        audit::{Action, Event},
        id::AccountId,
        secret::PublicId,
        token::{Life, Token},
    },
    store::{self, DbConnection, StoreError},
};

/// As many events are read at most: those of a page of tokens, each of which may have been paused or renewed often.
const MOST: i64 = 500;
const TOLD: [Action; 5] = [
    Action::TokenPaused,
    Action::TokenRevoked,
    Action::TokenLeaked,
    Action::TokenShortened,
    Action::TokenRenewed,
];

/// What was done to a token that still holds.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// It was paused or ended by this.
    pub stopped: Option<Event>,
    /// It was given its expiry by this, by staff.
    pub shortened: Option<Event>,
}

impl Why {
    /// Of an account's events, latest first, those that made `token` what it is.
    fn of(token: &Token, events: &[Event]) -> Self {
        let id = token.public_id.as_str();
        let latest = |actions: &[Action]| {
            let mut events = events.iter().filter(|event| event.event.target.id == id);
            events.find(|event| actions.contains(&event.event.action)).cloned()
        };
        Self {
            stopped: match token.life {
                Life::Live => None,
                Life::Paused { .. } => latest(&[Action::TokenPaused]),
                Life::Revoked { .. } => latest(&[Action::TokenRevoked, Action::TokenLeaked]),
            },
            shortened: latest(&[Action::TokenShortened, Action::TokenRenewed])
                .filter(|event| event.event.action == Action::TokenShortened),
        }
    }
}

/// Why each of an account's tokens is as it is.
pub(super) fn read(
    connection: &mut DbConnection,
    account: AccountId,
    tokens: &[Token],
) -> Result<HashMap<PublicId, Why>, StoreError> {
    if tokens.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = tokens.iter().map(|token| token.public_id.to_string()).collect();
    let events = store::audit::list_about(connection, account, &TOLD, ("token", &ids), MOST)?;
    let why = |token: &Token| (token.public_id, Why::of(token, &events));
    Ok(tokens.iter().map(why).collect())
}
