//! Finding events of the whole installation, and taking them out.

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::{Action, Change, Party},
        id::EventId,
        permission::Act,
    },
    store::{
        self,
        audit::search::{Filter, Found, Key},
    },
};

/// What actions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Tokens.
    Tokens,
    /// Sign-ins, sessions and passwords.
    Security,
    /// Accounts.
    Accounts,
    /// Staff members, and what they write down.
    Staff,
    /// Plans, policy, service credentials, the server's keys.
    Rules,
    /// Changes of many tokens.
    Runs,
    /// The audit itself.
    Audit,
}

impl Group {
    fn of(action: Action) -> Self {
        match action.code().split_once('.').map_or("", |(area, _)| area) {
            "token" => Self::Tokens,
            "session" | "password" => Self::Security,
            "account" => Self::Accounts,
            "staff" | "staff-token" => Self::Staff,
            "run" => Self::Runs,
            "audit" => Self::Audit,
            _ => Self::Rules,
        }
    }

    /// The actions of the group.
    pub fn actions(self) -> Vec<Action> {
        let all = Action::ALL.iter().copied();
        all.filter(|action| Self::of(*action) == self).collect()
    }
}

/// Which events somebody wants to see. Nothing set: all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A user name, an id, an address, the number of an event, or a name; empty for all.
    pub text: String,
    /// The user name, e-mail address or id of an account.
    pub account: Option<String>,
    /// The user name, e-mail address or id of the one who did it, or the name of a token.
    pub actor: Option<String>,
    /// Only these actions; empty for all.
    pub actions: Vec<Action>,
    /// Only what these kinds of actors did; empty for all.
    pub actor_kinds: Vec<&'static str>,
    /// Only from this instant on.
    pub since: Option<PrimitiveDateTime>,
    /// Only before this instant.
    pub until: Option<PrimitiveDateTime>,
}

/// Finds out what is meant. [`AppError::NotFound`] when [`Wanted::account`] names none.
pub async fn understand(app: &App, caller: &Caller, wanted: Wanted) -> Result<Filter, AppError> {
    caller.may(Act::ReadAudit, None)?;
    app.store
        .read(move |connection| {
            use store::audit::search;
            let mut filter = Filter {
                actions: wanted.actions,
                actor_kinds: wanted.actor_kinds,
                since: wanted.since,
                until: wanted.until,
                ..Filter::default()
            };
            if !wanted.text.is_empty() {
                filter.any_of = search::meaning(connection, &wanted.text)?;
            }
            if let Some(account) = wanted.account {
                let found = search::account(connection, &account)?;
                filter.account = Some(found.ok_or(AppError::NotFound)?);
            }
            if let Some(actor) = wanted.actor {
                let member = search::staff_member(connection, &actor)?;
                filter.actor = Some(match member {
                    Some(id) => Key::Actor("staff", id),
                    None => Key::ActorName(actor),
                });
            }
            Ok(filter)
        })
        .await
}

/// At most `limit` events before `before`, latest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    before: Option<EventId>,
    limit: usize,
) -> Result<Vec<Found>, AppError> {
    caller.may(Act::ReadAudit, None)?;
    let (filter, limit) = (filter.clone(), i64::try_from(limit).unwrap_or(i64::MAX));
    Ok(app
        .store
        .read(move |connection| store::audit::search::search(connection, &filter, before, limit))
        .await?)
}

/// Notes that somebody takes events out as a file; `filter` says which, in the words of the address.
pub async fn note_export(app: &App, caller: &Caller, format: &str, filter: &str) -> Result<(), AppError> {
    caller.may(Act::ReadAudit, None)?;
    let mut changes = vec![Change::new("format", format)];
    if !filter.is_empty() {
        changes.push(Change::new("filter", filter));
    }
    let target = Party::new("installation", "", "audit");
    let event = caller.event(app.now(), Action::AuditExported, None, target, changes);
    Ok(app
        .store
        .write(move |connection| store::audit::insert(connection, &event))
        .await?)
}
