//! Who a login belongs to.

use super::{App, AppError, Caller};
use crate::{
    domain::{
        account::{Account, EmailAddress, Username},
        audit::Party,
        id::{AccountId, LoginId},
        permission::{Act, Actor},
        staff::StaffMember,
    },
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

    /// Their login.
    pub fn login(&self) -> LoginId {
        match self {
            Self::Customer(account) => account.login,
            Self::Staff(member) => member.login,
        }
    }

    /// Where they get mail.
    pub fn email(&self) -> &EmailAddress {
        match self {
            Self::Customer(account) => &account.email,
            Self::Staff(member) => &member.email,
        }
    }

    /// The account that events about their login belong to; none for staff members.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Customer(account) => Some(account.id),
            Self::Staff(_) => None,
        }
    }

    /// How the audit names them.
    pub fn party(&self) -> Party {
        match self {
            Self::Customer(account) => Party::new("account", &account.public_id, &account.username),
            Self::Staff(member) => Party::new("staff", &member.public_id, &member.name),
        }
    }

    /// What they are when they do something themselves.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Customer(account) => Actor::from(account.as_ref()),
            Self::Staff(member) => Actor::from(member.as_ref()),
        }
    }
}

/// Finds who a login belongs to; nobody when the account was removed or the staff member deactivated.
pub async fn find(app: &App, login: LoginId) -> Result<Option<Person>, AppError> {
    app.store.read(move |connection| Ok(holder(connection, login)?)).await
}

/// Finds who signs in with a user name, for whoever may run the program on the server.
pub async fn find_by_username(app: &App, caller: &Caller, username: &Username) -> Result<Option<Person>, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    caller.may(Act::ManageStaff, None)?;
    let username = username.clone();
    app.store
        .read(
            move |connection| match store::logins::find_by_name(connection, username.as_str())? {
                Some(login) => Ok(holder(connection, login.id)?),
                None => Ok(None),
            },
        )
        .await
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
