//! Rule 7 for tokens of staff members: one can never make, or become, something that can do more than itself.

use time::PrimitiveDateTime;

use crate::{
    app::{AppError, Caller, Rule},
    domain::{
        id::StaffId,
        permission::{Act, Actor, may},
        secret::PublicId,
        staff_token::{Beyond, StaffDraft},
    },
    store::{self, DbConnection},
};

/// What the caller may make of staff tokens: everything that the rules allow, or, where a token asks, no more than that
/// token.
pub(super) struct Bounds {
    token: Option<(StaffId, PublicId)>,
}

impl Bounds {
    /// The bounds of a caller.
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            token: match &caller.actor {
                Actor::StaffToken { member, public_id, .. } => Some((*member, *public_id)),
                _ => None,
            },
        }
    }

    /// Errors with [`Rule::BeyondStaffToken`] unless the caller's token can do all that `wanted` can, from every address
    /// and for as long. The token and its member are read in the transaction of the change, so that one which was
    /// narrowed or ended a moment ago bounds as it is now.
    pub(super) fn hold(
        &self,
        connection: &mut DbConnection,
        wanted: &StaffDraft,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let Some((member, id)) = self.token else {
            return Ok(());
        };
        let own = store::staff_tokens::find(connection, member, &id)?.ok_or(AppError::NotFound)?;
        let member = store::staff::find(connection, member)?.ok_or(AppError::NotFound)?;
        if own.revoked_at.is_some() || own.is_expired(now) || member.deactivated_at.is_some() {
            return Err(AppError::NotFound);
        }
        let itself = super::verify::actor(&own, &member);
        may(&itself, Act::ManageStaffTokens, None)?;
        match Beyond::of(&StaffDraft::from(&own), wanted) {
            None => Ok(()),
            Some(beyond) => Err(Rule::BeyondStaffToken(beyond).into()),
        }
    }
}
