//! Who a login belongs to.

use super::{App, AppError};
use crate::{
    domain::{account::Account, id::LoginId, staff::StaffMember},
    store::{self, DbConnection, StoreError},
};

/// Who signed in.
#[derive(Clone, Debug)]
pub enum Person {
    /// A hosting customer.
    Customer(Box<Account>),
    /// A staff member.
    Staff(Box<StaffMember>),
}

impl Person {
    /// What they sign in with.
    pub fn username(&self) -> &str {
        match self {
            Self::Customer(account) => account.username.as_str(),
            Self::Staff(member) => member.username.as_str(),
        }
    }
}

/// Finds who a login belongs to; nobody when the account was removed or the staff member deactivated.
pub async fn find(app: &App, login: LoginId) -> Result<Option<Person>, AppError> {
    app.store.read(move |connection| Ok(holder(connection, login)?)).await
}

/// [`find`] within a transaction.
pub(super) fn holder(connection: &mut DbConnection, login: LoginId) -> Result<Option<Person>, StoreError> {
    if let Some(account) = store::accounts::find_by_login(connection, login)? {
        return Ok(Some(Person::Customer(Box::new(account))));
    }
    let member = store::staff::find_by_login(connection, login)?;
    let active = member.filter(|member| member.deactivated_at.is_none());
    Ok(active.map(|member| Person::Staff(Box::new(member))))
}
