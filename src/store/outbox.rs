//! Rows of `outbox`: the mail that is still to be sent, and for a while what became of it.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{DbConnection, StoreError, dialect::on_backend, schema::outbox};
use crate::domain::mail::NewMail;

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
