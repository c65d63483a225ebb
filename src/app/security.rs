//! What people do about their own sign-ins: change the password, see where they are signed in, sign out.

use super::{App, AppError, Caller, sign_in::account_of};
use crate::{
    domain::{
        audit::{Action, Party},
        id::LoginId,
    },
    store,
};

/// Ends the session that asks.
pub async fn sign_out(app: &App, caller: &Caller, login: LoginId, session: &str) -> Result<(), AppError> {
    let target = Party::new("session", session, "");
    let event = caller.event(app.now(), Action::SignedOut, account_of(caller), target, Vec::new());
    let session = session.to_owned();
    app.store
        .write(move |connection| {
            if store::sessions::delete_one(connection, login, &session)? {
                store::audit::insert(connection, &event)?;
            }
            Ok(())
        })
        .await
}
