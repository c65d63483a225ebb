//! Who asks, from where, and how the audit names them.

use std::net::IpAddr;

use time::PrimitiveDateTime;

use super::{AppError, PASSWORD_FRESH, Rule};
use crate::domain::{
    audit::{Action, Change, NewEvent, Party, SHELL_REQUEST, SYSTEM_REQUEST},
    id::AccountId,
    permission::{Act, Actor, Denied, may},
    text::Reason,
};

/// Who asks for something to be done, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// From which address; absent on the command line.
    pub address: Option<IpAddr>,
    /// With which browser, as it names itself, shortened.
    pub browser: Option<String>,
    /// The request; names it in the log and in the audit.
    pub request_id: String,
    /// When the actor last gave the password.
    pub password_at: Option<PrimitiveDateTime>,
    /// Why, where a reason is asked for: staff give one for whatever they do to a customer's account or tokens.
    pub reason: Option<Reason>,
}

impl Caller {
    /// The one at the server's command line.
    pub fn shell() -> Self {
        Self::without_request(Actor::Shell, SHELL_REQUEST)
    }

    /// The program itself.
    pub fn system() -> Self {
        Self::without_request(Actor::System, SYSTEM_REQUEST)
    }

    /// Somebody who found tokens.
    pub fn finder(address: IpAddr, browser: Option<String>, request_id: String) -> Self {
        Self {
            address: Some(address),
            browser,
            ..Self::without_request(Actor::Finder, &request_id)
        }
    }

    fn without_request(actor: Actor, request_id: &str) -> Self {
        Self {
            actor,
            address: None,
            browser: None,
            request_id: request_id.to_owned(),
            password_at: None,
            reason: None,
        }
    }

    /// The same caller, who does something for a reason: it stands in every event.
    #[must_use]
    pub fn because(&self, reason: Reason) -> Self {
        Self {
            reason: Some(reason),
            ..self.clone()
        }
    }

    /// The same caller, who found something there.
    pub(super) fn found_at(&self, place: Option<Reason>) -> Self {
        Self {
            reason: place,
            ..self.clone()
        }
    }

    /// Errors unless the actor may do `act` to what belongs to `owner`. Somebody else's is answered as not found, and
    /// staff who give no reason where one is asked for (rule 9) as [`Rule::ReasonNeeded`].
    pub fn may(&self, act: Act, owner: Option<AccountId>) -> Result<(), AppError> {
        match may(&self.actor, act, owner) {
            Err(Denied::NotYours) => Err(AppError::NotFound),
            Err(denied) => Err(denied.into()),
            Ok(()) if act.needs_reason(&self.actor) && self.reason.is_none() => Err(Rule::ReasonNeeded.into()),
            Ok(()) => Ok(()),
        }
    }

    /// Whether the password was given recently enough to widen something. A token has none: what it may not widen is for
    /// its bounds to say (rule 7).
    pub fn has_fresh_password(&self, now: PrimitiveDateTime) -> bool {
        matches!(
            self.actor,
            Actor::Shell | Actor::System | Actor::Token { .. } | Actor::StaffToken { .. }
        ) || self.password_at.is_some_and(|at| now - at <= PASSWORD_FRESH)
    }

    /// Errors unless the password was given recently enough to widen something (rule 6).
    pub fn needs_fresh_password(&self, now: PrimitiveDateTime) -> Result<(), AppError> {
        if self.has_fresh_password(now) {
            Ok(())
        } else {
            Err(AppError::PasswordNeeded)
        }
    }

    /// How the audit names the actor.
    pub fn party(&self) -> Party {
        match &self.actor {
            Actor::Account {
                public_id, username, ..
            } => Party::new("account", public_id, username),
            Actor::Staff { public_id, name, .. } => Party::new("staff", public_id, name),
            Actor::Token { public_id, name, .. } => Party::new("token", public_id, name),
            Actor::StaffToken {
                public_id,
                name,
                member_public_id,
                member_name,
                ..
            } => Party::new(
                "staff",
                member_public_id,
                format!("{member_name} (token {name}, {public_id})"),
            ),
            Actor::Finder => Party::new("finder", "", "somebody who found it"),
            Actor::Shell => Party::new("shell", "", "command line"),
            Actor::System => Party::new("system", "", "Latchkey"),
        }
    }

    /// Who asks, a staff member's token apart from its member: whose acts a key can name.
    pub(super) fn token_party(&self) -> Party {
        match &self.actor {
            Actor::StaffToken { public_id, name, .. } => Party::new("staff-token", public_id, name),
            _ => self.party(),
        }
    }

    /// An event that this caller causes.
    pub fn event(
        &self,
        at: PrimitiveDateTime,
        action: Action,
        account: Option<AccountId>,
        target: Party,
        changes: Vec<Change>,
    ) -> NewEvent {
        NewEvent {
            at,
            account,
            actor: self.party(),
            action,
            target,
            changes,
            reason: self.reason.as_ref().map(ToString::to_string),
            address: self.address.map(|address| address.to_string()),
            browser: self.browser.clone(),
            request_id: self.request_id.clone(),
        }
    }
}
