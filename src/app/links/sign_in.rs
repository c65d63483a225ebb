//! Links that sign a browser in.

use time::{PrimitiveDateTime, macros::datetime};

use super::{Draft, Opened, link};
use crate::{
    app::{App, AppError, Caller, Rule, people, sign_in::Admitted},
    domain::{
        audit::{Action, Change, Party},
        id::LoginId,
        link::{Link, Purpose},
    },
    store::{self, DbConnection, StoreError},
};

/// When the password was given in a session that was begun without one.
const NEVER: PrimitiveDateTime = datetime!(1970-01-01 00:00);

/// Makes the link, in the transaction that notes who made it. `session` is the public id that the session will have.
pub(in crate::app) fn sign_in_in(
    connection: &mut DbConnection,
    draft: &Draft,
    login: LoginId,
    session: &str,
) -> Result<Link, StoreError> {
    let link = link(draft, Purpose::SignIn, login, session);
    store::links::insert(connection, &link, draft.now)?;
    Ok(link)
}

/// Uses a link to sign in. Opened by two at once, it signs in one of them: [`Rule::LinkOver`] for the other.
pub async fn sign_in(app: &App, caller: &Caller, opened: &Opened) -> Result<Admitted, AppError> {
    if opened.purpose() != Purpose::SignIn {
        return Err(Rule::LinkOver.into());
    }
    let (at, caller, link) = (app.now(), caller.clone(), opened.link.clone());
    app.store
        .write(move |connection| {
            if !store::links::take(connection, &link, at)? {
                return Err(Rule::LinkOver.into());
            }
            let person = people::holder(connection, link.login)?.ok_or(Rule::LinkOver)?;
            let login = store::logins::find(connection, link.login)?.ok_or(Rule::LinkOver)?;
            let caller = Caller {
                actor: person.actor(),
                ..caller
            };
            let target = Party::new("session", &link.detail, "");
            let changes = vec![Change::new("by", "link")];
            let event = caller.event(at, Action::SignedIn, person.account(), target, changes);
            store::audit::insert(connection, &event)?;
            Ok(Admitted {
                person,
                login: link.login,
                session: link.detail,
                device: String::new(),
                at: NEVER,
                password_set_at: login.password_changed_at,
            })
        })
        .await
}
