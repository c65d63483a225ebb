//! Who looks at an account's tokens: its holder, or staff. The pages that only show something serve both; what differs
//! is how they are addressed, how people are named, and what is offered.

use crate::{
    clock::TimeZone,
    domain::account::Account,
    web::{
        guard::{Customer, SignedIn, Staff},
        layout::Layout,
        words::Reader,
    },
};

/// Somebody who looks at the tokens of an account. Times stand in the account's zone for both.
pub(in crate::web::pages) struct Viewer<'a> {
    pub(in crate::web::pages) account: &'a Account,
    pub(in crate::web::pages) zone: TimeZone,
    pub(in crate::web::pages) reader: Reader,
    signed_in: &'a SignedIn,
}

impl std::ops::Deref for Viewer<'_> {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        self.signed_in
    }
}

impl<'a> From<&'a Customer> for Viewer<'a> {
    fn from(customer: &'a Customer) -> Self {
        Self {
            account: &customer.account,
            zone: customer.zone.clone(),
            reader: Reader::Holder,
            signed_in: customer,
        }
    }
}

impl<'a> Viewer<'a> {
    /// A staff member who looks at this account.
    pub(in crate::web::pages) fn of_staff(staff: &'a Staff, account: &'a Account) -> Self {
        Self {
            account,
            zone: staff.visit.app.zone(account),
            reader: Reader::Staff,
            signed_in: staff,
        }
    }

    /// Whether it is a staff member.
    pub(in crate::web::pages) fn is_staff(&self) -> bool {
        self.reader == Reader::Staff
    }

    /// Address of the list; a token's page is below it.
    pub(in crate::web::pages) fn list(&self) -> String {
        match self.reader {
            Reader::Holder => "/tokens".to_owned(),
            Reader::Staff => format!("/staff/accounts/{}/tokens", self.account.public_id),
        }
    }

    /// What the list is called where a page leads back to it.
    pub(in crate::web::pages) fn list_name(&self) -> String {
        match self.reader {
            Reader::Holder => "API tokens".to_owned(),
            Reader::Staff => format!("Tokens of {}", self.account.username),
        }
    }

    /// The layout of a page with this title.
    pub(in crate::web::pages) fn layout(&self, title: &str) -> Layout {
        let current = if self.is_staff() { "accounts" } else { "tokens" };
        self.signed_in.layout(title, current)
    }
}
