//! Ending tokens of staff members that were found where they should not be.

use time::PrimitiveDateTime;

use super::{revoke_once, verify::look_up};
use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::Action,
        id::{StaffId, StaffTokenId},
        secret::{PublicId, StaffSecret},
        text::Reason,
    },
    store::{self, DbConnection},
};

/// A token that a found secret lets in, or would if it had not expired and its member were not deactivated.
pub(in crate::app) struct Working {
    member: StaffId,
    id: StaffTokenId,
    public_id: PublicId,
    place: Option<Reason>,
}

/// Finds the token that `secret` is of. One that cannot be compared, because the key of its digest is gone, lets nobody in.
pub(in crate::app) async fn find(
    app: &App,
    secret: &StaffSecret,
    place: Option<Reason>,
) -> Result<Option<Working>, AppError> {
    let known = match look_up(app, secret).await {
        Err(AppError::Key(_)) => None,
        looked => looked?,
    };
    Ok(known.map(|known| Working {
        member: known.token.member,
        id: known.token.id,
        public_id: known.token.public_id,
        place,
    }))
}

/// Ends them; what was ended by somebody else meanwhile is over all the same. Every node takes the rows in one order, so
/// that no two reports wait for each other.
pub(in crate::app) fn end(
    connection: &mut DbConnection,
    caller: &Caller,
    mut working: Vec<Working>,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    working.sort_by_key(|working| (working.member, working.id));
    for Working {
        member,
        public_id,
        place,
        ..
    } in working
    {
        // What the token is making at this moment is made before its end, or not at all.
        store::staff_tokens::hold_member(connection, member)?;
        if let Some(token) = store::staff_tokens::find(connection, member, &public_id)? {
            revoke_once(
                connection,
                &caller.found_at(place),
                &token,
                Action::StaffTokenLeaked,
                now,
            )?;
        }
    }
    Ok(())
}
