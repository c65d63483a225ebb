//! From the text that somebody presents to the staff member's token that it is the secret of.
//!
//! The order is that of tokens of accounts: form and checksum, without the database; one look-up by public id; digests
//! compared in constant time, also when nothing has the id; then its life, its member and its addresses. Nothing is kept
//! between two requests: a token that was revoked, whose member was deactivated or given another role, is refused, or may
//! do less, with the next one.

use std::net::IpAddr;

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, verify::patiently},
    domain::{permission::Actor, secret::StaffSecret, staff::StaffMember, staff_token::StaffToken},
    store::{self, staff_tokens::KnownStaffToken},
};

/// Who calls: a staff member's token that may be used now and from there, and its member.
#[derive(Clone, Debug)]
pub struct StaffIdentity {
    /// The token.
    pub token: StaffToken,
    /// Its member, as they are now.
    pub member: StaffMember,
}

impl StaffIdentity {
    /// Its holder as somebody who asks for something.
    pub fn actor(&self) -> Actor {
        actor(&self.token, &self.member)
    }
}

/// A member's token as somebody who asks for something.
pub(super) fn actor(token: &StaffToken, member: &StaffMember) -> Actor {
    Actor::StaffToken {
        id: token.id,
        public_id: token.public_id,
        name: token.name.to_string(),
        scopes: token.scopes.clone(),
        member: member.id,
        member_public_id: member.public_id.clone(),
        member_name: member.name.clone(),
        role: member.role,
    }
}

/// Why a token whose secret is right may not be used. Its holder may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRefusal {
    /// It was ended for good, at that time.
    Revoked(PrimitiveDateTime),
    /// Its time is over since then.
    Expired(PrimitiveDateTime),
    /// Its member was deactivated.
    Deactivated,
    /// It may not be used from this address.
    AddressNotAllowed(IpAddr),
}

/// Why whoever calls is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Unrecognised {
    /// The text is the secret of no staff member's token: malformed, unknown or wrong. Which of these, nobody is told.
    #[error("no staff member's token has this secret")]
    Nobody,
    /// The secret is right, and the token may not be used.
    #[error("the staff member's token may not be used")]
    Refused(Box<StaffToken>, StaffRefusal),
    /// It could not be found out: the database or a key is out of reach. Never to be taken for a "yes".
    #[error("the staff member's token could not be checked")]
    Unchecked(#[source] AppError),
}

/// Finds the staff member's token that `presented` is the secret of, and notes the use. `presented` is the secret alone,
/// `from` the address that the call came from.
pub async fn verify(app: &App, presented: &str, from: IpAddr) -> Result<StaffIdentity, Unrecognised> {
    let secret = StaffSecret::parse(presented).map_err(|_| Unrecognised::Nobody)?;
    let known = look_up(app, &secret).await.map_err(Unrecognised::Unchecked)?;
    let KnownStaffToken { token, member, .. } = known.ok_or(Unrecognised::Nobody)?;
    let now = app.now();
    if let Some(refusal) = refusal(&token, &member, from, now) {
        if let Some(others) = app.usage.strangers.take(now) {
            tracing::warn!(token = %token.public_id, %from, ?refusal, others, "a staff member's token was refused");
        }
        return Err(Unrecognised::Refused(Box::new(token), refusal));
    }
    app.staff_tokens.note(token.id, token.last_use, from, now);
    Ok(StaffIdentity { token, member })
}

fn refusal(token: &StaffToken, member: &StaffMember, from: IpAddr, now: PrimitiveDateTime) -> Option<StaffRefusal> {
    if let Some(at) = token.revoked_at {
        Some(StaffRefusal::Revoked(at))
    } else if member.deactivated_at.is_some() {
        Some(StaffRefusal::Deactivated)
    } else if token.is_expired(now) {
        Some(StaffRefusal::Expired(token.expires_at))
    } else if !token.addresses.contains(from) {
        Some(StaffRefusal::AddressNotAllowed(from))
    } else {
        None
    }
}

/// The token that has exactly this secret, whatever has become of it.
pub(super) async fn look_up(app: &App, secret: &StaffSecret) -> Result<Option<KnownStaffToken>, AppError> {
    let id = secret.public_id();
    let reading = app
        .store
        .read(move |connection| store::staff_tokens::find_for_verification(connection, &id));
    let known = patiently(reading).await?;
    let same = app.is_secret_of(known.as_ref().map(|known| (known.digest, &known.key)), secret)?;
    Ok(known.filter(|_| same))
}
