//! What happened in an account: who did what, when, from where.

use time::PrimitiveDateTime;

use super::{App, AppError, Caller};
use crate::{
    domain::{
        audit::{Action, Event},
        id::{AccountId, EventId},
        permission::Act,
    },
    store,
};

/// What events are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Tokens.
    Tokens,
    /// Signing in, sessions and passwords.
    Security,
    /// The account itself.
    Account,
}

impl Topic {
    fn of(action: Action) -> Self {
        match action.code().split_once('.').map_or("", |(area, _)| area) {
            "token" => Self::Tokens,
            "account" => Self::Account,
            _ => Self::Security,
        }
    }

    fn actions(self) -> Vec<Action> {
        let all = Action::ALL.iter().copied();
        all.filter(|action| Self::of(*action) == self).collect()
    }
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The account's holder.
    Holder,
    /// The hosting company's people.
    Support,
    /// A token of the account.
    Tokens,
    /// The program itself.
    Latchkey,
}

impl By {
    fn actor_kinds(self) -> Vec<&'static str> {
        match self {
            Self::Holder => vec!["account"],
            Self::Support => vec!["staff", "shell"],
            Self::Tokens => vec!["token"],
            Self::Latchkey => vec!["system"],
        }
    }
}

/// Which events. Nothing set: all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those about this.
    pub topic: Option<Topic>,
    /// Only what these did.
    pub by: Option<By>,
    /// Only those from this instant on.
    pub since: Option<PrimitiveDateTime>,
}

/// The latest `limit` events of an account before `before`, latest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    account: AccountId,
    wanted: Wanted,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<Event>, AppError> {
    caller.may(Act::View, Some(account))?;
    let query = store::audit::Query {
        actions: wanted.topic.map(Topic::actions).unwrap_or_default(),
        target: None,
        actor_kinds: wanted.by.map(By::actor_kinds).unwrap_or_default(),
        since: wanted.since,
        before,
        limit,
    };
    app.store
        .read(move |connection| Ok(store::audit::list(connection, account, &query)?))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_topic() {
        let topics = [Topic::Tokens, Topic::Security, Topic::Account];
        let listed: usize = topics.iter().map(|topic| topic.actions().len()).sum();
        assert_eq!(listed, Action::ALL.len());
        assert!(Topic::Tokens.actions().contains(&Action::TokenRevoked));
        assert!(Topic::Security.actions().contains(&Action::SignedIn));
        assert!(Topic::Account.actions().contains(&Action::PreferencesChanged));
    }
}
