//! What the holder of an account chooses about it.

use super::{App, AppError, Caller};
use crate::{
    clock::TimeZone,
    domain::{
        account::Account,
        audit::{Action, Change, Party},
        permission::Act,
    },
    store,
};

/// Shows an account's times, and ends its days, in another zone; false when it was this one already.
pub async fn set_time_zone(
    app: &App,
    caller: &Caller,
    account: &Account,
    time_zone: &TimeZone,
) -> Result<bool, AppError> {
    caller.may(Act::ChangePreferences, Some(account.id))?;
    let Some(change) = Change::between("time_zone", &account.time_zone, time_zone.name()) else {
        return Ok(false);
    };
    let target = Party::new("account", &account.public_id, &account.username);
    let event = caller.event(
        app.now(),
        Action::PreferencesChanged,
        Some(account.id),
        target,
        vec![change],
    );
    let (id, name) = (account.id, time_zone.name().to_owned());
    app.store
        .write(move |connection| {
            store::accounts::put_time_zone(connection, id, &name)?;
            store::audit::insert(connection, &event)?;
            Ok(true)
        })
        .await
}
