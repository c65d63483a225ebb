//! What the holder of an account chooses about it.

use super::{App, AppError, Caller};
use crate::{
    clock::TimeZone,
    domain::{
        account::Account,
        audit::{Action, Change, Party},
        mail::Kind,
        permission::Act,
    },
    store,
};

/// What the holder of an account chose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The zone in which times are shown and days end.
    pub time_zone: TimeZone,
    /// The mail that is not wanted; none where nobody was asked, because mail is off.
    pub unwanted: Option<Vec<Kind>>,
}

/// The mail that an account does not get.
pub async fn unwanted_mail(app: &App, caller: &Caller, account: &Account) -> Result<Vec<Kind>, AppError> {
    caller.may(Act::View, Some(account.id))?;
    let id = account.id;
    app.store
        .read(move |connection| Ok(store::accounts::mail::list_unwanted(connection, id)?))
        .await
}

/// Stores what somebody chose; false when it was so already.
pub async fn save(app: &App, caller: &Caller, account: &Account, choice: Choice) -> Result<bool, AppError> {
    caller.may(Act::ChangePreferences, Some(account.id))?;
    let (now, caller, account) = (app.now(), caller.clone(), account.clone());
    app.store
        .write(move |connection| {
            let before = store::accounts::mail::list_unwanted(connection, account.id)?;
            let unwanted = choice.unwanted.unwrap_or_else(|| before.clone());
            let changes: Vec<Change> = [
                Change::between("time_zone", &account.time_zone, choice.time_zone.name()),
                Change::between("mail", in_codes(&before), in_codes(&unwanted)),
            ]
            .into_iter()
            .flatten()
            .collect();
            if changes.is_empty() {
                return Ok(false);
            }
            store::accounts::put_time_zone(connection, account.id, choice.time_zone.name())?;
            store::accounts::mail::put_unwanted(connection, account.id, &unwanted)?;
            let target = Party::new("account", &account.public_id, &account.username);
            let event = caller.event(now, Action::PreferencesChanged, Some(account.id), target, changes);
            store::audit::insert(connection, &event)?;
            Ok(true)
        })
        .await
}

/// The kinds that are wanted, as the audit keeps them.
fn in_codes(unwanted: &[Kind]) -> String {
    let wanted = Kind::ALL.into_iter().filter(|kind| !unwanted.contains(kind));
    let codes: Vec<&str> = wanted.map(Kind::code).collect();
    codes.join(" ")
}
