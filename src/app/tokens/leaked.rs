//! Ending a token that was found where it should not be.

use super::{one::change, revoke::end};
use crate::{
    app::{App, AppError, Caller},
    domain::{audit::Action, id::AccountId, permission::Act, secret::PublicId},
};

/// Ends a token because somebody else has it. The event says so, and so does the mail to the owner.
///
/// Errors with [`Rule::Revoked`](crate::app::Rule::Revoked) when it is over already.
pub async fn report(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<(), AppError> {
    change(
        app,
        caller,
        Act::StopTokens,
        (account, id),
        |connection, caller, token, now| end(connection, caller, token, Action::TokenLeaked, now),
    )
    .await
}
