//! Rows of `outbox`: the mail that is still to be sent, and for a while what became of it.

pub mod queue;

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    dialect::on_backend,
    schema::{accounts, logins, outbox, staff},
};
use crate::{
    clock::Clock,
    domain::{
        account::EmailAddress,
        audit::{Action, NewEvent, Party},
        id::{AccountId, EventId, PUBLIC_ID_LENGTH},
        mail::{Message, NewMail, To, told_of},
    },
};

/// Puts a mail into the outbox, in the transaction of what it tells about; false when the same was told before.
pub fn insert(
    connection: &mut DbConnection,
    public_id: &str,
    mail: &NewMail,
    now: PrimitiveDateTime,
) -> Result<bool, StoreError> {
    let message = serde_json::to_string(&mail.message).expect("a message of texts and numbers is JSON");
    let values = (
        outbox::public_id.eq(public_id),
        outbox::account_id.eq(mail.account.map(|id| id.0)),
        outbox::recipient.eq(mail.recipient.to_string()),
        outbox::message.eq(message),
        outbox::once_key.eq(mail.once_key.as_deref()),
        outbox::created_at.eq(now),
        outbox::due_at.eq(now),
        outbox::stale_at.eq(mail.stale_at),
    );
    let rows = on_backend!(connection, inner => diesel::insert_into(outbox::table)
        .values(values)
        .on_conflict(outbox::once_key)
        .do_nothing()
        .execute(inner))?;
    Ok(rows == 1)
}

/// Puts the mails that the events of a transaction cause into the outbox, in that transaction.
///
/// What one person did to one account, in one way, is one mail: nobody gets nine for nine revoked tokens.
pub(super) fn tell(
    connection: &mut DbConnection,
    clock: &Clock,
    written: &[(EventId, NewEvent)],
) -> Result<(), StoreError> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for (id, event) in written {
        for to in told_of(event) {
            match told.iter_mut().find(|told| told.to == *to && told.is_alike(event)) {
                Some(told) => told.events.push(*id),
                None => told.push(Told {
                    to: *to,
                    first: event,
                    events: vec![*id],
                }),
            }
        }
    }
    for told in told {
        let Some(recipient) = told.address(connection)? else {
            continue;
        };
        let mail = NewMail {
            account: told.first.account,
            recipient,
            message: Message::about(&told.events),
            once_key: None,
            stale_at: None,
        };
        insert(connection, &clock.random_base62(PUBLIC_ID_LENGTH), &mail, told.first.at)?;
    }
    Ok(())
}

/// Events of which somebody is told at once.
struct Told<'a> {
    to: To,
    first: &'a NewEvent,
    events: Vec<EventId>,
}

impl Told<'_> {
    fn is_alike(&self, event: &NewEvent) -> bool {
        fn key(event: &NewEvent) -> (Option<AccountId>, Action, &Party, Option<&String>, bool) {
            let about_staff = event.target.kind == "staff";
            (
                event.account,
                event.action,
                &event.actor,
                event.reason.as_ref(),
                about_staff,
            )
        }
        key(self.first) == key(event) && (self.first.account.is_some() || self.first.target == event.target)
    }

    fn address(&self, connection: &mut DbConnection) -> Result<Option<EmailAddress>, StoreError> {
        match self.to {
            To::Owner => owner_address(connection, self.first),
            To::AddressBefore => {
                let mut changes = self.first.changes.iter();
                let email = changes.find(|change| change.field == "email");
                Ok(email.and_then(|change| change.before.as_ref()?.parse().ok()))
            }
        }
    }
}

/// The address of whom an event concerns; of accounts that are being removed too.
fn owner_address(connection: &mut DbConnection, event: &NewEvent) -> Result<Option<EmailAddress>, StoreError> {
    let of_staff = |party: &Party| party.kind == "staff" && !party.id.is_empty();
    let email: Option<String> = if let Some(account) = event.account {
        accounts::table
            .inner_join(logins::table)
            .filter(accounts::id.eq(account.0))
            .select(logins::email)
            .get_result(connection)
            .optional()?
    } else if let Some(member) = [&event.target, &event.actor].into_iter().find(|party| of_staff(party)) {
        staff::table
            .inner_join(logins::table)
            .filter(staff::public_id.eq(&member.id))
            .select(logins::email)
            .get_result(connection)
            .optional()?
    } else {
        None
    };
    Ok(email.and_then(|email| email.parse().ok()))
}
